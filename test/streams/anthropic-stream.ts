import type { JsonObject, JsonValue } from "../../src/json.ts";
import { anthropic } from "../../src/models/anthropic/anthropic.ts";
import { messagesApiProblems } from "../support/provider-rules.ts";
import type { StreamFormat, StreamPiece } from "./stream-format.ts";
import { CALLS, TEXT } from "./stream-format.ts";

const [first, second] = CALLS;
const USAGE = { input_tokens: 25, cache_read_input_tokens: 5, cache_creation_input_tokens: 0 };
const START = { id: "m1", type: "message", role: "assistant", model: "claude-test" };

/** Anthropic's Messages API. (https://platform.claude.com/docs/en/build-with-claude/streaming) */
export const anthropicStream: StreamFormat = {
  name: "anthropic",
  stream: [
    piece({
      type: "message_start",
      message: { ...START, content: [], stop_reason: null, usage: { ...USAGE, output_tokens: 1 } },
    }),
    ...block(0, { type: "thinking", thinking: "", signature: "" }, [
      { type: "thinking_delta", thinking: "Two." },
      { type: "signature_delta", signature: "c2ln" },
    ]),
    piece({ type: "ping" }),
    ...block(1, { type: "text", text: "" }, [
      { type: "text_delta", text: TEXT.slice(0, 15) },
      { type: "text_delta", text: TEXT.slice(15) },
    ]),
    ...call(2, first),
    ...call(3, second),
    piece({ type: "message_delta", delta: { stop_reason: "tool_use" }, usage: { output_tokens: 60 } }),
    piece({ type: "message_stop" }),
  ],
  wholeAfter: 19,
  errorEvent: 'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n',
  done: {
    ...START,
    content: [{ type: "text", text: "done" }],
    stop_reason: "end_turn",
    usage: { ...USAGE, output_tokens: 3 },
  },
  reply: {
    ...START,
    content: [
      { type: "thinking", thinking: "Two.", signature: "c2ln" },
      { type: "text", text: TEXT },
      ...CALLS.map(({ id, name, args }) => ({ type: "tool_use", id, name, input: args as unknown as JsonValue })),
    ],
    stop_reason: "tool_use",
    usage: { ...USAGE, output_tokens: 60 },
  },
  model: ({ baseURL, headers, idleTimeoutMs }) =>
    anthropic({ name: "claude-test", apiKey: "key", baseURL, headers, idleTimeoutMs }),
  objections: messagesApiProblems,
};

function piece(event: JsonObject, text?: string): StreamPiece {
  const raw = `event: ${String(event.type)}\ndata: ${JSON.stringify(event)}\n\n`;
  return text === undefined ? { raw } : { raw, text };
}

function block(index: number, start: JsonObject, deltas: readonly JsonObject[]): StreamPiece[] {
  return [
    piece({ type: "content_block_start", index, content_block: start }),
    ...deltas.map((delta) => {
      const text = delta.type === "text_delta" ? String(delta.text) : undefined;
      return piece({ type: "content_block_delta", index, delta }, text);
    }),
    piece({ type: "content_block_stop", index }),
  ];
}

function call(index: number, { id, name, args }: (typeof CALLS)[number]): StreamPiece[] {
  const json = JSON.stringify(args);
  const deltas = [json.slice(0, 9), json.slice(9)].map((partial_json) => ({ type: "input_json_delta", partial_json }));
  return block(index, { type: "tool_use", id, name, input: {} }, deltas);
}
