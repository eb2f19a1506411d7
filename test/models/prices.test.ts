import { expect, test } from "vitest";
import { fixedPrices, loadPrices } from "../../src/models/prices.ts";
import type { Model, TokenUsage } from "../../src/process/model.ts";

function model(name: string, provider = "anthropic"): Model {
  return { name, provider, send: () => Promise.reject(new Error("Not here.")) };
}

const NONE: TokenUsage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };

/** By hand, from https://platform.claude.com/docs/en/about-claude/pricing ("Model pricing"), in dollars a million. */
const BY_HAND: readonly (readonly [name: string, usage: Partial<TokenUsage>, usd: number])[] = [
  // Haiku 4.5: input 1, write 1.25, write for an hour 2, read 0.10, output 5.
  ["claude-haiku-4-5", { inputTokens: 1_000_000 }, 1],
  ["claude-haiku-4-5", { outputTokens: 1_000_000 }, 5],
  ["claude-haiku-4-5-20251001", { inputTokens: 10_000, outputTokens: 2_000 }, 0.01 + 0.01],
  // 4,000 plain + 6,000 read: 0.004 + 0.0006.
  ["claude-haiku-4-5", { inputTokens: 10_000, cacheReadTokens: 6_000 }, 0.0046],
  // 1,000 plain + 4,000 written for five minutes: 0.001 + 0.005.
  ["claude-haiku-4-5", { inputTokens: 5_000, cacheWriteTokens: 4_000 }, 0.006],
  // 1,000 plain + 3,000 written, 2,000 of them for an hour: 0.001 + 0.00125 + 0.004.
  ["claude-haiku-4-5", { inputTokens: 4_000, cacheWriteTokens: 3_000, cacheWrite1hTokens: 2_000 }, 0.00625],
  // Opus 4.5: input 5, write 6.25, write for an hour 10, read 0.50, output 25.
  // 2,000 plain, 50,000 read, 8,000 written for five minutes, 4,000 for an hour, 1,000 out:
  // 0.01 + 0.025 + 0.05 + 0.04 + 0.025.
  [
    "claude-opus-4-5",
    {
      inputTokens: 64_000,
      cacheReadTokens: 50_000,
      cacheWriteTokens: 12_000,
      cacheWrite1hTokens: 4_000,
      outputTokens: 1_000,
    },
    0.15,
  ],
];

test("list prices come out as computed by hand, with cache reads and writes of both kinds", async () => {
  const prices = await loadPrices();
  for (const [name, usage, usd] of BY_HAND) {
    expect(prices.usdCost(model(name), { ...NONE, ...usage })).toBeCloseTo(usd, 9);
  }
});

test("a model that is not in the list has no price, nor has one of another provider or version", async () => {
  const prices = await loadPrices();
  const usage = { ...NONE, inputTokens: 1000 };
  for (const name of ["claude-nonsense", "", "claude-haiku-4-5-1", "claude-haiku-4-5.2"]) {
    expect(prices.usdCost(model(name), usage)).toBeUndefined();
  }
  expect(prices.usdCost(model("claude-haiku-4-5", "scripted"), usage)).toBeUndefined();
  expect(prices.usdCost(model("claude-haiku-4-5", "openai"), usage)).toBeUndefined();
});

test("counts that cannot be have no price: not zero, and not a wrong one", async () => {
  const fixed = fixedPrices({ inputUsdPerMillion: 1, outputUsdPerMillion: 2 });
  const wrong: Partial<TokenUsage>[] = [
    { inputTokens: Number.NaN },
    { outputTokens: -1 },
    { inputTokens: Number.POSITIVE_INFINITY },
    { inputTokens: 10, cacheReadTokens: 11 },
    { inputTokens: 10, cacheReadTokens: 6, cacheWriteTokens: 6 },
    { inputTokens: 10, cacheWriteTokens: 5, cacheWrite1hTokens: 6 },
  ];
  for (const prices of [await loadPrices(), fixed]) {
    for (const usage of wrong) expect(prices.usdCost(model("claude-haiku-4-5"), { ...NONE, ...usage })).toBeUndefined();
    expect(prices.usdCost(model("claude-haiku-4-5"), NONE)).toBe(0);
  }
});

test("fixed prices hold for any model; the cache costs as much as input where no price is given", () => {
  const usage = {
    inputTokens: 10_000,
    cacheReadTokens: 4_000,
    cacheWriteTokens: 5_000,
    cacheWrite1hTokens: 2_000,
    outputTokens: 100,
  };
  const plain = fixedPrices({ inputUsdPerMillion: 3, outputUsdPerMillion: 15 });
  expect(plain.usdCost(model("any", "thing"), usage)).toBeCloseTo(0.03 + 0.0015, 12);
  const input = {
    inputUsdPerMillion: 3,
    outputUsdPerMillion: 15,
    cacheReadUsdPerMillion: 0.3,
    cacheWriteUsdPerMillion: 3.75,
  };
  // 1,000 plain, 4,000 read, 5,000 written, 100 out.
  expect(fixedPrices(input).usdCost(model("any"), usage)).toBeCloseTo(0.003 + 0.0012 + 0.01875 + 0.0015, 12);
  // 2,000 of the written ones at 6.
  const cost = fixedPrices({ ...input, cacheWrite1hUsdPerMillion: 6 }).usdCost(model("any"), usage);
  expect(cost).toBeCloseTo(0.003 + 0.0012 + 0.01125 + 0.012 + 0.0015, 12);
});

test("a price that is no sum of dollars is refused by name", () => {
  for (const outputUsdPerMillion of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => fixedPrices({ inputUsdPerMillion: 1, outputUsdPerMillion })).toThrow(/outputUsdPerMillion must be/);
  }
});
