import type { JsonObject, JsonValue } from "../../json.ts";
import { isJsonObject } from "../../json.ts";
import { isSomething } from "../wire/error-body.ts";
import type { Growing } from "../wire/growing.ts";
import { stopWord } from "../wire/stop-reason.ts";
import { grow } from "./pieces.ts";
import { ToolCallPieces } from "./tool-call-pieces.ts";

/** A choice of an answer, as the pieces of it in the chunks of a stream come in. */
export class ChoiceInPieces {
  readonly index: number;
  readonly #value: Growing = {};
  readonly #message: Growing = { role: "assistant" };
  readonly #calls = new ToolCallPieces();

  constructor(index: number) {
    this.index = index;
  }

  /** Why it ended was said, or that it failed. */
  get isOver(): boolean {
    const { finish_reason: reason, error } = this.#value;
    return stopWord(reason) !== undefined || isSomething(error) || isSomething(this.#message.error);
  }

  /** As it is in an answer that was not streamed. */
  get value(): JsonObject {
    const calls = this.#calls.list;
    const message = calls.length === 0 ? this.#message : { ...this.#message, tool_calls: calls };
    return { index: this.index, ...this.#value, message };
  }

  /** Returns what there is of the message in a piece. Its usage is that of the answer, which keeps it. */
  add({ index: _index, usage: _usage, delta, message, text, ...rest }: JsonObject): JsonObject {
    grow(this.#value, rest);
    const { tool_calls: calls, ...piece } = isJsonObject(delta) ? delta : this.#rest(delta ?? message ?? text);
    if (Array.isArray(calls)) this.#calls.add(calls as readonly JsonValue[]);
    grow(this.#message, piece);
    return piece;
  }

  /** What a message has beyond what came before: some servers send it so, as it is so far. Others send a bare text. */
  #rest(message: JsonValue | undefined): JsonObject {
    if (typeof message === "string") return { content: message };
    if (!isJsonObject(message)) return {};
    const { content } = message;
    const before = this.#message.content;
    const goesOn = typeof content === "string" && typeof before === "string" && content.startsWith(before);
    return goesOn ? { ...message, content: content.slice(before.length) } : message;
  }
}
