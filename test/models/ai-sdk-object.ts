import type { LanguageModelV4, LanguageModelV4CallOptions, LanguageModelV4StreamPart } from "@ai-sdk/provider";
import { APICallError } from "@ai-sdk/provider";
import { aiSdk } from "../../src/models/ai-sdk/ai-sdk.ts";
import { pieces } from "./ai-sdk-server.ts";
import type { ModelKind, WantedReply } from "./conformance.ts";

/** A model object of the AI SDK under the conformance suite: it has no wire that anybody could see. */
export const objectKind: ModelKind = {
  name: "a model object of the AI SDK",
  has: { thinking: false, stopReasons: ["end", "tool_use", "max_tokens", "refusal", "other"], wire: false },
  async open(replies) {
    const { object, calls } = modelObject(replies);
    return { model: aiSdk(object), sent: () => calls.length, async [Symbol.asyncDispose]() {} };
  },
};

const FINISH = {
  end: "stop",
  tool_use: "tool-calls",
  max_tokens: "length",
  refusal: "content-filter",
  other: "other",
} as const;

/** A model object that gives these replies, and what it was called with. */
export function modelObject(replies: readonly WantedReply[]) {
  const calls: LanguageModelV4CallOptions[] = [];
  const object: LanguageModelV4 = {
    specificationVersion: "v4",
    provider: "test.chat",
    modelId: "test-model",
    supportedUrls: {},
    doGenerate: () => Promise.reject(new Error("Not here.")),
    async doStream(options) {
      const reply = replies[calls.length] ?? {};
      calls.push(options);
      if (reply.error !== undefined) throw failure(reply.error);
      return { stream: streamOf(reply) };
    },
  };
  return { object, calls };
}

/** It pays no attention to the signal: whoever waits for it must help himself. */
function streamOf(reply: WantedReply): ReadableStream<LanguageModelV4StreamPart> {
  const parts = partsOf(reply);
  const until = reply.stallsAfter ?? reply.breaksAfter ?? Number.POSITIVE_INFINITY;
  let seen = 0;
  return new ReadableStream<LanguageModelV4StreamPart>(
    {
      pull(controller) {
        if (seen >= until) {
          if (reply.breaksAfter !== undefined) controller.error(new TypeError("terminated"));
          return reply.stallsAfter === undefined ? undefined : new Promise(() => {});
        }
        const part = parts.shift();
        if (part === undefined) return controller.close();
        if (part.type === "text-delta") seen += part.delta.length;
        return controller.enqueue(part);
      },
    },
    { highWaterMark: 0 },
  );
}

function partsOf({ text = "", toolCalls = [], usage, stopReason }: WantedReply): LanguageModelV4StreamPart[] {
  const reason = stopReason ?? (toolCalls.length > 0 ? "tool_use" : "end");
  return [
    { type: "stream-start", warnings: [] },
    { type: "text-start", id: "1" },
    ...pieces(text).map((delta) => ({ type: "text-delta", id: "1", delta }) as const),
    { type: "text-end", id: "1" },
    ...toolCalls.map(({ id, name, args }) => {
      return { type: "tool-call", toolCallId: id, toolName: name, input: JSON.stringify(args) } as const;
    }),
    {
      type: "finish",
      finishReason: { unified: FINISH[reason], raw: reason },
      usage: {
        inputTokens: {
          total: usage?.inputTokens,
          noCache: undefined,
          cacheRead: usage?.cacheReadTokens,
          cacheWrite: usage?.cacheWriteTokens,
        },
        outputTokens: { total: usage?.outputTokens, text: undefined, reasoning: usage?.reasoningTokens },
      },
    },
  ];
}

function failure({ status, message, retryAfterMs }: NonNullable<WantedReply["error"]>): APICallError {
  const responseHeaders = retryAfterMs === undefined ? {} : { "retry-after": String(retryAfterMs / 1000) };
  return new APICallError({
    message,
    statusCode: status,
    responseHeaders,
    data: {},
    url: "http://test",
    requestBodyValues: {},
  });
}
