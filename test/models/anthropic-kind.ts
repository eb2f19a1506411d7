import { anthropic } from "../../src/models/anthropic/anthropic.ts";
import type { AnthropicMessageScript } from "../support/anthropic-server.ts";
import { anthropicVoice } from "../support/anthropic-server.ts";
import type { WantedReply } from "./conformance.ts";
import type { WireKindOptions } from "./wire-kind.ts";
import { wireKind } from "./wire-kind.ts";

const STOP_REASONS = {
  end: "end_turn",
  tool_use: "tool_use",
  max_tokens: "max_tokens",
  refusal: "refusal",
  other: "odd",
} as const;

/** What is the same wherever the Messages API is spoken. */
export const anthropicWire = {
  has: { thinking: true, stopReasons: ["end", "tool_use", "max_tokens", "refusal"], wire: true },
  voice: anthropicVoice,
  toScript: anthropicScript,
  errorBody: (message) => ({ type: "error", error: { type: "some_error", message } }),
  textIn: ({ delta }) => ((delta ?? {}) as { text?: unknown }).text,
} satisfies Partial<WireKindOptions<AnthropicMessageScript>>;

export const anthropicKind = wireKind({
  ...anthropicWire,
  name: "anthropic",
  model: (url) => anthropic({ name: "claude-test", apiKey: "test-key", baseURL: url }),
});

function anthropicScript({ text, thinking, toolCalls = [], usage, stopReason }: WantedReply): AnthropicMessageScript {
  return {
    content: [
      ...(thinking === undefined ? [] : [{ type: "thinking", thinking, signature: "c2lnbmF0dXJl" }]),
      ...(text === undefined ? [] : [{ type: "text", text }]),
      ...toolCalls.map(({ id, name, args }) => ({ type: "tool_use", id, name, input: args })),
    ],
    ...(stopReason && { stop_reason: STOP_REASONS[stopReason] }),
    ...(usage && {
      usage: {
        input_tokens: usage.inputTokens - usage.cacheReadTokens - usage.cacheWriteTokens,
        output_tokens: usage.outputTokens,
        output_tokens_details: usage.reasoningTokens && { thinking_tokens: usage.reasoningTokens },
        cache_read_input_tokens: usage.cacheReadTokens,
        cache_creation_input_tokens: usage.cacheWriteTokens,
      },
    }),
  };
}
