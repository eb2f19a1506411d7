import { expect, test } from "vitest";
import { measured } from "./measured.ts";

interface Pieces {
  readonly calls: number;
  readonly nothingLost: boolean;
  readonly inOrder: boolean;
  readonly settled: readonly string[];
  readonly heapMegabytes: number;
}

test("100,000 pieces of text at once to a handler that takes 100 ms come joined, in order and whole, in little memory", async () => {
  const runs = await measured<Pieces[]>(new URL("./pieces.ts", import.meta.url));
  expect(runs).toHaveLength(2);
  for (const { calls, heapMegabytes, ...facts } of runs) {
    // The other process, whose handler is the same, is not held up.
    expect(facts).toMatchObject({ nothingLost: true, inOrder: true, settled: ["other", "fast"] });
    expect(calls).toBeLessThan(20);
    expect(heapMegabytes).toBeLessThan(40);
  }
});

interface FullQueue {
  readonly heard: number;
  readonly missed: number;
  readonly heapMegabytes: number;
}

test("a run waits for a handler that is 1,024 events behind: 100 MB of replies never wait in memory", async () => {
  const { heard, missed, heapMegabytes } = await measured<FullQueue>(new URL("./full-queue.ts", import.meta.url));
  expect(heard).toBe(35_001);
  expect(missed).toBe(0);
  // Without the bound it is over 110.
  expect(heapMegabytes).toBeLessThan(20);
});
