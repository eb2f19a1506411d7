import { DONE } from "../../support/chat-server.ts";
import type { WireEvent } from "../../support/wire-server.ts";

type Fields = Readonly<Record<string, unknown>>;

// ---- Chat Completions

export const CHAT_USAGE = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };

/** One chunk with one choice. */
export function chunk(delta: Fields, finish_reason: unknown = null, choice: Fields = {}): WireEvent {
  return { id: "c", object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason, ...choice }] };
}

/** A stream of chunks with its usage and its end. */
export function chat(...chunks: readonly WireEvent[]): readonly WireEvent[] {
  return [...chunks, { id: "c", object: "chat.completion.chunk", choices: [], usage: CHAT_USAGE }, DONE];
}

/** An answer that is not streamed. */
export function chatWhole(message: Fields, finish_reason: unknown = "stop", choice: Fields = {}): object {
  const said = { role: "assistant", content: null, ...message };
  const choices = [{ index: 0, message: said, finish_reason, ...choice }];
  return { id: "c", object: "chat.completion", choices, usage: CHAT_USAGE };
}

/** A chunk with one piece of a tool call. */
export function callPiece(call: Fields, called: Fields | undefined, finish: unknown = null): WireEvent {
  return chunk({ tool_calls: [{ ...call, ...(called && { function: called }) }] }, finish);
}

// ---- Messages

const MESSAGES_USAGE = { input_tokens: 10, output_tokens: 5 };

export function messageStart(message: Fields = {}): WireEvent {
  const start = { id: "m", type: "message", role: "assistant", model: "claude-test", content: [], stop_reason: null };
  return { type: "message_start", message: { ...start, usage: { ...MESSAGES_USAGE, output_tokens: 1 }, ...message } };
}

export function blockStart(index: unknown, content_block: Fields): WireEvent {
  return { type: "content_block_start", index, content_block };
}

export function blockDelta(index: unknown, delta: Fields): WireEvent {
  return { type: "content_block_delta", index, delta };
}

export function blockStop(index: unknown): WireEvent {
  return { type: "content_block_stop", index };
}

export function textBlock(index: unknown, text: string): readonly WireEvent[] {
  return [
    blockStart(index, { type: "text", text: "" }),
    blockDelta(index, { type: "text_delta", text }),
    blockStop(index),
  ];
}

export function callBlock(index: unknown, block: Fields, ...json: readonly string[]): readonly WireEvent[] {
  return [
    blockStart(index, { type: "tool_use", id: "t1", name: "note", input: {}, ...block }),
    ...json.map((partial_json) => blockDelta(index, { type: "input_json_delta", partial_json })),
    blockStop(index),
  ];
}

export function messageDelta(stop_reason: unknown, usage: unknown = { output_tokens: 5 }): WireEvent {
  return { type: "message_delta", delta: { stop_reason }, usage };
}

export const MESSAGE_STOP: WireEvent = { type: "message_stop" };

/** A whole stream of these blocks. */
export function messages(stop_reason: unknown, ...blocks: readonly (readonly WireEvent[])[]): readonly WireEvent[] {
  return [messageStart(), ...blocks.flat(), messageDelta(stop_reason), MESSAGE_STOP];
}

export function messageWhole(content: unknown, stop_reason: unknown = "end_turn", more: Fields = {}): object {
  const message = { id: "m", type: "message", role: "assistant", model: "claude-test", content, stop_reason };
  return { ...message, usage: MESSAGES_USAGE, ...more };
}

// ---- Responses

const RESPONSES_USAGE = { input_tokens: 10, output_tokens: 5, total_tokens: 15 };

export function response(output: unknown, more: Fields = {}): object {
  return { id: "r", object: "response", status: "completed", output, usage: RESPONSES_USAGE, ...more };
}

export function completed(output: unknown, more: Fields = {}): WireEvent {
  return { type: "response.completed", response: response(output, more) };
}

export function said(text: string, more: Fields = {}): object {
  const content = [{ type: "output_text", text, annotations: [] }];
  return { type: "message", id: "msg_1", role: "assistant", status: "completed", content, ...more };
}

export function asked(json: unknown, more: Fields = {}): object {
  return { type: "function_call", id: "fc_1", call_id: "call_1", name: "note", arguments: json, ...more };
}

export function textDelta(delta: string, more: Fields = {}): WireEvent {
  return { type: "response.output_text.delta", item_id: "msg_1", output_index: 0, content_index: 0, delta, ...more };
}

export function itemAdded(item: object, output_index: unknown = 0): WireEvent {
  return { type: "response.output_item.added", output_index, item };
}

export function itemDone(item: object, output_index: unknown = 0): WireEvent {
  return { type: "response.output_item.done", output_index, item };
}

export function argumentsDelta(delta: string, more: Fields = {}): WireEvent {
  return { type: "response.function_call_arguments.delta", delta, ...more };
}
