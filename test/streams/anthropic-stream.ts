import type { JsonObject, JsonValue } from "../../src/json.ts";
import { isJsonObject } from "../../src/json.ts";
import { anthropic } from "../../src/models/anthropic/anthropic.ts";
import { isText, objectsOf } from "./json-lists.ts";
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
  wholeAfter: 20,
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
  objections: anthropicObjections,
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

/** The rules of the API for a list of messages. (https://platform.claude.com/docs/en/api/messages) */
export function anthropicObjections(body: JsonObject): readonly string[] {
  const messages = objectsOf(body.messages);
  const objections: string[] = [];
  if (messages.length === 0) objections.push("no messages");
  for (const [index, { role, content }] of messages.entries()) {
    const expected = index % 2 === 0 ? "user" : "assistant";
    if (role !== expected) objections.push(`message ${index} is of ${String(role)}, not ${expected}`);
    const blocks = objectsOf(content);
    if (blocks.length === 0) objections.push(`message ${index} is empty`);
    if (!blocks.every(isTaken)) objections.push(`message ${index} has a block of the wrong shape`);
    const before = idsOf(messages[index - 1], "tool_use", "id");
    const answers = idsOf(messages[index], "tool_result", "tool_use_id");
    if (role === "user" && before.join() !== answers.join())
      objections.push(`message ${index} answers ${answers.join() || "nothing"}, not ${before.join() || "nothing"}`);
    if (new Set(before).size < before.length) objections.push(`message ${index - 1} has two calls of one id`);
  }
  if (messages.at(-1)?.role !== "user") objections.push("the last message is not the user's");
  return objections;
}

/** Whether the API takes a block; of kinds that are not known here it takes all. */
function isTaken(block: JsonObject): boolean {
  const { type, text, thinking, signature, id, name, input } = block;
  if (typeof type !== "string") return false;
  if (type === "text") return typeof text === "string" && text.trim() !== "";
  if (type === "thinking") return typeof thinking === "string" && typeof (signature ?? "") === "string";
  if (type === "tool_use") return isText(id) && isText(name) && isJsonObject(input);
  return true;
}

function idsOf(message: JsonObject | undefined, type: string, key: string): string[] {
  const blocks = objectsOf(message?.content).filter((one) => one.type === type);
  return blocks.map((one) => String(one[key]));
}
