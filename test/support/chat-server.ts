import type { WireAnswer, WireAnswers, WireEvent, WireServer, WireVoice } from "./wire-server.ts";
import { pieces, wireServer } from "./wire-server.ts";

/** An answer of Chat Completions; what is missing is filled in. */
export interface ChatScript {
  /** Of the first choice. */
  readonly message?: Readonly<Record<string, unknown>>;
  readonly finish_reason?: string | null;
  readonly usage?: Readonly<Record<string, unknown>> | null;
  readonly [key: string]: unknown;
}

export type ChatAnswer = WireAnswer<ChatScript>;

/**
 * How servers of Chat Completions say a reply. A server of our own says it: `aimock` keeps to OpenAI's own form, has none
 * of the oddities of Ollama and others, and cannot cut a stream at a given byte.
 */
export const chatVoice: WireVoice<ChatScript> = { whole: wholeChat, events: chatChunks, encode: chatStream };

/** A server on 127.0.0.1 that speaks Chat Completions and answers from a list. */
export function chatServer(answers: WireAnswers<ChatScript>): Promise<WireServer> {
  return wireServer(chatVoice, answers);
}

/** The end of a stream, in a list of its chunks. */
export const DONE: WireEvent = Object.freeze({ "[DONE]": true });

export function wholeChat({ message = {}, finish_reason, usage, ...rest }: ChatScript): WireEvent {
  const reason = finish_reason === undefined ? (message.tool_calls ? "tool_calls" : "stop") : finish_reason;
  return {
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1,
    model: "test-model",
    choices: [{ index: 0, finish_reason: reason, message: { role: "assistant", content: null, ...message } }],
    ...(usage !== null && { usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15, ...usage } }),
    ...rest,
  };
}

/** The chunks that such an answer streams as, as OpenAI sends them. */
export function chatChunks(script: ChatScript, pieceLength = 4): WireEvent[] {
  // A border post: `wholeChat` gives just these keys.
  const whole = wholeChat(script) as { choices: { message: Record<string, unknown>; finish_reason: unknown }[] };
  const { choices, usage, ...start } = { usage: undefined, ...whole };
  const [{ message, finish_reason } = { message: {}, finish_reason: null }] = choices;
  const chunk = (delta: object, finish: unknown = null): WireEvent => ({
    ...start,
    object: "chat.completion.chunk",
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
  const { role, content, tool_calls: calls = [], ...more } = message;
  return [
    chunk({ role, content: "" }),
    ...Object.entries(more).flatMap(([key, value]) =>
      partsOf(value, pieceLength).map((part) => chunk({ [key]: part })),
    ),
    ...partsOf(content, pieceLength).map((part) => chunk({ content: part })),
    ...(calls as CallScript[]).flatMap((call, index) =>
      callDeltas(call, index, pieceLength).map((part) => chunk(part)),
    ),
    chunk({}, finish_reason),
    ...(usage === undefined ? [] : [{ ...start, object: "chat.completion.chunk", choices: [], usage }]),
    DONE,
  ];
}

function chatStream(chunks: readonly WireEvent[]): string {
  return chunks.map((chunk) => `data: ${chunk === DONE ? "[DONE]" : JSON.stringify(chunk)}\n\n`).join("");
}

interface CallScript {
  readonly function: { readonly name: string; readonly arguments: string };
}

function callDeltas({ function: called, ...call }: CallScript, index: number, pieceLength: number): object[] {
  const json = typeof called.arguments === "string" ? pieces(called.arguments, pieceLength) : [called.arguments];
  const start = { index, ...call, function: { ...called, arguments: "" } };
  return [start, ...json.map((part) => ({ index, function: { arguments: part } }))].map((one) => ({
    tool_calls: [one],
  }));
}

function partsOf(value: unknown, pieceLength: number): unknown[] {
  if (value === null || value === undefined) return [];
  return typeof value === "string" ? pieces(value, pieceLength) : [value];
}
