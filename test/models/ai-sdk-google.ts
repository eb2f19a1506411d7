import type { JsonObject } from "../../src/json.ts";
import { createModel } from "../../src/models/create-model.ts";
import type { Model } from "../../src/process/contract/model.ts";
import type { WireAnswer, WireServer } from "./ai-sdk-server.ts";
import { pieces, streamAnswer, wireServer } from "./ai-sdk-server.ts";
import type { ModelKind, WantedReply } from "./conformance.ts";

export const EVENT_STREAM = { "content-type": "text/event-stream" };

/** Gemini's API under the conformance suite: the real package against a server on this machine. */
export const googleKind: ModelKind = {
  name: "google, through @ai-sdk/google",
  has: {
    thinking: false,
    cacheWrites: false,
    stopReasons: ["end", "tool_use", "max_tokens", "refusal", "other"],
    wire: true,
  },
  async open(replies) {
    const server = await wireServer(replies.map(googleAnswer));
    return {
      model: googleModel(server),
      sent: () => server.requests.length,
      bodies: () => server.requests.map(({ raw }) => raw),
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    };
  },
};

/** As a program file would make it. */
export function googleModel({ url }: WireServer, name = "gemini-test"): Model {
  process.env.AI_SDK_TEST_KEY = "planted-secret-key";
  return createModel({ provider: "google", name, baseUrl: url, apiKeyEnv: "AI_SDK_TEST_KEY" });
}

const FINISH = { end: "STOP", tool_use: "STOP", max_tokens: "MAX_TOKENS", refusal: "SAFETY", other: "ODD" } as const;

export function googleAnswer({ error, stopReason = "end", usage, ...reply }: WantedReply): WireAnswer {
  if (error !== undefined) {
    const body = JSON.stringify({ error: { code: error.status, message: error.message, status: "SOME_STATUS" } });
    return { status: error.status, headers: retryAfter(error.retryAfterMs), body };
  }
  const chunks = [
    ...pieces(reply.thinking ?? "").map((text) => contentChunk({ text, thought: true })),
    ...pieces(reply.text ?? "").map((text) => contentChunk({ text }, text)),
    ...(reply.toolCalls ?? []).map((call, index) => contentChunk(functionCall(call, index))),
  ];
  const counts = {
    promptTokenCount: usage?.inputTokens ?? 10,
    candidatesTokenCount: (usage?.outputTokens ?? 5) - (usage?.reasoningTokens ?? 0),
    thoughtsTokenCount: usage?.reasoningTokens ?? 0,
    cachedContentTokenCount: usage?.cacheReadTokens ?? 0,
  };
  const last = googleChunk({ finishReason: FINISH[stopReason] }, "", { usageMetadata: counts });
  return streamAnswer([...chunks, last], EVENT_STREAM, reply);
}

/** One event of a stream; `text` is what counts for where to cut. */
export function googleChunk(candidate: JsonObject, text = "", more: JsonObject = {}) {
  return { bytes: `data: ${JSON.stringify({ candidates: [candidate], ...more })}\r\n\r\n`, text };
}

function contentChunk(part: JsonObject, text = "") {
  return googleChunk({ content: { role: "model", parts: [part] } }, text);
}

/** The signature stands at the first call, as Gemini has it. */
function functionCall({ id, name, args }: NonNullable<WantedReply["toolCalls"]>[number], index: number): JsonObject {
  return { functionCall: { id, name, args }, ...(index === 0 && { thoughtSignature: "c2lnbmF0dXJl" }) };
}

export function retryAfter(delayMs: number | undefined): Record<string, string> {
  return delayMs === undefined ? {} : { "retry-after": String(delayMs / 1000) };
}
