import { playHostile } from "../test/hostile/scenario.ts";
import { VOICES } from "../test/hostile/voices.ts";
import type { Part } from "./part.ts";

/** A scenario makes about so many turns. */
const TURNS_A_SCENARIO = 500;

/** Runs with vendors that do whatever comes to their mind, in every format: 200 of them for 100,000 turns. */
export const vendors: Part = {
  name: "vendors",
  async run({ turns, seed, only, report }) {
    const problems: string[] = [];
    const ends = new Map<string, number>();
    const last = Math.ceil(turns / TURNS_A_SCENARIO);
    const numbers = only === undefined ? Array.from({ length: last }, (_, place) => place) : [only];
    const waiting = numbers.values();
    const play = async () => {
      for (const number of waiting) {
        const voice = VOICES[number % VOICES.length];
        if (voice === undefined) continue;
        const outcome = await playHostile({ seed: seed * 1000 + number, voice });
        ends.set(outcome.stopReason, (ends.get(outcome.stopReason) ?? 0) + 1);
        problems.push(...outcome.problems.map((problem) => `${problem} (--only ${number})`));
      }
    };
    await Promise.all([play(), play(), play()]);
    report(`${numbers.length} scenarios: ${[...ends].map(([end, count]) => `${count} ${end}`).join(", ")}`);
    return problems;
  },
};
