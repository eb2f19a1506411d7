import { describe, expect, test } from "vitest";
import type { Cell, Situation } from "./cell.ts";
import { cellsOf, EVENTS, SITUATIONS } from "./cell.ts";
import { judge } from "./judge.ts";
import { play } from "./scene.ts";
import { watchNode } from "./watch-node.ts";

/** A cell that takes so long hangs. */
const HANG_MS = 60_000;

/** The matrix in one situation: each event with every form, role and behaviour (or each so manieth), all at once. */
export function matrix(situation: Situation, stride = 1): void {
  watchNode();
  describe(`a handler misbehaves ${SITUATIONS[situation]}`, () => {
    for (const event of EVENTS) {
      test(`${event}: every form, role and behaviour has the outcome of the table`, async () => {
        const problems = await Promise.all(
          cellsOf(situation, event)
            .filter((_cell, place) => place % stride === 0)
            .map(problemsOf),
        );
        expect(problems.flat()).toEqual([]);
      });
    }
  });
}

async function problemsOf(cell: Cell): Promise<string[]> {
  let timer: NodeJS.Timeout | undefined;
  const hangs = new Promise<string[]>((resolve) => {
    timer = setTimeout(() => resolve([`${cell.name} hangs`]), HANG_MS);
  });
  const played = play(cell).then(
    (seen) => judge(cell, seen),
    (error: unknown) => [`${cell.name} ${String(error)}`],
  );
  try {
    return await Promise.race([played, hangs]);
  } finally {
    clearTimeout(timer);
  }
}
