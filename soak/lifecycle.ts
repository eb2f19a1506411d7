import { getEventListeners } from "node:events";
import { Chance } from "./chance.ts";
import type { Part } from "./part.ts";
import { Residue } from "./residue.ts";
import { playScenario } from "./scenario.ts";

/** Scenarios that are under way at the same time; between batches nothing is. */
const BATCH = 50;

/** Callbacks, models and tools that misbehave, aborts, stops, closes and forks, in any order. */
export const lifecycle: Part = {
  name: "lifecycle",
  async run({ turns, seed, only, report }) {
    const problems: string[] = [];
    const residue = new Residue();
    const shared = new AbortController().signal;
    const totals = new Map<string, number>();
    const play = async (number: number) => {
      const outcome = await playScenario(new Chance(`${seed} ${number}`), shared);
      problems.push(
        ...outcome.problems.map((problem) => `scenario ${number} (--seed ${seed} --only ${number}): ${problem}`),
      );
      for (const [what, count] of outcome.tally) totals.set(what, (totals.get(what) ?? 0) + count);
    };
    if (only !== undefined) {
      await play(only);
      report(shown(totals));
      return problems;
    }
    let scenarios = 0;
    await residue.sample();
    while ((totals.get("turns") ?? 0) < turns && problems.length < 20) {
      const first = scenarios;
      scenarios += BATCH;
      await Promise.all(Array.from({ length: BATCH }, (_, place) => play(first + place)));
      await residue.sample();
    }
    const listeners = getEventListeners(shared, "abort").length;
    if (listeners > 0) problems.push(`${listeners} listeners are left at a signal that all processes shared`);
    report(shown(totals));
    const { megabytes, grownMegabytes } = residue;
    report(
      `${scenarios} scenarios, ${megabytes.toFixed(1)} MB of heap in the end, grown by ${grownMegabytes.toFixed(1)}`,
    );
    return [...problems, ...residue.finish()];
  },
};

function shown(totals: ReadonlyMap<string, number>): string {
  return [...totals]
    .map(([what, count]) => `${what} ${count}`)
    .sort()
    .join(", ");
}
