import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../src/json.ts";
import { deepFreeze } from "../../src/json.ts";
import { anthropicBound } from "../../src/models/bounds/anthropic-bound.ts";
import { chatBound } from "../../src/models/bounds/chat-bound.ts";
import { converseBound } from "../../src/models/bounds/converse-bound.ts";
import { geminiBound } from "../../src/models/bounds/gemini-bound.ts";
import { inputBound } from "../../src/models/bounds/input-bound.ts";
import { responsesBound } from "../../src/models/bounds/responses-bound.ts";
import type { CountedRequest, RequestBound } from "../../src/process/contract/model.ts";

const OPTIONS = { list: "messages", unseenTokens: 100, isCut: false };

function said(role: string, text: string): JsonObject {
  return deepFreeze({ role, content: [{ type: "text", text }] });
}

const FIRST = said("user", "a".repeat(1000));
const REPLY = said("assistant", "b".repeat(2000));
const SECOND = said("user", "c".repeat(500));

function counted(payload: JsonObject): CountedRequest {
  return { payload, inputTokens: 250, outputTokens: 40 };
}

describe("the most tokens of a payload", () => {
  const payload = { model: "m", messages: [FIRST] };
  const longer = { model: "m", messages: [FIRST, REPLY, SECOND] };

  test("without a count, it is a token for each byte, more for each key, and what is added unseen", () => {
    const { inputTokens, countedTokens, fresh } = inputBound(payload, undefined, OPTIONS);
    expect(inputTokens).toBeGreaterThanOrEqual(JSON.stringify(payload).length + 100);
    expect(inputTokens).toBeLessThan(1400);
    expect([countedTokens, fresh]).toEqual([0, [FIRST]]);
  });

  test("where it goes on from a counted request, it is that count, its reply's, and the bytes of what is new", () => {
    const { inputTokens, countedTokens, fresh } = inputBound(longer, counted(payload), OPTIONS);
    expect(countedTokens).toBe(290);
    expect(inputTokens).toBeGreaterThanOrEqual(290 + 2500 + 100);
    expect(inputTokens).toBeLessThan(290 + 2500 + 400);
    expect(fresh).toEqual([REPLY, SECOND]);
    // Sent once more as it was: nothing is new.
    expect(inputBound(payload, counted(payload), OPTIONS).inputTokens).toBe(390);
  });

  test("equal messages are the same, whoever made them, and marks for the cache make no difference", () => {
    const { content } = FIRST as { content: readonly JsonObject[] };
    const marked = { ...FIRST, content: [{ ...content[0], cache_control: { type: "ephemeral" } }] };
    const earlier = { model: "m", messages: [marked] };
    expect(inputBound(longer, counted(earlier), OPTIONS).countedTokens).toBe(290);
  });

  test.each<[why: string, earlier: JsonObject, now: JsonObject]>([
    ["another parameter", { ...payload, temperature: 0 }, longer],
    ["a parameter less", { ...payload, system: "s" }, longer],
    ["another model", { ...payload, model: "n" }, longer],
    ["another beginning", { model: "m", messages: [SECOND] }, longer],
    ["a conversation that was cut back", longer, payload],
    ["messages that have become one", payload, { model: "m", messages: [said("user", "both"), REPLY] }],
  ])("after %s it is all bytes", (_why, earlier, now) => {
    const { inputTokens, countedTokens } = inputBound(now, counted(earlier), OPTIONS);
    expect(countedTokens).toBe(0);
    expect(inputTokens).toBe(inputBound(now, undefined, OPTIONS).inputTokens);
  });

  test("where the provider leaves out parts of it, no count holds", () => {
    expect(inputBound(longer, counted(payload), { ...OPTIONS, isCut: true }).countedTokens).toBe(0);
    const { countedTokens } = anthropicBound({ ...longer, context_management: {} }, counted(longer));
    expect(countedTokens).toBe(0);
  });

  test("many small arguments, written out with a tag around each, are no more than it", () => {
    const input = Object.fromEntries("abcdefghijklmnopqrstuvwxyz".split("").map((letter) => [letter, 1]));
    const call = { role: "assistant", content: [{ type: "tool_use", id: "toolu_1", name: "t", input }] };
    const written = Object.keys(input).map((key) => `<parameter name="${key}">1</parameter>`);
    const { inputTokens } = inputBound({ messages: [call] }, undefined, { ...OPTIONS, unseenTokens: 0 });
    // Half a token a byte is more than any tokeniser makes of tags; and a dozen around all of it.
    expect(inputTokens).toBeGreaterThanOrEqual(written.join("").length / 2 + 12);
  });

  test("texts that somebody writes with escapes are no more than it", () => {
    for (const text of ["schöne Grüße", "你好", "🙂🙂", "\u0000\u001f", "\ud800"]) {
      const escaped = text.replaceAll(/[^ -~]/g, "\\u0000");
      const { inputTokens } = inputBound({ messages: [text] }, undefined, { ...OPTIONS, unseenTokens: 0 });
      expect(inputTokens).toBeGreaterThanOrEqual(escaped.length);
      expect(inputTokens).toBeGreaterThanOrEqual(Buffer.byteLength(text));
    }
  });

  test("it says whether anything asks to be cached for an hour", () => {
    const hour = { cache_control: { type: "ephemeral", ttl: "1h" } };
    expect(inputBound(payload, undefined, OPTIONS).cachesForAnHour).toBe(false);
    expect(inputBound({ ...payload, ...hour }, undefined, OPTIONS).cachesForAnHour).toBe(true);
    const marked = { model: "m", messages: [{ ...FIRST, content: [{ type: "text", text: "a", ...hour }] }] };
    const further = { ...marked, messages: [...marked.messages, REPLY] };
    expect(inputBound(further, counted(marked), OPTIONS)).toMatchObject({ countedTokens: 290, cachesForAnHour: true });
    // In a text, it is no mark.
    expect(inputBound({ messages: [said("user", '"ttl":"1h"')] }, undefined, OPTIONS).cachesForAnHour).toBe(false);
  });
});

