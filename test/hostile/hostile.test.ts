import { expect, test } from "vitest";
import { isExhaustive } from "../support/sample.ts";
import { DEEDS } from "./deeds.ts";
import { playHostile } from "./scenario.ts";
import { VOICES } from "./voices.ts";

/* Each deed once; that it is done in each format, and that several of them meet, by 200 seeds, is for the soak. */
for (const [number, voice] of VOICES.entries()) {
  test(`whatever a server of ${voice.name} does, a run ends within its limits, and the next one goes on`, {
    timeout: 120_000,
  }, async () => {
    const deeds = [...DEEDS.entries()];
    const waiting = deeds.filter(([place]) => isExhaustive || place % VOICES.length === number).values();
    const problems: string[] = [];
    const play = async () => {
      for (const [place, { name }] of waiting) {
        const outcome = await playHostile({ seed: place * VOICES.length + number, voice, only: name });
        problems.push(...outcome.problems);
      }
    };
    await Promise.all([play(), play(), play()]);
    expect(problems).toEqual([]);
  });
}
