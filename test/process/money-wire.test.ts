import type { RunResult } from "llmproc";
import { LLMProgram, RunError } from "llmproc";
import { describe, expect, test } from "vitest";
import type { WireAnswer } from "../support/wire-server.ts";
import type { Format } from "./formats.ts";
import { chat, FORMATS, messages, responses } from "./formats.ts";

const pricing = { inputUsdPerMillion: 3, outputUsdPerMillion: 15 };
const MAX_OUTPUT = 1000;
const MAX_OUTPUT_USD = 0.015;

/** One request, answered so, under a limit of a dollar; or without one. */
async function resultOf(format: Format, answer: WireAnswer, limits: object = { usd: 1 }): Promise<RunResult> {
  await using server = await format.serve(() => answer);
  const program = new LLMProgram({
    model: format.model(server.url),
    parameters: { [format.maxTokens]: MAX_OUTPUT },
    pricing,
    limits,
    retry: { maxAttempts: 1 },
  });
  await using proc = await program.start();
  const outcome: unknown = await proc.run("hi").catch((error: unknown) => error);
  return outcome instanceof RunError ? outcome.result : (outcome as RunResult);
}

const thinks = { thinking: "hmm, let me see", text: "Hello there" };

describe.each(FORMATS)("in $name", (format) => {
  test.each([
    ["before anything else", 0],
    ["after the beginning", 1],
    ["after reasoning", 4],
  ])("an error within an answer of status 200, %s, may have cost as much as it could", async (_when, after) => {
    const before = format.events(format.toScript(thinks)).slice(0, after);
    for (const error of format.errorEvents) {
      const result = await resultOf(format, { events: [...before, error] });
      const said = JSON.stringify(error);
      expect([said, result.stopReason]).toEqual([said, "api_error"]);
      expect([said, result.flags]).toEqual([said, [expect.objectContaining({ reason: "broken_off", requests: 1 })]]);
      const most = result.usdCost + result.usdUncertain;
      expect([said, most > MAX_OUTPUT_USD]).toEqual([said, true]);
      expect([said, result.limits.usd?.spent]).toEqual([said, expect.closeTo(most, 9)]);
      expect(result.limits.usd?.reserved).toBe(0);
    }
  });

  test("so may an answer of status 200 that is an error as a whole, or nothing", async () => {
    const error = { error: { type: "rate_limit_error", code: 429, message: "x" } };
    for (const raw of [JSON.stringify(error), JSON.stringify({ type: "error", ...error }), "", "<html></html>"]) {
      const result = await resultOf(format, { raw });
      expect([raw, result.flags]).toEqual([raw, [expect.objectContaining({ reason: "broken_off" })]]);
      expect([raw, result.usdUncertain > MAX_OUTPUT_USD]).toEqual([raw, true]);
    }
  });

  test("the same error as the answer's own status costs nothing", async () => {
    for (const status of [400, 401, 404, 429, 503, 529]) {
      const raw = JSON.stringify({ type: "error", error: { type: "some_error", message: "x" } });
      const result = await resultOf(format, { status, raw });
      expect([status, result.usdUncertain, result.flags]).toEqual([status, 0, []]);
      expect(result.limits.usd).toMatchObject({ spent: 0, reserved: 0 });
    }
  });

  const usage = (inputTokens: number, outputTokens: number) => ({
    usage: { inputTokens, outputTokens, cacheReadTokens: 0, cacheWriteTokens: 0 },
  });

  /** A whole reply with usage, and an error beside it. */
  async function withError(used: ReturnType<typeof usage>): Promise<string> {
    const message = format.toScript({ text: "Hello there", ...used });
    await using server = await format.serve(() => ({ message }));
    const answer = await fetch(`${server.url}/v1/x`, { method: "POST", body: "{}" });
    return JSON.stringify({ ...((await answer.json()) as object), error: { message: "x" } });
  }

  test("a whole reply that failed after it had spoken costs what it says that it used", async () => {
    const result = await resultOf(format, { raw: await withError(usage(200, 50)) });
    const usdCost = expect.closeTo(0.00135, 12);
    expect(result).toMatchObject({ stopReason: "interrupted", lastMessage: "Hello there", usdCost, flags: [] });
    expect(result.limits.usd).toMatchObject({ spent: usdCost, reserved: 0 });
  });

  test("a refusal that tells a usage costs that, also one without output", async () => {
    for (const [used, usdCost] of [[usage(200, 50), 0.00135] as const, [usage(200, 0), 0.0006] as const]) {
      const { usage: told } = JSON.parse(await withError(used)) as { readonly usage: unknown };
      const beside = { error: { message: "x" }, usage: told };
      const within = { error: { message: "x", usage: told } };
      for (const [status, body] of [[401, beside] as const, [429, within] as const, [529, [beside]] as const]) {
        const result = await resultOf(format, { status, raw: JSON.stringify(body) });
        const cost = expect.closeTo(usdCost, 12);
        expect(result).toMatchObject({ stopReason: "api_error", usdCost: cost, usdUncertain: 0, flags: [] });
        expect(result.limits.usd).toMatchObject({ spent: cost, reserved: 0 });
      }
    }
  });

  test("a server that gives up waiting (408) may have been at work", async () => {
    const result = await resultOf(format, { status: 408, raw: "{}" });
    expect(result.flags).toEqual([expect.objectContaining({ reason: "broken_off" })]);
    expect(result.usdUncertain).toBeGreaterThan(MAX_OUTPUT_USD);
  });

  test.each([
    ["no input", usage(0, 50)],
    ["no output though the model spoke", usage(200, 0)],
    ["nothing at all", usage(0, 0)],
  ])("usage of %s cannot be: it is flagged, and the most that it may have been counts", async (_what, used) => {
    const message = format.toScript({ text: "Hello there", ...used });
    for (const limits of [{ usd: 1, tokens: 100_000 }, {}]) {
      const result = await resultOf(format, { message }, limits);
      expect(result).toMatchObject({ stopReason: "end", unpriced: [] });
      const reason: unknown = expect.stringMatching(/^(wrong|no)_usage$/);
      expect(result.flags).toEqual([expect.objectContaining({ reason, requests: 1 })]);
      expect(result.usdCost + result.usdUncertain).toBeGreaterThanOrEqual(MAX_OUTPUT_USD);
      if (limits.usd === undefined) continue;
      expect(result.limits.usd?.spent).toBeCloseTo(result.usdCost + result.usdUncertain, 9);
      expect(result.limits.tokens?.spent).toBeGreaterThanOrEqual(MAX_OUTPUT);
    }
  });

  test("without usage, the most that it may have been counts", async () => {
    const script = format.toScript({ text: "Hello there" });
    const result = await resultOf(format, { message: { ...script, usage: null } });
    expect(result.stopReason).toBe("end");
    expect(result.flags).toEqual([expect.objectContaining({ reason: "no_usage", requests: 1 })]);
    expect(result.limits.usd?.spent).toBeGreaterThan(MAX_OUTPUT_USD);
  });
});

