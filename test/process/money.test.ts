import type { Model, Reply, RunResult, TokenUsage } from "llmproc";
import { LLMProgram, ModelError } from "llmproc";
import { scripted } from "llmproc/testing";
import { describe, expect, test } from "vitest";
import { customModel, failureOf, gate, hangs, textReply } from "./harness.ts";

const pricing = { inputUsdPerMillion: 3, outputUsdPerMillion: 15 };
const usage = { inputTokens: 1000, outputTokens: 100, cacheReadTokens: 0, cacheWriteTokens: 0 };
const USD = 0.003 + 0.0015;

/** A model whose bound is 2,000 tokens in and 200 out: nine tenths of a cent. */
function bounded(send: Parameters<typeof customModel>[0]): Model {
  const bound: Model["bound"] = () => ({
    inputTokens: 2000,
    countedTokens: 0,
    maxOutputTokens: 200,
    outputParameter: "max_tokens",
    cachesForAnHour: false,
    unbounded: [],
    offList: [],
  });
  return { ...customModel(send), bound };
}
const MOST_USD = 0.006 + 0.003;

function replying(reply: Partial<Reply>, { isBounded = true } = {}): Model {
  const send: Parameters<typeof customModel>[0] = async (io) => {
    await io.beforeSend({});
    return { ...textReply("hi"), ...reply };
  };
  return isBounded ? bounded(send) : customModel(send);
}

async function resultOf(model: Model, limits = {}): Promise<RunResult> {
  const program = new LLMProgram({ model, pricing, limits, retry: { maxAttempts: 1 } });
  const proc = await program.start();
  const run = proc.run("hi");
  const result = await run.catch(async () => (await failureOf(run)).result);
  expect(Object.values(result).every((value) => !Number.isNaN(value))).toBe(true);
  return result;
}

test("a run and a process say what was used by process, by model and by kind of token", async () => {
  const detailed: TokenUsage = {
    inputTokens: 10_000,
    outputTokens: 2000,
    reasoningTokens: 1500,
    cacheReadTokens: 4000,
    cacheWriteTokens: 3000,
    cacheWrite1hTokens: 1000,
  };
  const expert = new LLMProgram({
    name: "expert",
    model: scripted([{ text: "known", usage }], { name: "big", provider: "other" }),
    pricing: { inputUsdPerMillion: 30, outputUsdPerMillion: 150 },
  });
  const script = {
    root: [
      { toolCalls: [{ name: "spawn", args: { prompt: "go", program_name: "expert" } }], usage: detailed },
      { toolCalls: [{ name: "fork", args: { prompts: ["a"] } }], usage },
      { text: "done", usage },
    ],
    child: [{ text: "part", usage }],
  };
  const proc = await new LLMProgram({
    name: "asker",
    model: scripted(script, { name: "small" }),
    tools: ["spawn", "fork"],
    linkedPrograms: { expert },
    pricing: { ...pricing, cacheReadUsdPerMillion: 0.3, cacheWriteUsdPerMillion: 4, cacheWrite1hUsdPerMillion: 6 },
  }).start();
  const result = await proc.run("go");
  // 3,000 plain, 4,000 read, 2,000 written, 1,000 for an hour, 2,000 out; three plain requests; one of the expert.
  const small = 0.009 + 0.0012 + 0.008 + 0.006 + 0.03 + 3 * USD;
  expect(result.models).toEqual([
    {
      provider: "scripted",
      model: "small",
      apiCalls: 4,
      usdCost: expect.closeTo(small, 9),
      usdUncertain: 0,
      usdReported: 0,
      inputTokens: 13_000,
      outputTokens: 2300,
      reasoningTokens: 1500,
      cachedTokens: 4000,
      cacheWriteTokens: 3000,
      cacheWrite1hTokens: 1000,
    },
    expect.objectContaining({ provider: "other", model: "big", apiCalls: 1, usdCost: expect.closeTo(10 * USD, 9) }),
  ]);
  expect(result).toMatchObject({
    reasoningTokens: 1500,
    cacheWrite1hTokens: 1000,
    apiCalls: 5,
    flags: [],
    unpriced: [],
  });
  expect(result.usdCost).toBeCloseTo(small + 10 * USD, 9);
  expect(result.processes.map(({ name }) => name)).toEqual(["asker", "expert", "asker"]);
  expect(result.processes.map(({ models }) => models.map(({ model }) => model).join())).toEqual([
    "small",
    "big",
    "small",
  ]);
  expect(proc.usage.usdCost).toBeCloseTo(result.usdCost, 9);
  expect(proc.usage.own.usdCost).toBeCloseTo(small - USD, 9);
  expect(proc.usage.own).toMatchObject({ apiCalls: 3, toolCalls: 2 });
});