type Bound = (payload: JsonObject, counted?: CountedRequest) => RequestBound;
const IMAGE = { type: "image", source: { type: "base64", media_type: "image/png", data: "AA==" } };

/** Of a request that is fine, what a part more is refused for; empty where it is taken. */
const REFUSED: readonly [format: string, bound: Bound, base: JsonObject, cases: [JsonObject, string, string?][]][] = [
  [
    "Messages",
    anthropicBound,
    { model: "m", max_tokens: 100, messages: [FIRST] },
    [
      [{ temperature: 0, thinking: { type: "adaptive" }, cache_control: { type: "ephemeral" } }, ""],
      [{ service_tier: "auto" }, ""],
      [{ service_tier: "standard_only" }, ""],
      [{ service_tier: "priority" }, "", 'service_tier = "priority"'],
      [{ speed: "fast" }, "", 'speed = "fast"'],
      [{ inference_geo: "us" }, "", 'inference_geo = "us"'],
      [{ mcp_servers: [{ url: "x" }] }, 'the parameter "mcp_servers"'],
      [
        { context_management: { edits: [{ type: "clear_tool_uses_20250919" }, { type: "clear_thinking_20251015" }] } },
        "",
      ],
      [{ context_management: { edits: [{ type: "compact_20260112" }] } }, 'context_management with "compact_20260112"'],
      [{ context_management: { edits: [{ type: "clear_and_compact_20270101" }] } }, "context_management with "],
      [{ context_management: { edits: [{}] } }, "context_management with undefined"],
      [{ context_management: { compaction: {} } }, 'the parameter "compaction"'],
      [{ thinking: { type: "enabled", samples: 3 } }, 'the parameter "samples"'],
      [{ output_config: { effort: "high" } }, ""],
      [{ output_config: { candidates: 3 } }, 'the parameter "candidates"'],
      [{ fallbacks: [{ model: "b" }] }, 'the parameter "fallbacks"'],
      [{ system: [{ type: "text", text: "t" }] }, ""],
      [{ system: [IMAGE] }, 'a part of type "image"'],
      [{ container: "c" }, 'the parameter "container"'],
      [
        {
          tools: [
            { name: "add", input_schema: {} },
            { type: "bash_20250124", name: "bash" },
          ],
        },
        "",
      ],
      [{ tools: [{ type: "web_search_20260209", name: "web_search" }] }, `the vendor's own tool "web_search_20260209"`],
      [{ messages: [{ role: "user", content: [IMAGE] }] }, 'a part of type "image"'],
      [
        { messages: [{ role: "user", content: [{ type: "tool_result", tool_use_id: "t", content: [IMAGE] }] }] },
        'a part of type "image"',
      ],
      [{ messages: [{ role: "user", content: [{ type: "document", source: { type: "url" } }] }] }, '"document"'],
      [{ messages: [{ role: "user", content: [{ type: "document", source: { type: "text", data: "t" } }] }] }, ""],
    ],
  ],
  [
    "Chat Completions",
    chatBound,
    { model: "m", max_tokens: 100, messages: [{ role: "user", content: "hi" }] },
    [
      [{ temperature: 0, top_k: 3, n: 1, stream_options: { include_usage: true } }, ""],
      [{ n: 2 }, "n = 2"],
      [{ best_of: 3 }, "best_of = 3"],
      [{ num_completions: 4 }, "num_completions = 4"],
      [{ web_search_options: {} }, "web_search_options = {}"],
      [{ plugins: [{ id: "web" }] }, "plugins = "],
      [{ modalities: ["text"], reasoning: { effort: "low" }, chat_template_kwargs: {}, guided_json: {}, seed: 1 }, ""],
      [{ use_beam_search: true }, "use_beam_search = true"],
      [{ route: "fallback" }, 'route = "fallback"'],
      [{ extra_samples: 3 }, 'the parameter "extra_samples"'],
      [{ data_sources: [{}] }, 'the parameter "data_sources"'],
      [{ background: true }, 'the parameter "background"'],
      [{ context_management: { edits: [] } }, 'the parameter "context_management"'],
      [{ n_predict: 4000 }, 'the parameter "n_predict"'],
      [{ reasoning: { effort: "low", samples: 2 } }, 'the parameter "samples"'],
      [{ model: "gpt-4o-mini-search-preview" }, "which searches"],
      [{ model: "groq/compound-mini" }, "which searches"],
      [{ model: "perplexity/sonar-pro" }, "which searches"],
      [{ models: ["a", "b"] }, "models = "],
      [{ modalities: ["text", "audio"] }, "modalities = "],
      [{ prediction: { type: "content" } }, "prediction = "],
      [{ enable_thinking: true }, "enable_thinking without a thinking_budget"],
      [{ model: "openai/gpt-5:online" }, "which searches"],
      [{ tools: [{ type: "function", function: {} }] }, ""],
      [{ tools: [{ type: "browser_search" }] }, `the vendor's own tool "browser_search"`],
      [{ service_tier: "flex" }, "", 'service_tier = "flex"'],
      [{ service_tier: "on_demand" }, ""],
      [{ messages: [{ role: "user", content: [{ type: "image_url", image_url: {} }] }] }, '"image_url"'],
      [{ messages: [{ role: "user", content: [{ type: "text", text: "t" }] }] }, ""],
      [{ messages: [{ role: "assistant", audio: { id: "a" } }] }, '"audio"'],
    ],
  ],
  [
    "Responses",
    responsesBound,
    { model: "m", max_output_tokens: 100, input: [{ role: "user", content: [{ type: "input_text", text: "hi" }] }] },
    [
      [{ reasoning: { effort: "high" }, store: false, include: ["reasoning.encrypted_content"] }, ""],
      [{ previous_response_id: "r" }, 'the parameter "previous_response_id"'],
      [{ conversation: "c" }, 'the parameter "conversation"'],
      [{ prompt: { id: "p" } }, 'the parameter "prompt"'],
      [{ reasoning: { mode: "pro" } }, 'the parameter "mode"'],
      [{ background: true }, 'the parameter "background"'],
      [{ context_management: [{ type: "compaction" }] }, 'the parameter "context_management"'],
      [{ model: "o4-mini-deep-research" }, "which searches"],
      [{ tools: [{ type: "function", name: "f" }] }, ""],
      [{ tools: [{ type: "web_search" }] }, `the vendor's own tool "web_search"`],
      [{ tools: [{ type: "code_interpreter" }] }, `the vendor's own tool "code_interpreter"`],
      [{ service_tier: "priority" }, "", 'service_tier = "priority"'],
      [{ input: [{ role: "user", content: [{ type: "input_file", file_data: "" }] }] }, '"input_file"'],
      [{ input: [{ type: "item_reference", id: "i" }] }, '"item_reference"'],
      [{ input: [{ type: "reasoning", id: "r", summary: [] }] }, "reasoning that OpenAI keeps itself"],
      [{ input: [{ type: "reasoning", id: "r", summary: [], encrypted_content: "x" }] }, ""],
      [{ input: [{ type: "function_call_output", call_id: "c", output: "done" }] }, ""],
    ],
  ],
  [
    "generateContent",
    geminiBound,
    { contents: [{ role: "user", parts: [{ text: "hi" }] }], generationConfig: { maxOutputTokens: 100 } },
    [
      [{ systemInstruction: { parts: [] }, tools: [{ functionDeclarations: [] }] }, ""],
      [{ tools: [{ googleSearch: {} }] }, `the vendor's own tool "googleSearch"`],
      [{ cachedContent: "c" }, 'the parameter "cachedContent"'],
      [{ generationConfig: { maxOutputTokens: 100, candidateCount: 2 } }, "candidateCount = 2"],
      [{ generationConfig: { maxOutputTokens: 100, responseModalities: ["IMAGE"] } }, "responseModalities"],
      [{ generationConfig: { maxOutputTokens: 100, temperature: 0, thinkingConfig: { thinkingBudget: 10 } } }, ""],
      [{ generationConfig: { maxOutputTokens: 100, candidateCount: 1, responseModalities: ["TEXT"] } }, ""],
      [
        { generationConfig: { maxOutputTokens: 100, modelSelectionConfig: {} } },
        'the parameter "modelSelectionConfig"',
      ],
      [{ generationConfig: { maxOutputTokens: 100, thinkingConfig: { samples: 2 } } }, 'the parameter "samples"'],
      [{ toolConfig: { retrievalConfig: {} } }, 'the parameter "retrievalConfig"'],
      [{ systemInstruction: { parts: [{ fileData: {} }] } }, '"fileData"'],
      [{ contents: [{ role: "user", parts: [{ inlineData: {} }] }] }, '"inlineData"'],
      [{ contents: [{ role: "model", parts: [{ functionCall: {}, thoughtSignature: "s" }] }] }, ""],
    ],
  ],
  [
    "Converse",
    converseBound,
    { messages: [{ role: "user", content: [{ text: "hi" }] }], inferenceConfig: { maxTokens: 100 } },
    [
      [{ system: [{ text: "s" }], toolConfig: { tools: [] } }, ""],
      [{ guardrailConfig: { guardrailIdentifier: "g" } }, 'the parameter "guardrailConfig"'],
      [{ additionalModelRequestFields: { magic: 1 } }, 'the parameter "magic"'],
      [{ additionalModelRequestFields: { thinking: { type: "enabled", budget_tokens: 50 } } }, ""],
      [{ additionalModelRequestFields: { context_management: {} } }, 'the parameter "context_management"'],
      [{ toolConfig: { tools: [{ toolSpec: {} }, { cachePoint: {} }] } }, ""],
      [{ toolConfig: { tools: [{ systemTool: { name: "nova_grounding" } }] } }, `the vendor's own tool "systemTool"`],
      [{ inferenceConfig: { maxTokens: 100, numberOfResponses: 3 } }, 'the parameter "numberOfResponses"'],
      [{ system: [{ guardContent: {} }] }, '"guardContent"'],
      [{ promptVariables: {} }, 'the parameter "promptVariables"'],
      [{ performanceConfig: { latency: "optimized" } }, "", 'latency = "optimized"'],
      [{ serviceTier: { type: "flex" } }, "", "serviceTier = "],
      [{ messages: [{ role: "user", content: [{ image: {} }] }] }, '"image"'],
      [{ messages: [{ role: "user", content: [{ toolResult: { content: [{ document: {} }] } }] }] }, '"document"'],
      [{ messages: [{ role: "user", content: [{ toolResult: { content: [{ json: {} }] } }] }] }, ""],
    ],
  ],
];

