import { expect, test } from "vitest";
import { runJudged } from "./judged.ts";

test.each([1, 8, 20, 50])(
  "where replies use a tenth of max_tokens, %i forks can use nine tenths of the limit",
  async (forks) => {
    for (let seed = 1; seed <= 5; seed++) {
      const usd = 1;
      const { judge, proc } = await runJudged({ seed, forks, turns: 500, outputPart: 0.1, faults: 0, limits: { usd } });
      expect(judge.billedUsd).toBeLessThanOrEqual(usd);
      expect(judge.billedUsd).toBeGreaterThanOrEqual(0.9 * usd);
      expect(proc.limits.usd?.spent).toBeCloseTo(judge.billedUsd, 9);
    }
  },
);
