import { openaiCompatible } from "../../src/models/openai-compatible/openai-compatible.ts";
import type { ChatScript } from "../support/chat-server.ts";
import { chatVoice } from "../support/chat-server.ts";
import type { WantedReply } from "./conformance.ts";
import type { WireKindOptions } from "./wire-kind.ts";
import { wireKind } from "./wire-kind.ts";

const FINISH_REASONS = {
  end: "stop",
  tool_use: "tool_calls",
  max_tokens: "length",
  refusal: "content_filter",
  other: "odd",
} as const;

export const chatWire = {
  has: { thinking: true, stopReasons: ["end", "tool_use", "max_tokens", "refusal"], wire: true },
  voice: chatVoice,
  toScript: chatScript,
  errorBody: (message) => ({ error: { message, type: "some_error", param: null, code: null } }),
  textIn: ({ choices }) => (choices as { delta?: { content?: unknown } }[] | undefined)?.[0]?.delta?.content,
} satisfies Partial<WireKindOptions<ChatScript>>;

export const chatKind = wireKind({
  ...chatWire,
  name: "openai_compatible",
  model: (url) => openaiCompatible({ name: "test-model", baseURL: `${url}/v1` }),
});

function chatScript({ text, thinking, toolCalls = [], usage, stopReason }: WantedReply): ChatScript {
  return {
    message: {
      ...(thinking !== undefined && { reasoning_content: thinking }),
      ...(text !== undefined && { content: text }),
      ...(toolCalls.length > 0 && {
        tool_calls: toolCalls.map(({ id, name, args }) => ({
          id,
          type: "function",
          function: { name, arguments: JSON.stringify(args) },
        })),
      }),
    },
    ...(stopReason && { finish_reason: FINISH_REASONS[stopReason] }),
    ...(usage && {
      usage: {
        prompt_tokens: usage.inputTokens,
        completion_tokens: usage.outputTokens,
        total_tokens: usage.inputTokens + usage.outputTokens,
        prompt_tokens_details: { cached_tokens: usage.cacheReadTokens, cache_write_tokens: usage.cacheWriteTokens },
        ...(usage.reasoningTokens !== undefined && {
          completion_tokens_details: { reasoning_tokens: usage.reasoningTokens },
        }),
      },
    }),
  };
}
