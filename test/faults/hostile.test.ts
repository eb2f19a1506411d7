import { expect, test } from "vitest";
import { EVENTS } from "./cell.ts";
import { hostileCells, hostileProblems } from "./hostile-cell.ts";
import { HOSTILE } from "./hostile-values.ts";
import { watchNode } from "./watch-node.ts";

watchNode();

/** One in eighty of all, with something of each; `npm run soak` tries the others. */
const STRIDE = 4;

test(`${HOSTILE.length} hostile throws and returns leave every later run alive, with all its ends`, async () => {
  const once = hostileCells().slice(0, HOSTILE.length * EVENTS.length);
  const cells = once.filter((_cell, place) => place % STRIDE === 0);
  const problems: string[] = [];
  while (cells.length > 0) problems.push(...(await Promise.all(cells.splice(0, 50).map(hostileProblems))).flat());
  expect(problems).toEqual([]);
});
