import { hostileCells, hostileProblems } from "../test/faults/hostile-cell.ts";
import type { Part } from "./part.ts";

const AT_ONCE = 50;

/** Hostile throws and returns in events, forms and roles: all of them, unless the turns are fewer. The seed has no say. */
export const hostile: Part = {
  name: "hostile",
  async run({ turns, report, only }) {
    const all = hostileCells();
    const cells = only === undefined ? all.slice(0, turns) : all.slice(only, only + 1);
    const problems: string[] = [];
    for (let first = 0; first < cells.length; first += AT_ONCE) {
      const found = await Promise.all(cells.slice(first, first + AT_ONCE).map(hostileProblems));
      problems.push(...found.flatMap((of, place) => of.map((problem) => `${problem} (--only ${first + place})`)));
    }
    report(`${cells.length} handlers`);
    return problems;
  },
};
