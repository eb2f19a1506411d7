import { hostileCells, hostileProblems } from "../test/faults/hostile-cell.ts";
import type { Part } from "./part.ts";

const AT_ONCE = 50;

/** Every hostile throw and return in every event, form and role; turns and seed have no say in it. */
export const hostile: Part = {
  name: "hostile",
  async run({ report, only }) {
    const all = hostileCells();
    const cells = only === undefined ? all : all.slice(only, only + 1);
    const problems: string[] = [];
    for (let first = 0; first < cells.length; first += AT_ONCE) {
      const found = await Promise.all(cells.slice(first, first + AT_ONCE).map(hostileProblems));
      problems.push(...found.flatMap((of, place) => of.map((problem) => `${problem} (--only ${first + place})`)));
    }
    report(`${cells.length} handlers`);
    return problems;
  },
};
