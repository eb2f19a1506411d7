import { judgeFailures } from "../test/process/failing-judged.ts";
import { FORMATS, mistral } from "../test/process/formats.ts";
import type { Part } from "./part.ts";

/** A tree makes some ten requests a seed: so many turns are one seed of each format. */
const TURNS_A_SEED = 500;

/** Servers that fail wherever they can, under a dollar limit: what they bill is never more. */
export const money: Part = {
  name: "money",
  async run({ turns, seed, only, report }) {
    const problems: string[] = [];
    const played = new Map<string, number>();
    const count = Math.max(1, Math.ceil(turns / TURNS_A_SEED));
    const seeds = only === undefined ? Array.from({ length: count }, (_, place) => seed + place) : [only];
    for (const format of [...FORMATS, mistral]) {
      for (const one of seeds) {
        const judged = await judgeFailures(format, one);
        problems.push(...judged.faults.map((fault) => `${fault} (--only names the seed)`));
        for (const [name, times] of judged.played) played.set(name, (played.get(name) ?? 0) + times);
      }
      report(`${format.name}: ${seeds.length} seeds`);
    }
    report([...played].map(([name, times]) => `${times} × ${name}`).join(", "));
    return problems;
  },
};
