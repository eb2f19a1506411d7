import type { JsonObject, JsonValue } from "../../json.ts";
import { define, isJsonObject } from "../../json.ts";
import type { Reply, TokenUsage } from "../../process/contract/model.ts";
import { isSomething } from "../wire/error-body.ts";
import type { Growing } from "../wire/growing.ts";
import { ownValue } from "../wire/growing.ts";
import { StreamedText } from "../wire/streamed-text.ts";
import { laterUsage } from "../wire/token-count.ts";
import type { Assembly } from "../wire/wire-format.ts";
import { Unreadable } from "../wire/wire-format.ts";
import { ChoicesInPieces } from "./choices.ts";
import { chatReply, chatTexts } from "./reply.ts";
import { chatUsage, StreamedCount } from "./usage.ts";

/**
 * Puts the chunks of a stream together to the answer that a request without `stream` would have got. What is not
 * known here is kept. (https://platform.openai.com/docs/api-reference/chat-streaming)
 */
export class ChatAssembly implements Assembly {
  readonly #answer: Growing = {};
  readonly #choices = new ChoicesInPieces();
  readonly #streamed = new StreamedText();
  #complete = false;
  readonly #count = new StreamedCount();

  /** `[DONE]` has arrived. */
  get complete(): boolean {
    return this.#complete;
  }

  /** Not every server says `[DONE]`; but then it says why the model stopped. */
  get whole(): boolean {
    return this.#complete ? !this.#choices.isEmpty : this.#choices.isOver;
  }

  get usage(): TokenUsage | undefined {
    return chatUsage(this.#whole([]));
  }

  get unheard(): string {
    return this.#streamed.unheardOf(chatTexts(this.#whole(this.#choices.whole())));
  }

  end(): void {
    this.#complete = true;
  }

  add(chunk: JsonObject): string | undefined {
    for (const key of Object.keys(chunk)) if (key !== "choices") this.#keep(key, chunk[key]);
    // A border post: `Array.isArray` gives `any[]` for a read-only list.
    const choices = Array.isArray(chunk.choices) ? (chunk.choices as readonly JsonValue[]) : [];
    if (!choices.every(isJsonObject)) throw new Unreadable("a choice is not an object", chunk);
    this.#count.add(chunk, choices.some(says));
    let said = "";
    for (const [place, choice] of choices.entries()) {
      // Moonshot's place for it.
      this.#keep("usage", choice.usage);
      for (const { of, text } of this.#choices.add(choice, place)) said += this.#streamed.handOut(text, of) ?? "";
    }
    return said === "" ? undefined : said;
  }

  result(): Reply {
    const whole = this.#whole(this.#choices.whole());
    const { usage: _early, x_groq: _groq, ...uncounted } = whole;
    return this.#streamed.holdTo(chatReply(this.#count.isOfWhole ? whole : uncounted));
  }

  /** Nothing and an empty text replace nothing: some servers send them with what is of no request. */
  #keep(key: string, value: JsonValue | undefined): void {
    if (value === undefined || value === null) return;
    const before = ownValue(this.#answer, key);
    if (value === before || (value === "" && before !== undefined)) return;
    define(this.#answer, key, key === "usage" ? laterUsage(before, value) : value);
  }

  #whole(choices: readonly JsonObject[]): JsonObject {
    return { ...this.#answer, object: "chat.completion", choices };
  }
}

/** Whether there is anything of a reply in it. */
function says({ delta, message, text }: JsonObject): boolean {
  const piece = delta ?? message ?? text;
  return isJsonObject(piece)
    ? Object.entries(piece).some(([key, value]) => key !== "role" && isSomething(value))
    : isSomething(piece);
}