test("what a fork inherits is known before its first request", async () => {
  const script = {
    root: [
      { toolCalls: [{ name: "fork", args: { prompts: ["a"] } }], usage },
      { text: "done", usage },
    ],
    child: [{ text: "part", usage: { inputTokens: 1300, outputTokens: 50 } }],
  };
  const model = scripted(script);
  const proc = await new LLMProgram({ model, tools: ["fork", "spawn"], pricing }).start();
  const seen: unknown[] = [];
  proc.on("process_start", (child) => {
    const { inheritedTokens, contextTokens, apiCalls } = child.usage;
    seen.push({ depth: child.depth, inheritedTokens, contextTokens, apiCalls });
  });
  proc.on("process_end", ({ usage: { inheritedTokens, contextTokens } }) =>
    seen.push({ inheritedTokens, contextTokens }),
  );
  await proc.run("go");
  expect(seen).toEqual([
    { depth: 0, inheritedTokens: 0, contextTokens: 0, apiCalls: 0 },
    { depth: 1, inheritedTokens: 1100, contextTokens: 1100, apiCalls: 0 },
    { inheritedTokens: 1100, contextTokens: 1350 },
  ]);
  expect(proc.usage).toMatchObject({ inheritedTokens: 0, contextTokens: 1100 });
  const host = await proc.forkProcess();
  expect(host.usage).toMatchObject({ inheritedTokens: 1100, apiCalls: 0, own: { usdCost: 0 } });
  const taken = await new LLMProgram({ model }).start({ messages: proc.messages });
  expect(taken.usage.contextTokens).toBeUndefined();
});

describe("usage that cannot be taken as it is", () => {
  const wrong: [name: string, usage: Partial<TokenUsage>][] = [
    ["negative", { inputTokens: -5 }],
    ["not a number", { outputTokens: Number.NaN }],
    ["endless", { inputTokens: Number.POSITIVE_INFINITY }],
    ["of parts larger than the whole", { cacheReadTokens: 2000 }],
    ["of more reasoning than output", { reasoningTokens: 101 }],
  ];
  test.each(wrong)("%s is flagged, and in no sum", async (_name, part) => {
    const result = await resultOf(replying({ usage: { ...usage, ...part } }, { isBounded: false }));
    expect(result).toMatchObject({ usdCost: 0, inputTokens: 0, outputTokens: 0, totalTokens: 0, unpriced: ["custom"] });
    expect(result.flags).toEqual([{ reason: "wrong_usage", model: "custom", requests: 1 }]);
  });

  test("missing, it is flagged; where there is a bound, that is the most that it can be", async () => {
    const unknown = await resultOf(replying({ usage: undefined }, { isBounded: false }));
    expect(unknown).toMatchObject({ usdCost: 0, usdUncertain: 0, unpriced: ["custom"] });
    expect(unknown.flags).toEqual([{ reason: "no_usage", model: "custom", requests: 1 }]);
    const known = await resultOf(replying({ usage: undefined }));
    expect(known).toMatchObject({ usdCost: 0, usdUncertain: expect.closeTo(MOST_USD, 9), unpriced: [] });
    const limited = await resultOf(replying({ usage: undefined }), { usd: 1, tokens: 10_000 });
    expect(limited.limits).toMatchObject({ usd: { spent: expect.closeTo(MOST_USD, 9) }, tokens: { spent: 2200 } });
  });

  test("more than the bound is flagged, and counts in full", async () => {
    const result = await resultOf(replying({ usage: { ...usage, inputTokens: 50_000 } }), { usd: 1 });
    expect(result.flags).toEqual([{ reason: "over_bound", model: "custom", requests: 1 }]);
    expect(result.usdCost).toBeCloseTo(0.15 + 0.0015, 9);
    expect(result.limits.usd?.spent).toBeCloseTo(result.usdCost, 9);
  });

  test("a cost that the provider tells itself is taken as it is, and marked", async () => {
    const result = await resultOf(replying({ usage, usdCost: 0.0021 }), { usd: 1 });
    expect(result).toMatchObject({ usdCost: 0.0021, usdReported: 0.0021, inputTokens: 1000, unpriced: [] });
    expect(result.flags).toEqual([{ reason: "reported", model: "custom", requests: 1 }]);
    expect(result.limits.usd?.spent).toBe(0.0021);
    const alone = await resultOf(replying({ usage: undefined, usdCost: 0.0021 }, { isBounded: false }));
    expect(alone).toMatchObject({ usdCost: 0.0021, unpriced: [] });
    expect(alone.flags.map(({ reason }) => reason)).toEqual(["reported", "no_usage"]);
    const nonsense = await resultOf(replying({ usage, usdCost: Number.NaN }));
    expect(nonsense).toMatchObject({ usdCost: expect.closeTo(USD, 9), usdReported: 0, flags: [] });
  });

  test("a reply to which list prices do not apply has no known cost; its tokens count", async () => {
    const result = await resultOf(replying({ usage, offList: "a web search" }), { usd: 1 });
    expect(result).toMatchObject({ usdCost: 0, inputTokens: 1000, unpriced: ["custom"] });
    expect(result.flags).toEqual([{ reason: "off_list", model: "custom", requests: 1 }]);
    expect(result.limits.usd?.spent).toBeCloseTo(MOST_USD, 9);
  });

  test("a model without a price is named, never zero", async () => {
    const program = new LLMProgram({ model: scripted([{ text: "hi", usage }], { name: "mystery" }) });
    const result = await (await program.start()).run("hi");
    expect(result).toMatchObject({ usdCost: 0, inputTokens: 1000, unpriced: ["mystery"] });
    expect(result.flags).toEqual([{ reason: "no_price", model: "mystery", requests: 1 }]);
  });
});