describe.each(REFUSED)("in the form of %s", (_format, bound, base, cases) => {
  test("replies are limited by the parameter for it, and a request without one has no limit", () => {
    expect(bound(base).maxOutputTokens).toBe(100);
    const limits = ["max_tokens", "max_output_tokens", "generationConfig", "inferenceConfig"];
    const without = Object.fromEntries(Object.entries(base).filter(([key]) => !limits.includes(key)));
    expect(bound(without).maxOutputTokens).toBeUndefined();
  });

  test("what costs without a bound is named, and what is not sold at list prices", () => {
    expect(bound(base)).toMatchObject({ unbounded: [], offList: [] });
    for (const [more, unbounded, offList = ""] of cases) {
      const found = bound({ ...base, ...more });
      expect([more, found.unbounded.length, found.offList.length]).toEqual([more, unbounded ? 1 : 0, offList ? 1 : 0]);
      expect(found.unbounded.join()).toContain(unbounded);
      expect(found.offList.join()).toContain(offList);
    }
  });
});

test("a picture that the provider has counted is no riddle any more", () => {
  const payload = { model: "m", max_tokens: 1, messages: [{ role: "user", content: [IMAGE] }] };
  const further = { ...payload, messages: [...payload.messages, REPLY] };
  expect(anthropicBound(further).unbounded).toHaveLength(1);
  expect(anthropicBound(further, counted(payload)).unbounded).toEqual([]);
});

test("a budget of thinking that is larger than the limit of a reply comes on top of it", () => {
  const request = { model: "m", max_tokens: 1000, messages: [FIRST] };
  const thinking = (tokens: number) => ({ ...request, thinking: { type: "enabled", budget_tokens: tokens } });
  expect(anthropicBound(thinking(800)).maxOutputTokens).toBe(1000);
  expect(anthropicBound(thinking(5000)).maxOutputTokens).toBe(6000);
  expect(chatBound({ ...request, enable_thinking: true, thinking_budget: 500 })).toMatchObject({
    maxOutputTokens: 1500,
    unbounded: [],
  });
});
