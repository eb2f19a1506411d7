import type { JsonObject, JsonValue } from "../../json.ts";
import { isJsonObject } from "../../json.ts";
import type { Reply, TokenUsage } from "../../process/model.ts";
import type { Assembly } from "../wire/wire-format.ts";
import { Unreadable } from "../wire/wire-format.ts";
import { textsOf } from "./message-text.ts";
import { withPiece } from "./pieces.ts";
import { chatReply } from "./reply.ts";
import { ToolCallPieces } from "./tool-call-pieces.ts";
import { chatUsage } from "./usage.ts";

interface Choice {
  value: JsonObject;
  message: JsonObject;
  readonly calls: ToolCallPieces;
}

/**
 * Puts the chunks of a stream together to the answer that a request without `stream` would have got. What is not
 * known here is kept. (https://platform.openai.com/docs/api-reference/chat-streaming)
 */
export class ChatAssembly implements Assembly {
  #answer: JsonObject = {};
  #complete = false;
  readonly #choices = new Map<number, Choice>();

  /** `[DONE]` has arrived. */
  get complete(): boolean {
    return this.#complete;
  }

  /** Not every server says `[DONE]`; but then it says why the model stopped. */
  get whole(): boolean {
    const choice = this.#choices.get(0);
    return choice !== undefined && (this.#complete || hasText(choice.value.finish_reason));
  }

  get usage(): TokenUsage | undefined {
    return chatUsage(this.#answer);
  }

  end(): void {
    this.#complete = true;
  }

  add({ choices, ...chunk }: JsonObject): string | undefined {
    for (const [key, value] of Object.entries(chunk)) {
      if (value !== null) this.#answer = { ...this.#answer, [key]: value };
    }
    if (!Array.isArray(choices)) return undefined;
    let text = "";
    for (const choice of choices as readonly JsonValue[]) {
      if (!isJsonObject(choice)) throw new Unreadable("a choice is not an object", chunk);
      text += this.#extend(choice);
    }
    return text === "" ? undefined : text;
  }

  result(): Reply {
    const choices = [...this.#choices.entries()]
      .sort(([a], [b]) => a - b)
      .map(([index, { value, message, calls }]) => ({
        index,
        ...value,
        message: calls.list.length === 0 ? message : { ...message, tool_calls: calls.list },
      }));
    return chatReply({ ...this.#answer, object: "chat.completion", choices });
  }

  /** Returns the new text, if it is that of the first choice. */
  #extend({ index, delta, ...rest }: JsonObject): string {
    const place = typeof index === "number" ? index : 0;
    let choice = this.#choices.get(place);
    if (choice === undefined) {
      choice = { value: {}, message: { role: "assistant" }, calls: new ToolCallPieces() };
      this.#choices.set(place, choice);
    }
    choice.value = withPiece(choice.value, rest);
    if (!isJsonObject(delta)) return "";
    const { tool_calls: calls, ...piece } = delta;
    if (Array.isArray(calls)) choice.calls.add(calls as readonly JsonValue[]);
    choice.message = withPiece(choice.message, piece);
    return place === 0 ? textsOf(piece).join("") : "";
  }
}

function hasText(value: JsonValue | undefined): boolean {
  return typeof value === "string" && value !== "";
}
