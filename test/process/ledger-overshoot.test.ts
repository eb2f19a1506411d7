import { describe, expect, test } from "vitest";
import { howMany } from "../support/sample.ts";
import { inTime } from "./harness.ts";
import type { Judged } from "./judged.ts";
import { MAX_TOKENS, PRICES, runJudged } from "./judged.ts";

/** So much is one request at least, and a few are what most limits here let through. */
const ONE_REPLY_USD = (MAX_TOKENS * PRICES.output) / 1e6;

/** What is wrong with a run under a dollar limit. */
function faultsOf({ judge, result, proc }: Judged, usd: number): string[] {
  const sum = result.processes.reduce((total, { usdCost }) => total + usdCost, 0);
  const most = result.usdCost + result.usdUncertain;
  const facts = {
    "billed no more than the limit": judge.billedUsd <= usd + 1e-9,
    "counted no more than the limit": most <= usd + 1e-9,
    "counted no less than was billed": most >= judge.billedUsd - 1e-9,
    "the processes' sum is the total": Math.abs(sum - result.usdCost) < 1e-9,
    "the tree's total is the run's": Math.abs(proc.usage.usdCost - result.usdCost) < 1e-9,
    "nothing stays set aside": proc.limits.usd?.reserved === 0,
    "spent is what was counted": Math.abs((proc.limits.usd?.spent ?? -1) - most) < 1e-9,
    "no request came to more than its bound": result.flags.every(({ reason }) => reason !== "over_bound"),
  };
  return Object.entries(facts).flatMap(([fact, holds]) => (holds ? [] : [`${fact}: not so`]));
}

describe.each([1, 8, 20, 50])("with %i forks at once", (forks) => {
  test("no dollar limit is passed over many seeds, whatever fails, and the figures are the judge's", async () => {
    const faults: string[] = [];
    const ends = new Map<string, number>();
    const seeds = howMany(forks === 1 ? 30 : 12, 100);
    for (let seed = 1; seed <= seeds; seed++) {
      const random = Math.abs(Math.sin(seed * 7919 + forks));
      const usd = ONE_REPLY_USD * (1 + random ** 2 * 16 * forks);
      const hour = seed % 3 === 0 ? { cache_control: { type: "ephemeral", ttl: "1h" } } : {};
      const judged = await inTime(runJudged({ seed, forks, limits: { usd }, parameters: hour }), 60_000);
      faults.push(...faultsOf(judged, usd).map((fault) => `seed ${seed}: ${fault}`));
      const end = judged.error?.stopReason ?? "end";
      ends.set(end, (ends.get(end) ?? 0) + 1);
    }
    expect(faults).toEqual([]);
    // Both happened: limits that held runs back, and runs that came to their own end.
    expect(ends.get("cost_limit") ?? 0).toBeGreaterThan(seeds / 10);
    expect(ends.get("end") ?? 0).toBeGreaterThan(0);
  });
});

test("a run that is aborted or stopped anywhere leaves nothing set aside, and counts what it may have cost", async () => {
  const faults: string[] = [];
  const ends = new Set<string>();
  for (let seed = 1; seed <= howMany(12, 60); seed++) {
    const usd = ONE_REPLY_USD * 30;
    const endAt = { requests: 1 + (seed % 23), how: seed % 2 === 0 ? "abort" : "stop" } as const;
    const judged = await inTime(runJudged({ seed, forks: 8, limits: { usd }, endAt }));
    faults.push(...faultsOf(judged, usd).map((fault) => `seed ${seed}: ${fault}`));
    ends.add(judged.error?.stopReason ?? String(judged.result.stopReason));
  }
  expect(faults).toEqual([]);
  expect([...ends]).toEqual(expect.arrayContaining(["aborted", "stopped"]));
});

test("without faults, what the tree says it cost is what the judge has billed", async () => {
  for (let seed = 1; seed <= howMany(5, 20); seed++) {
    const { judge, result, proc } = await runJudged({ seed, forks: 8, faults: 0, limits: { usd: 1000 } });
    expect(result.usdCost).toBeCloseTo(judge.toldUsd, 9);
    expect(result.usdUncertain).toBe(0);
    expect(proc.usage.usdCost).toBeCloseTo(judge.toldUsd, 9);
    expect(result.totalTokens).toBe(judge.tokens);
    expect(proc.limits.usd?.spent).toBeCloseTo(judge.toldUsd, 9);
  }
});

test("no token limit is passed, either", async () => {
  let reached = 0;
  const seeds = howMany(12, 60);
  for (let seed = 1; seed <= seeds; seed++) {
    const tokens = 5000 + Math.floor(Math.abs(Math.sin(seed)) * 100_000);
    const { judge, error } = await runJudged({ seed, forks: 10, limits: { tokens } });
    expect(judge.tokens).toBeLessThanOrEqual(tokens);
    if (error?.stopReason === "token_limit") reached++;
  }
  expect(reached).toBeGreaterThan(seeds / 12);
});
