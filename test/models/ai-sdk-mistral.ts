import type { JsonObject } from "../../src/json.ts";
import { createModel } from "../../src/models/create-model.ts";
import { EVENT_STREAM, retryAfter } from "./ai-sdk-google.ts";
import type { WireAnswer } from "./ai-sdk-server.ts";
import { pieces, streamAnswer, wireServer } from "./ai-sdk-server.ts";
import type { ModelKind, WantedReply } from "./conformance.ts";

/** Mistral's API under the conformance suite. It has no word for a refusal, and does not count what it caches. */
export const mistralKind: ModelKind = {
  name: "mistral, through @ai-sdk/mistral",
  has: {
    thinking: false,
    reasoningTokens: false,
    cacheWrites: false,
    stopReasons: ["end", "tool_use", "max_tokens", "other"],
    wire: true,
  },
  async open(replies) {
    const server = await wireServer(replies.map(mistralAnswer));
    process.env.AI_SDK_TEST_KEY = "planted-secret-key";
    return {
      model: createModel({
        provider: "mistral",
        name: "mistral-test",
        baseUrl: server.url,
        apiKeyEnv: "AI_SDK_TEST_KEY",
      }),
      sent: () => server.requests.length,
      bodies: () => server.requests.map(({ raw }) => raw),
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    };
  },
};

const FINISH = { end: "stop", tool_use: "tool_calls", max_tokens: "length", refusal: "stop", other: "odd" } as const;

export function mistralAnswer({ error, usage, stopReason, ...reply }: WantedReply): WireAnswer {
  if (error !== undefined) {
    const { status, message } = error;
    const body = JSON.stringify({ object: "error", message, type: "some_error", param: null, code: null });
    return { status, headers: retryAfter(error.retryAfterMs), body };
  }
  const calls = reply.toolCalls ?? [];
  const thinking = pieces(reply.thinking ?? "").map((text) => {
    return chunk({ delta: { content: [{ type: "thinking", thinking: [{ type: "text", text }] }] } });
  });
  const texts = pieces(reply.text ?? "").map((text) => chunk({ delta: { content: text } }, text));
  const toolCalls = calls.map(({ id, name, args }, index) => {
    const call = { index, id, function: { name, arguments: JSON.stringify(args) } };
    return chunk({ delta: { content: "", tool_calls: [call] } });
  });
  const reason = stopReason ?? (calls.length > 0 ? "tool_use" : "end");
  const last = chunk({ delta: { content: "" }, finish_reason: FINISH[reason] }, "", {
    usage: {
      prompt_tokens: usage?.inputTokens ?? 10,
      completion_tokens: usage?.outputTokens ?? 5,
      total_tokens: 0,
      num_cached_tokens: usage?.cacheReadTokens ?? 0,
    },
  });
  const done = { bytes: "data: [DONE]\n\n" };
  return streamAnswer([...thinking, ...texts, ...toolCalls, last, done], EVENT_STREAM, reply);
}

function chunk(choice: JsonObject, text = "", more: JsonObject = {}) {
  const event = { id: "c1", created: 1, model: "mistral-test", choices: [{ index: 0, ...choice }], ...more };
  return { bytes: `data: ${JSON.stringify(event)}\n\n`, text };
}
