import type { FixtureResponse } from "@copilotkit/aimock";
import { LLMock } from "@copilotkit/aimock";
import { openai } from "../../src/models/openai/openai.ts";
import { openaiCompatible } from "../../src/models/openai-compatible/openai-compatible.ts";
import type { Model } from "../../src/process/contract/model.ts";
import type { ModelKind, WantedReply } from "./conformance.ts";

/** A judge that is not ours: `aimock` as the vendor, for what it can say of Chat Completions and of Responses. */
export const aimockChatKind = aimockKind("openai_compatible against aimock", (url) =>
  openaiCompatible({ name: "gpt-4.1", baseURL: url, apiKey: "test-key" }),
);

export const aimockResponsesKind = aimockKind("openai against aimock", (url) =>
  openai({ name: "gpt-4.1", baseURL: url, apiKey: "test-key" }),
);

function aimockKind(name: string, toModel: (url: string) => Model): ModelKind {
  return {
    name,
    has: {
      // Its reasoning is shown only for models that it knows to reason, and it does not look at what comes back.
      thinking: false,
      stopReasons: ["end", "tool_use", "max_tokens"],
      // It tells the bodies parsed, not as they came.
      wire: false,
      cacheReads: false,
      reasoningTokens: false,
      cuts: false,
    },
    async open(replies) {
      const mock = new LLMock({ port: 0, host: "127.0.0.1", logLevel: "silent" });
      let sent = 0;
      mock.on({ predicate: () => true }, () => toResponse(replies[sent++] ?? {}));
      await mock.start();
      return {
        model: toModel(`${mock.url}/v1`),
        sent: () => sent,
        [Symbol.asyncDispose]: () => mock.stop(),
      };
    },
  };
}

function toResponse({ text, toolCalls = [], usage, stopReason, error }: WantedReply): FixtureResponse {
  if (error !== undefined) {
    const { status, message, retryAfterMs } = error;
    return { error: { message, type: "some_error" }, status, ...(retryAfterMs && { retryAfter: retryAfterMs / 1000 }) };
  }
  const more = {
    ...(stopReason === "max_tokens" && { finishReason: "length" }),
    ...(usage && {
      usage: {
        prompt_tokens: usage.inputTokens,
        completion_tokens: usage.outputTokens,
        input_tokens: usage.inputTokens,
        output_tokens: usage.outputTokens,
      },
    }),
  };
  if (toolCalls.length === 0) return { content: text ?? "", ...more };
  const calls = toolCalls.map(({ id, name, args }) => ({ id, name, arguments: JSON.stringify(args) }));
  return { toolCalls: calls, ...(text !== undefined && { content: text }), ...more };
}
