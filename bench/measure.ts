/** One line of the report. */
export interface Row {
  readonly what: string;
  readonly floor: string;
  readonly ours: string;
  readonly ratio: number;
  /** What else the goal speaks of. */
  readonly more?: string;
}

/** A pair of figures, taken one right after the other, so that a busy machine is as dear for both. */
export interface Pair {
  readonly floor: number;
  readonly ours: number;
}

/** Of pairs in milliseconds. */
export function pairedRow(what: string, pairs: readonly Pair[]): Row {
  const milliseconds = (key: keyof Pair) => `${median(pairs.map((pair) => pair[key])).toFixed(2)} ms`;
  const ratio = median(pairs.map((pair) => pair.ours / pair.floor));
  return { what, floor: milliseconds("floor"), ours: milliseconds("ours"), ratio };
}

export function median(list: readonly number[]): number {
  return list.toSorted((a, b) => a - b)[list.length >> 1] ?? Number.NaN;
}

/**
 * The best of several rounds, in nanoseconds for each: what disturbs a round only makes it longer. The loop is in what
 * is measured, so that each has a call site of its own.
 */
export function nanosecondsOf(loop: (times: number) => void, { rounds = 15, times = 300_000 } = {}): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    loop(times);
    best = Math.min(best, ((performance.now() - start) * 1e6) / times);
  }
  return best;
}

export async function settledNanosecondsOf(
  call: () => Promise<void>,
  { rounds = 10, calls = 50_000 } = {},
): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    for (let number = 0; number < calls; number++) await call();
    best = Math.min(best, ((performance.now() - start) * 1e6) / calls);
  }
  return best;
}
