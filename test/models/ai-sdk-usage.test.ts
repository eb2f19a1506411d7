import { expect, test } from "vitest";
import { CALL, replyOf, STOP, streaming } from "./ai-sdk-parts.ts";
import { rejection, sendTo } from "./conformance.ts";

const V4_USAGE = {
  inputTokens: { total: 100, noCache: 30, cacheRead: 50, cacheWrite: 20 },
  outputTokens: { total: 40, text: 30, reasoning: 10 },
};

test("usage in the form of specification 3 and 4, of 2, and where there is none that makes sense", async () => {
  const usage = async (given: unknown, provider = "test") => {
    return (await replyOf([{ ...STOP, usage: given }], { provider })).usage;
  };
  const counted = {
    inputTokens: 100,
    outputTokens: 40,
    reasoningTokens: 10,
    cacheReadTokens: 50,
    cacheWriteTokens: 20,
  };
  expect(await usage(V4_USAGE)).toEqual(counted);
  const cacheDetails = [
    { ttl: "5m", inputTokens: 5 },
    { ttl: "1h", inputTokens: 15 },
  ];
  expect(await usage({ ...V4_USAGE, raw: { cacheDetails } })).toEqual({ ...counted, cacheWrite1hTokens: 15 });
  const raw = { cache_creation: { ephemeral_1h_input_tokens: 7 } };
  expect(await usage({ ...V4_USAGE, raw })).toEqual({ ...counted, cacheWrite1hTokens: 7 });
  const flat = { inputTokens: 100, outputTokens: 40, totalTokens: 140, cachedInputTokens: 60, reasoningTokens: 10 };
  const flatCounted = {
    inputTokens: 100,
    outputTokens: 40,
    reasoningTokens: 10,
    cacheReadTokens: 60,
    cacheWriteTokens: 0,
  };
  expect(await usage(flat)).toEqual(flatCounted);
  expect(await usage({ ...flat, totalTokens: 150 })).toEqual({ ...flatCounted, outputTokens: 50 });
  expect(await usage(flat, "anthropic.messages")).toEqual({ ...flatCounted, inputTokens: 160 });
  // Also where the total holds more than reasoning, or is in what the provider itself has told.
  expect(await usage({ ...flat, totalTokens: 170 })).toEqual({ ...flatCounted, outputTokens: 70 });
  expect(await usage({ ...flat, reasoningTokens: undefined, totalTokens: 150 })).toMatchObject({ outputTokens: 50 });
  for (const total of ["total_tokens", "totalTokens", "totalTokenCount"]) {
    expect(await usage({ ...V4_USAGE, raw: { [total]: 190 } })).toEqual({ ...counted, outputTokens: 90 });
    expect(await usage({ ...V4_USAGE, raw: { [total]: 140 } })).toEqual(counted);
  }
  for (const total of [0, 139, "500", -1, 1e300, null]) {
    expect(await usage({ ...flat, totalTokens: total })).toEqual(flatCounted);
  }
  const none = { inputTokens: { total: undefined }, outputTokens: { total: undefined } };
  // What a provider counts beside the totals: a summary of the conversation, the advice of another model.
  const iterations = [
    { type: "message", input_tokens: 30, output_tokens: 40 },
    { type: "compaction", input_tokens: 5000, output_tokens: 300, cache_read_input_tokens: 70 },
  ];
  expect(await usage({ ...V4_USAGE, raw: { iterations } })).toMatchObject({ inputTokens: 5100, outputTokens: 340 });
  for (const nothing of [
    undefined,
    null,
    {},
    none,
    { inputTokens: -1, outputTokens: 1 },
    { inputTokens: { total: 1.5 } },
  ]) {
    expect(await usage(nothing)).toBeUndefined();
  }
});

test("a stream without an end, or with one that is none, is a broken connection that tells what was counted", async () => {
  const text = { type: "text-delta", id: "0", delta: "so far" };
  const ends = [
    "unknown",
    { unified: "interrupted" },
    { unified: "other", raw: undefined },
    { unified: "error", raw: "MALFORMED" },
  ];
  for (const finishReason of ends) {
    const error = await rejection(replyOf([text, { ...STOP, finishReason, usage: V4_USAGE }]));
    expect(error).toMatchObject({ code: "model_failed", connection: true, usage: { inputTokens: 100 } });
  }
  expect(await rejection(replyOf([text]))).toMatchObject({ connection: true, usage: undefined });
  expect(await rejection(replyOf([text, "text"]))).toMatchObject({ connection: true });
  expect(await rejection(replyOf([{ ...CALL, toolName: "" }, STOP]))).toMatchObject({ connection: true });
  const whole = { doGenerate: () => Promise.resolve({ content: "no list" }) };
  const sending = sendTo(streaming([], whole), { parameters: { stream: false } });
  expect(await rejection(sending)).toMatchObject({ connection: true });
});

test("a tier or a search for which the list has no price is told; the usual ones are not", async () => {
  const said = async (usage: unknown, providerMetadata?: unknown) => {
    return (await replyOf([{ ...STOP, usage, providerMetadata }])).offList;
  };
  const raw = (more: object) => ({ ...V4_USAGE, raw: more });
  expect(await said(raw({ serviceTier: "flex" }))).toBe('the service tier "flex"');
  expect(await said(raw({ service_tier: "priority" }))).toBe('the service tier "priority"');
  expect(await said(raw({ trafficType: "PROVISIONED_THROUGHPUT" }))).toContain("PROVISIONED_THROUGHPUT");
  expect(await said(V4_USAGE, { bedrock: { serviceTier: { type: "priority" } } })).toContain("priority");
  const searched = { google: { groundingMetadata: { webSearchQueries: ["a"] }, serviceTier: null } };
  expect(await said(V4_USAGE, searched)).toContain("fee");
  const usual = { google: { groundingMetadata: { webSearchQueries: [] }, serviceTier: "standard" }, bedrock: "x" };
  expect(await said(raw({ trafficType: "ON_DEMAND", service_tier: "default" }), usual)).toBeUndefined();
  expect(await said(undefined, undefined)).toBeUndefined();
});
