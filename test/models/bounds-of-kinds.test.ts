import { LLMProgram } from "llmproc";
import { expect, test } from "vitest";
import type { JsonObject } from "../../src/json.ts";
import { createModel } from "../../src/models/create-model.ts";
import type { ModelSpec } from "../../src/models/model-spec.ts";
import { scripted } from "../../src/models/scripted.ts";
import type { Conversation, Model } from "../../src/process/contract/model.ts";
import { chatVoice } from "../support/chat-server.ts";
import { wireServer } from "../support/wire-server.ts";
import { rejection } from "./conformance.ts";

class Seen extends Error {}

/** The body that a model would send. */
async function payloadOf(model: Model, conversation: Conversation): Promise<JsonObject> {
  let seen: JsonObject | undefined;
  const io = {
    signal: new AbortController().signal,
    onText() {},
    beforeSend(payload: JsonObject | (() => JsonObject)) {
      seen = typeof payload === "function" ? payload() : payload;
      throw new Seen("Nothing is sent.");
    },
  };
  await model.send(conversation, io).catch((thrown: unknown) => {
    if (!(thrown instanceof Seen)) throw thrown;
  });
  if (seen === undefined) throw new Error("Nothing was to be sent.");
  return seen;
}

const KINDS: readonly (readonly [ModelSpec, parameters: JsonObject, content: readonly JsonObject[]])[] = [
  [{ provider: "anthropic", name: "claude-opus-5-5" }, { max_tokens: 500 }, [{ type: "text", text: "Hello." }]],
  [
    { provider: "openai", name: "gpt-5.4" },
    { max_output_tokens: 500 },
    [{ type: "message", role: "assistant", content: [{ type: "output_text", text: "Hello." }] }],
  ],
  [
    { provider: "openai_compatible", name: "m", baseUrl: "http://127.0.0.1:1/v1" },
    { max_tokens: 500 },
    [{ role: "assistant", content: "Hello." }],
  ],
  [
    { provider: "google", name: "gemini-3.5-flash" },
    { generationConfig: { maxOutputTokens: 500 } },
    [{ type: "text", text: "Hello." }],
  ],
  [{ provider: "mistral", name: "mistral-large-latest" }, { max_tokens: 500 }, [{ type: "text", text: "Hello." }]],
  [
    { provider: "bedrock", name: "eu.anthropic.claude-sonnet-4-5-20250929-v1:0", region: "eu-west-1" },
    { inferenceConfig: { maxTokens: 500 } },
    [{ type: "text", text: "Hello." }],
  ],
];

test.each(KINDS)(
  "what $provider sends is bounded, and the next request goes on from a counted one",
  async (spec, parameters, content) => {
    const model = createModel({ ...spec, apiKeyEnv: "BOUNDS_TEST_KEY" });
    process.env.BOUNDS_TEST_KEY = "sk-test-0123456789";
    const user = { role: "user", content: [{ type: "text", text: "Say hello." }] } as const;
    const tool = { name: "add", description: "Adds.", parameters: { type: "object", properties: {} } };
    const conversation: Conversation = { system: "Be brief.", messages: [user], tools: [tool], parameters, depth: 0 };
    const first = await payloadOf(model, conversation);
    const bound = model.bound?.(first);
    expect(bound).toMatchObject({ maxOutputTokens: 500, countedTokens: 0, unbounded: [], offList: [] });
    expect(bound?.inputTokens).toBeGreaterThan(JSON.stringify(first).length);
    const reply = { role: "assistant", content, text: "Hello." } as const;
    const second = await payloadOf(model, { ...conversation, messages: [user, reply, user] });
    const next = model.bound?.(second, { payload: first, inputTokens: 30, outputTokens: 3 });
    expect(next).toMatchObject({ maxOutputTokens: 500, countedTokens: 33, unbounded: [] });
  },
);

test("a scripted model is bounded like a real one, or by what its script says", () => {
  const model = scripted([{ text: "a", usage: { inputTokens: 9000, outputTokens: 70, cacheWrite1hTokens: 1 } }]);
  const payload = { model: "scripted", max_tokens: 50, messages: [{ role: "user", content: [] }] };
  expect(model.bound?.(payload)).toMatchObject({ inputTokens: 9000, maxOutputTokens: 70, cachesForAnHour: true });
  expect(scripted([{ text: "a" }]).bound?.(payload)).toMatchObject({ maxOutputTokens: 50, cachesForAnHour: false });
  const image = { ...payload, messages: [{ role: "user", content: [{ type: "image", url: "u" }] }] };
  expect(model.bound?.(image).unbounded).toEqual(['a part of type "image" that no request before has counted']);
});

/** What makes a provider sample, search or read more than the limit of output says; by the word that the error names. */
const BEYOND: readonly (readonly [ModelSpec, JsonObject, named: string])[] = [
  [
    { provider: "anthropic", name: "claude-opus-5-5" },
    { max_tokens: 500, context_management: { edits: [{ type: "compact_20260112" }] } },
    "compact_20260112",
  ],
  [{ provider: "anthropic", name: "claude-opus-5-5" }, { max_tokens: 500, container: { skills: [] } }, "container"],
  [
    { provider: "anthropic", name: "claude-opus-5-5" },
    { max_tokens: 500, tools: [{ type: "advisor_20260301", name: "advisor", model: "claude-opus-5-5" }] },
    "advisor_20260301",
  ],
  [{ provider: "openai", name: "gpt-5.4" }, { max_output_tokens: 500, conversation: "conv_1" }, "conversation"],
  [{ provider: "openai", name: "gpt-5.4" }, { max_output_tokens: 500, prompt: { id: "pmpt_1" } }, "prompt"],
  [{ provider: "openai_compatible", name: "m" }, { max_tokens: 500, n: 4 }, "n = 4"],
  [{ provider: "openai_compatible", name: "m" }, { max_tokens: 500, brand_new: { a: 1 } }, "brand_new"],
  [
    { provider: "google", name: "gemini-3.5-flash" },
    { generationConfig: { maxOutputTokens: 500, candidateCount: 3 } },
    "candidateCount",
  ],
  [
    { provider: "google", name: "gemini-3.5-flash" },
    { generationConfig: { maxOutputTokens: 500 }, cachedContent: "cachedContents/1" },
    "cachedContent",
  ],
  [{ provider: "mistral", name: "mistral-large-latest" }, { max_tokens: 500, guardrails: [{}] }, "guardrails"],
];

test.each(BEYOND)(
  "under a limit, $0.provider with $1 sends nothing, and the error names $2",
  async (spec, parameters, named) => {
    process.env.BOUNDS_TEST_KEY = "sk-test-0123456789";
    await using server = await wireServer(chatVoice, []);
    const program = new LLMProgram({
      model: createModel({ ...spec, apiKeyEnv: "BOUNDS_TEST_KEY", baseUrl: server.url }),
      parameters,
      pricing: { inputUsdPerMillion: 1, outputUsdPerMillion: 5 },
      limits: { usd: 10 },
    });
    await using proc = await program.start();
    const error = await rejection(proc.run("Hello."));
    expect(error).toMatchObject({ stopReason: "cost_limit", cause: { code: "limit_unholdable" } });
    expect(String(error)).toContain(named);
    expect(server.requests).toHaveLength(0);
  },
);