describe("a request that fails", () => {
  const failing = (error: Error, text = "") =>
    bounded(async (io) => {
      await io.beforeSend({});
      if (text !== "") await io.onText(text);
      throw error;
    });
  const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
  const reset = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
  const lost = (cause: Error) => new ModelError("lost", { connection: true, cause: new Error("fetch", { cause }) });

  test.each<[what: string, error: ModelError]>([
    ["a 400", new ModelError("no", { status: 400 })],
    ["a 429", new ModelError("no", { status: 429 })],
    ["a 503", new ModelError("no", { status: 503 })],
    ["a 529", new ModelError("no", { status: 529 })],
    ["no connection", lost(refused)],
  ])("with %s costs nothing", async (_what, error) => {
    const result = await resultOf(failing(error), { usd: 1 });
    expect(result).toMatchObject({ apiCalls: 1, usdCost: 0, usdUncertain: 0, flags: [], unpriced: [] });
    expect(result.limits.usd).toMatchObject({ spent: 0, reserved: 0 });
  });

  test.each<[what: string, error: ModelError, text: string]>([
    ["a 500", new ModelError("no", { status: 500 }), ""],
    ["a 408", new ModelError("no", { status: 408 }), ""],
    ["a connection that was cut", lost(reset), ""],
    ["a stream that broke", lost(reset), "Let me"],
    ["an error in the midst of a stream", new ModelError("no", { status: 529 }), "Let me"],
  ])("with %s may have cost as much as it could, and is flagged", async (_what, error, text) => {
    const result = await resultOf(failing(error, text), { usd: 1, tokens: 10_000 });
    expect(result).toMatchObject({ usdCost: 0, usdUncertain: expect.closeTo(MOST_USD, 9), unpriced: [] });
    expect(result.flags).toEqual([{ reason: "broken_off", model: "custom", requests: 1 }]);
    expect(result.limits).toMatchObject({
      usd: { spent: expect.closeTo(MOST_USD, 9), reserved: 0 },
      tokens: { spent: 2200 },
    });
  });

  test("and tells its usage costs that; where it broke off, the output may have been longer", async () => {
    const whole = await resultOf(failing(new ModelError("unreadable", { usage })), { usd: 1 });
    expect(whole).toMatchObject({ usdCost: expect.closeTo(USD, 9), usdUncertain: 0, flags: [] });
    const broken = new ModelError("cut", { usage: { ...usage, outputTokens: 1 }, usageIsPartial: true });
    const partly = await resultOf(failing(broken, "Let"), { usd: 1, tokens: 10_000 });
    expect(partly.usdCost).toBeCloseTo(0.003 + 0.000015, 9);
    expect(partly.usdCost + partly.usdUncertain).toBeCloseTo(0.003 + 0.003, 9);
    expect(partly.limits).toMatchObject({ usd: { spent: expect.closeTo(0.006, 9) }, tokens: { spent: 1200 } });
  });

  test("by an abort after it had left may have been billed", async () => {
    const reached = gate();
    const stuck = bounded(async (io) => {
      await io.beforeSend({});
      return hangs(reached)();
    });
    const proc = await new LLMProgram({ model: stuck, pricing, limits: { usd: 1 } }).start();
    const abort = new AbortController();
    const run = proc.run("hi", { signal: abort.signal });
    await reached.opened;
    expect(proc.limits.usd).toMatchObject({ spent: 0, reserved: expect.closeTo(MOST_USD, 9) });
    abort.abort();
    const { result } = await failureOf(run);
    expect(result).toMatchObject({ usdCost: 0, usdUncertain: expect.closeTo(MOST_USD, 9) });
    expect(result.flags).toEqual([{ reason: "broken_off", model: "custom", requests: 1 }]);
    expect(proc.limits.usd).toMatchObject({ spent: expect.closeTo(MOST_USD, 9), reserved: 0 });
  });

  test("without a bound is named among the unpriced", async () => {
    const model = customModel(async (io) => {
      await io.beforeSend({});
      throw lost(reset);
    });
    const result = await resultOf(model);
    expect(result).toMatchObject({ usdUncertain: 0, unpriced: ["custom"] });
    expect(result.flags).toEqual([{ reason: "broken_off", model: "custom", requests: 1 }]);
  });
});
