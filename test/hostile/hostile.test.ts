import { expect, test } from "vitest";
import { DEEDS } from "./deeds.ts";
import { playHostile } from "./scenario.ts";
import { VOICES } from "./voices.ts";

/* Each deed once in each format; that several of them meet, by 200 seeds, is for the soak. */
for (const [number, voice] of VOICES.entries()) {
  test(`whatever a server of ${voice.name} does, a run ends within its limits, and the next one goes on`, {
    timeout: 120_000,
  }, async () => {
    const waiting = DEEDS.entries();
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