describe("a tier that comes unasked", () => {
  const used = { inputTokens: 1000, outputTokens: 100, cacheReadTokens: 0, cacheWriteTokens: 0 };
  const tiers: [format: Format, name: string, more: object][] = [
    [chat, "on_demand", { service_tier: "on_demand" }],
    [chat, "flex", { service_tier: "flex" }],
    [responses, "priority", { service_tier: "priority" }],
    [messages, "batch", { usage: { input_tokens: 1000, output_tokens: 100, service_tier: "batch" } }],
  ];

  test.each(tiers)("costs what the program's own prices say: %o, %s", async (format, _tier, more) => {
    const message = { ...format.toScript({ text: "Hello", usage: used }), ...more };
    const result = await resultOf(format, { message });
    expect(result).toMatchObject({ usdCost: expect.closeTo(0.003 + 0.0015, 9), unpriced: [], flags: [] });
    expect(result.limits.usd?.spent).toBeCloseTo(0.0045, 9);
  });

  test("with a fee beside it still has no known cost", async () => {
    const script = chat.toScript({ text: "Hello", usage: used }) as { message: object };
    const cited = { ...script.message, annotations: [{ type: "url_citation" }] };
    const message = { ...script, message: cited, service_tier: "on_demand" };
    const result = await resultOf(chat, { message }, {});
    expect(result.usdCost).toBe(0);
    expect(result.flags).toEqual([expect.objectContaining({ reason: "off_list" })]);
  });
});
