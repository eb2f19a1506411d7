import { expect, test } from "vitest";
import { judgeFailures } from "./failing-judged.ts";
import { WAY_NAMES } from "./failing-server.ts";
import { FORMATS, mistral } from "./formats.ts";

test.each([...FORMATS, mistral])(
  "in $name, a server that fails wherever it can never bills more than the limit",
  {
    timeout: 120_000,
  },
  async (format) => {
    const faults: string[] = [];
    const ends = new Set<string>();
    const played = new Set<string>();
    for (let seed = 1; seed <= 12; seed++) {
      const judged = await judgeFailures(format, seed);
      faults.push(...judged.faults);
      ends.add(judged.stopReason);
      for (const name of judged.played.keys()) played.add(name);
    }
    expect(faults).toEqual([]);
    expect(ends).toContain("cost_limit");
    // What never happened was not tried.
    expect(WAY_NAMES.filter((name) => !played.has(name)).length).toBeLessThan(4);
  },
);
