/** Waits for so many turns of the event loop: delays without a clock, so that a seed gives the same order again. */
export async function ticks(count: number): Promise<void> {
  for (let tick = 0; tick < count; tick++) await new Promise((resolve) => setImmediate(resolve));
}
