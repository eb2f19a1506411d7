import type { JsonObject } from "../../json.ts";
import { deepCopy } from "../../json.ts";
import { ChoiceInPieces } from "./choice.ts";
import { textsOf } from "./message-text.ts";

/** Text to be handed out, and the field of the message that it is in. */
export interface ChoiceText {
  readonly of: "content" | "refusal";
  readonly text: string;
}

const NO_TEXT: readonly ChoiceText[] = Object.freeze([]);

/**
 * The choices of a streamed answer. Most have one. Where there are several, that of the lowest index is the reply, unless
 * a server counts the index of its only choice up with each chunk: then no index comes back, and only the last says why
 * it ended. As long as that is open, the text behind the first index is held back.
 */
export class ChoicesInPieces {
  readonly #choices = new Map<number, ChoiceInPieces>();
  #first: ChoiceInPieces | undefined;
  /** The pieces of all but the first, to be put to it if they are its. */
  readonly #later: JsonObject[] = [];
  #held: (ChoiceText & { readonly index: number })[] = [];
  /** Of the last piece. */
  #index = 0;
  #areSeveral = false;

  get isEmpty(): boolean {
    return this.#choices.size === 0;
  }

  /** Why the reply ended was said, or that it failed. */
  get isOver(): boolean {
    const index = this.#areSeveral ? Math.min(...this.#choices.keys()) : this.#index;
    return this.#choices.get(index)?.isOver === true;
  }

  /** As they are in an answer that was not streamed. Nothing is to follow. */
  whole(): readonly JsonObject[] {
    const first = this.#first;
    if (first === undefined) return [];
    if (this.#areSeveral) return [...this.#choices.values()].map(({ value }) => value);
    for (const piece of this.#later.splice(0)) first.add(piece);
    return [first.value];
  }

  /** Returns the text that is the reply's, as far as that is certain. `place` is that in the list of the chunk. */
  add(piece: JsonObject, place: number): readonly ChoiceText[] {
    const index = indexOf(piece) ?? (place > 0 ? place : this.#index);
    const choice = this.#choiceOf(index, place);
    this.#index = index;
    if (choice !== this.#first) this.#later.push(deepCopy(piece));
    const texts = textsIn(choice.add(piece));
    if (choice === this.#first && index === 0) return texts;
    this.#held.push(...texts.map((text) => ({ ...text, index })));
    if (this.#areSeveral) return this.#held.splice(0).filter((held) => held.index === 0);
    return this.#choices.size > 1 && choice.isOver ? this.#held.splice(0) : NO_TEXT;
  }

  #choiceOf(index: number, place: number): ChoiceInPieces {
    const known = this.#choices.get(index);
    const isOneOfSeveral =
      known !== undefined ? index !== this.#index : [...this.#choices.values()].some(({ isOver }) => isOver);
    if (place > 0 || isOneOfSeveral) this.#areSeveral = true;
    const choice = known ?? new ChoiceInPieces(index);
    if (known === undefined) this.#choices.set(index, choice);
    this.#first ??= choice;
    return choice;
  }
}

function indexOf({ index }: JsonObject): number | undefined {
  if (typeof index === "string" && /^\d+$/.test(index)) return Number(index);
  return typeof index === "number" ? index : undefined;
}

function textsIn({ content, refusal }: JsonObject): readonly ChoiceText[] {
  if (typeof content !== "object" && typeof refusal !== "string") {
    return typeof content === "string" && content !== "" ? [{ of: "content", text: content }] : NO_TEXT;
  }
  const texts: readonly ChoiceText[] = [
    { of: "content", text: textsOf({ content }).join("") },
    { of: "refusal", text: textsOf({ refusal }).join("") },
  ];
  return texts.filter(({ text }) => text !== "");
}
