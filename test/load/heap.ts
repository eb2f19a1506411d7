/** What is in use once everything that can go has gone, in MB. To be run with `--expose-gc`. */
export function heapMegabytes(): number {
  if (globalThis.gc === undefined) throw new Error("Run this with --expose-gc.");
  globalThis.gc();
  return process.memoryUsage().heapUsed / 1e6;
}

/** Lets finalizers and whatever else waits have their turn, and collects, until nothing more goes. */
export async function collected(): Promise<number> {
  let megabytes = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 10; round++) {
    await new Promise((resolve) => setImmediate(resolve));
    megabytes = heapMegabytes();
  }
  return megabytes;
}
