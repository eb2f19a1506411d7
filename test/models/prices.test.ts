import { expect, test } from "vitest";
import { fixedPrices, loadPrices } from "../../src/models/prices.ts";
import type { Model, TokenUsage } from "../../src/process/contract/model.ts";
import type { PricedBound, Prices } from "../../src/process/contract/process-program.ts";

function model(name: string, provider = "anthropic"): Model {
  return { name, provider, send: () => Promise.reject(new Error("Not here.")) };
}

const NONE: TokenUsage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };

/** By hand, from the vendors' price lists: what is read, written and reasoned, and what is longer than a tier. */
const OTHERS_BY_HAND: readonly (readonly [provider: string, name: string, usage: Partial<TokenUsage>, usd: number])[] =
  [
    // GPT-5: input 1.25, read 0.125, output 10; reasoning is output. 60,000 plain, 40,000 read, 5,000 out.
    [
      "openai",
      "gpt-5",
      { inputTokens: 100_000, cacheReadTokens: 40_000, outputTokens: 5_000, reasoningTokens: 4_000 },
      0.075 + 0.005 + 0.05,
    ],
    // GPT-5.4: over 272,000 input tokens (the cache among them) all is dearer: input 5, read 0.5, output 22.5.
    ["openai", "gpt-5.4", { inputTokens: 271_999, outputTokens: 1_000 }, 0.6799975 + 0.015],
    ["openai", "gpt-5.4", { inputTokens: 300_000, cacheReadTokens: 200_000, outputTokens: 1_000 }, 0.5 + 0.1 + 0.0225],
    // Gemini 2.5 Pro: up to 200,000 input 1.25, read 0.125, output 10; beyond, 2.5, 0.25, 15. Thoughts are output.
    ["google", "gemini-2.5-pro", { inputTokens: 200_000, outputTokens: 10_000, reasoningTokens: 9_000 }, 0.25 + 0.1],
    ["google", "gemini-2.5-pro", { inputTokens: 200_001, outputTokens: 10_000 }, 0.5000025 + 0.15],
    ["google_vertex", "gemini-2.5-pro", { inputTokens: 10_000, cacheReadTokens: 10_000 }, 0.00125],
    // On Bedrock, regions cost a tenth more: 3.3 and 16.5, writes 4.125.
    [
      "bedrock",
      "eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
      { inputTokens: 10_000, cacheWriteTokens: 8_000, outputTokens: 100 },
      0.0066 + 0.033 + 0.00165,
    ],
    ["mistral", "mistral-large-latest", { inputTokens: 1_000, outputTokens: 1_000 }, 0.002 + 0.006],
    ["anthropic_vertex", "claude-haiku-4-5@20251001", { inputTokens: 1_000_000 }, 1],
  ];

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

test("the other vendors' list prices come out as computed by hand, with tiers and reasoning", async () => {
  const prices = await loadPrices();
  for (const [provider, name, usage, usd] of OTHERS_BY_HAND) {
    expect(prices.usdCost(model(name, provider), { ...NONE, ...usage })).toBeCloseTo(usd, 9);
  }
});

test("a write for an hour that the list has no price for has none", async () => {
  const prices = await loadPrices();
  const bedrock = model("eu.anthropic.claude-sonnet-4-5-20250929-v1:0", "bedrock");
  const written = { ...NONE, inputTokens: 10, cacheWriteTokens: 10 };
  expect(prices.usdCost(bedrock, written)).toBeGreaterThan(0);
  expect(prices.usdCost(bedrock, { ...written, cacheWrite1hTokens: 1 })).toBeUndefined();
  const bound = { inputTokens: 10, countedTokens: 0, maxOutputTokens: 1 };
  expect(prices.mostUsd(bedrock, { ...bound, cachesForAnHour: false })).toBeGreaterThan(0);
  expect(prices.mostUsd(bedrock, { ...bound, cachesForAnHour: true })).toBeUndefined();
});

/** What a request of at most so many tokens may cost, tried out: every mix of plain, read, written, at every length. */
function dearest(prices: Prices, of: Model, bound: PricedBound, hour: boolean): number {
  let most = 0;
  for (let step = 0; step <= 40; step++) {
    const inputTokens = Math.round((bound.inputTokens * step) / 40);
    for (const [read, write] of [
      [0, 0],
      [1, 0],
      [0, 1],
      [0.5, 0.5],
      [0.3, 0.1],
    ] as const) {
      const cacheReadTokens = Math.floor(inputTokens * read);
      const cacheWriteTokens = Math.floor(inputTokens * write);
      const parts = { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens: bound.maxOutputTokens };
      const usage = { ...parts, ...(hour && { cacheWrite1hTokens: cacheWriteTokens }) };
      most = Math.max(most, prices.usdCost(of, usage) ?? Number.NaN);
    }
  }
  return most;
}

test("no mix of tokens within a bound costs more than the most of it, on either side of a tier", async () => {
  const list = await loadPrices();
  // What is read from the cache costs more than what is not.
  const odd = fixedPrices({ inputUsdPerMillion: 1, outputUsdPerMillion: 2, cacheReadUsdPerMillion: 9 });
  const cases: readonly (readonly [Prices, Model, boolean])[] = [
    [list, model("claude-sonnet-4-5"), true],
    [list, model("claude-haiku-4-5"), false],
    [list, model("gpt-5.4", "openai"), false],
    [list, model("gemini-2.5-pro", "google"), false],
    [odd, model("any"), true],
  ];
  for (const [prices, of, cachesForAnHour] of cases) {
    for (const inputTokens of [0, 1, 1000, 200_000, 200_001, 272_000, 900_000]) {
      const bound = { inputTokens, countedTokens: 0, maxOutputTokens: 5000, cachesForAnHour };
      const most = prices.mostUsd(of, bound) ?? Number.NaN;
      expect(most).toBeGreaterThanOrEqual(dearest(prices, of, bound, cachesForAnHour) - 1e-12);
      expect(most).toBeLessThanOrEqual(dearest(prices, of, bound, cachesForAnHour) * 1.000001 + 1e-12);
    }
  }
});

test("what is longer than the list knows a model to be has no price", async () => {
  const prices = await loadPrices();
  const bound = { inputTokens: 300_000, maxOutputTokens: 1, cachesForAnHour: false };
  expect(prices.mostUsd(model("claude-haiku-4-5"), { ...bound, countedTokens: 100_000 })).toBeGreaterThan(0);
  expect(prices.mostUsd(model("claude-haiku-4-5"), { ...bound, countedTokens: 250_000 })).toBeUndefined();
});

test("a model that is not in the list has no price, nor has one of another provider or version", async () => {
  const prices = await loadPrices();
  const usage = { ...NONE, inputTokens: 1000 };
  for (const name of ["claude-nonsense", "", "claude-haiku-4-5-1", "claude-haiku-4-5.2"]) {
    expect(prices.usdCost(model(name), usage)).toBeUndefined();
  }
  expect(prices.usdCost(model("claude-haiku-4-5", "scripted"), usage)).toBeUndefined();
  expect(prices.usdCost(model("claude-haiku-4-5", "openai"), usage)).toBeUndefined();
  // Whoever serves it there: it may be anybody's.
  expect(prices.usdCost(model("gpt-5", "openai_compatible"), usage)).toBeUndefined();
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
