import type { WireAnswer, WireAnswers, WireServer, WireVoice } from "./wire-server.ts";
import { pieces, wireServer } from "./wire-server.ts";

/** A message as the vendor would answer with; what is missing is filled in. */
export interface AnthropicMessageScript {
  readonly id?: string;
  readonly content?: readonly Readonly<Record<string, unknown>>[] | null;
  readonly stop_reason?: string | null;
  readonly usage?: Readonly<Record<string, unknown>> | null;
  readonly [key: string]: unknown;
}

export type AnthropicAnswer = WireAnswer<AnthropicMessageScript>;

/** A server on 127.0.0.1 that speaks the Messages API and answers from a list; one request too many gets a 500. */
export function anthropicServer(answers: WireAnswers<AnthropicMessageScript>): Promise<WireServer> {
  return wireServer(anthropicVoice, answers);
}

/** How Anthropic says a reply. A server of our own says it: `aimock` cannot say what was read from the cache. */
export const anthropicVoice: WireVoice<AnthropicMessageScript> = {
  whole: wholeMessage,
  events: streamEvents,
  encode: eventStream,
};

/** The message as the vendor sends it when it is not streamed. */
export function wholeMessage({ content = [], stop_reason, usage, ...rest }: AnthropicMessageScript): object {
  const asks = content?.some(({ type }) => type === "tool_use") ?? false;
  return {
    id: "msg_01",
    type: "message",
    role: "assistant",
    model: "claude-test",
    content,
    stop_reason: stop_reason === undefined ? (asks ? "tool_use" : "end_turn") : stop_reason,
    stop_sequence: null,
    ...(usage !== null && { usage: { ...NO_USAGE, ...usage } }),
    ...rest,
  };
}

/** The events that such a message streams as. */
export function streamEvents(script: AnthropicMessageScript, pieceLength = 4): Record<string, unknown>[] {
  // A border post: `wholeMessage` gives just these keys.
  const whole = wholeMessage(script) as { content: Record<string, unknown>[]; stop_reason: unknown; usage?: object };
  const { content, stop_reason, usage, ...start } = whole;
  const outputTokens = (usage as { output_tokens?: unknown } | undefined)?.output_tokens ?? null;
  return [
    {
      type: "message_start",
      message: { ...start, content: [], stop_reason: null, ...(usage && { usage: { ...usage, output_tokens: 1 } }) },
    },
    { type: "ping" },
    ...content.flatMap((block, index) => blockEvents(block, index, pieceLength)),
    {
      type: "message_delta",
      delta: { stop_reason, stop_sequence: null },
      ...(usage && { usage: { output_tokens: outputTokens, input_tokens: null } }),
    },
    { type: "message_stop" },
  ];
}

/** Events as the bytes on the wire. */
export function eventStream(events: readonly Readonly<Record<string, unknown>>[]): string {
  return events.map((event) => `event: ${String(event.type)}\ndata: ${JSON.stringify(event)}\n\n`).join("");
}

const NO_USAGE = { input_tokens: 10, output_tokens: 5, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };

/** What of a block streams in pieces, and as which delta. */
const STREAMED: Readonly<Record<string, readonly { readonly field: string; readonly delta: string }[]>> = {
  text: [{ field: "text", delta: "text_delta" }],
  thinking: [
    { field: "thinking", delta: "thinking_delta" },
    { field: "signature", delta: "signature_delta" },
  ],
};

function blockEvents(block: Readonly<Record<string, unknown>>, index: number, pieceLength: number) {
  const start: Record<string, unknown> = { ...block };
  const deltas: object[] = [];
  for (const { field, delta } of STREAMED[String(block.type)] ?? []) {
    start[field] = "";
    const length = field === "signature" ? Number.POSITIVE_INFINITY : pieceLength;
    for (const piece of pieces(textIn(block[field]), length)) deltas.push({ type: delta, [field]: piece });
  }
  if (block.type === "tool_use" || block.type === "server_tool_use") {
    start.input = {};
    const json = Object.keys(block.input ?? {}).length === 0 ? "" : JSON.stringify(block.input);
    for (const piece of ["", ...pieces(json, pieceLength)])
      deltas.push({ type: "input_json_delta", partial_json: piece });
  }
  return [
    { type: "content_block_start", index, content_block: start },
    ...deltas.map((delta) => ({ type: "content_block_delta", index, delta })),
    { type: "content_block_stop", index },
  ];
}

function textIn(value: unknown): string {
  return typeof value === "string" ? value : "";
}
