import { inject } from "vitest";

declare module "vitest" {
  interface ProvidedContext {
    /** Whether all is tried that there is to try, which takes its time: `npm run soak -- --part tests`. */
    readonly exhaustive: boolean;
  }
}

/** `npm test` tries a fixed sample of what is exhaustive, the soak all of it. */
export const isExhaustive: boolean = inject("exhaustive");

/** How many seeds, cuts or members there are. */
export function howMany(sampled: number, all: number): number {
  return isExhaustive ? all : sampled;
}

/** For properties: the same values in each run, in the soak more of them. */
export function runs(sampled: number, all: number): { readonly numRuns: number; readonly seed: number } {
  return { numRuns: howMany(sampled, all), seed: 20_261_128 };
}

/** So many of them, from the first to the last at equal distances. */
export function sampleOf<T>(all: readonly T[], sampled: number): readonly T[] {
  if (isExhaustive || all.length <= sampled) return all;
  const distance = (all.length - 1) / Math.max(1, sampled - 1);
  return Array.from({ length: sampled }, (_, place) => Math.round(place * distance)).flatMap((place) =>
    all.slice(place, place + 1),
  );
}
