import { anthropic } from "../../src/models/anthropic/anthropic.ts";
import type { AnthropicAnswer, AnthropicMessageScript } from "../support/anthropic-server.ts";
import { anthropicServer, eventStream, streamEvents } from "../support/anthropic-server.ts";
import type { ModelKind, WantedReply } from "./conformance.ts";

const STOP_REASONS = { end: "end_turn", tool_use: "tool_use", max_tokens: "max_tokens", refusal: "refusal" } as const;

/** Anthropic's models under the conformance suite: the real SDK against a server on this machine. */
export const anthropicKind: ModelKind = {
  name: "anthropic",
  has: { thinking: true, stopReasons: ["end", "tool_use", "max_tokens", "refusal"], wire: true },
  async open(replies) {
    const server = await anthropicServer(replies.map(toAnswer));
    return {
      model: anthropic({ name: "claude-test", apiKey: "test-key", baseURL: server.url }),
      sent: () => server.requests.length,
      bodies: () => server.requests.map(({ raw }) => raw.toString("utf8")),
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    };
  },
};

function toAnswer({
  text,
  thinking,
  toolCalls = [],
  usage,
  stopReason,
  error,
  ...faults
}: WantedReply): AnthropicAnswer {
  if (error !== undefined) {
    const headers = error.retryAfterMs === undefined ? {} : { "retry-after": String(error.retryAfterMs / 1000) };
    const body = { type: "error", error: { type: "some_error", message: error.message } };
    return { status: error.status, headers, raw: JSON.stringify(body) };
  }
  const message: AnthropicMessageScript = {
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
        cache_read_input_tokens: usage.cacheReadTokens,
        cache_creation_input_tokens: usage.cacheWriteTokens,
      },
    }),
  };
  const until = faults.stallsAfter ?? faults.breaksAfter;
  if (until === undefined) return { message };
  return {
    message,
    cutAfterBytes: bytesOfText(message, until),
    afterCut: faults.stallsAfter === undefined ? "reset" : "stall",
  };
}

/** The length of the stream up to and with the piece that completes so many characters of text. */
function bytesOfText(message: AnthropicMessageScript, characters: number): number {
  const events = streamEvents(message);
  let seen = 0;
  const last = events.findIndex(({ delta }) => {
    const { text = "" } = (delta ?? {}) as { text?: string };
    seen += text.length;
    return seen >= characters;
  });
  return Buffer.byteLength(eventStream(events.slice(0, last + 1)));
}
