import type { Reply } from "../../process/contract/model.ts";
import { Unreadable } from "./wire-format.ts";

/**
 * The text that was handed out of a stream. What a listener has heard is in the reply: servers that end a stream with
 * another text than they streamed, or with none, are not believed.
 */
export class StreamedText {
  /** By the block, part or choice that it belongs to: these may come mixed. */
  readonly #texts = new Map<unknown, string>();

  /** The piece itself; undefined where there is nothing in it. */
  handOut(piece: unknown, of: unknown): string | undefined {
    if (typeof piece !== "string" || piece === "") return undefined;
    this.#texts.set(of, (this.#texts.get(of) ?? "") + piece);
    return piece;
  }

  /** What is said in these texts beyond what was handed out; nothing where they are others. */
  unheardOf(texts: readonly string[]): string {
    const [said, heard] = [texts.join(""), [...this.#texts.values()].join("")];
    return said.startsWith(heard) ? said.slice(heard.length) : "";
  }

  /** Whether all of it is said in these texts. Blanks at the ends are no loss, nor is more than was streamed. */
  isIn(texts: readonly string[]): boolean {
    const said = texts.join("");
    return [...this.#texts.values()].every((text) => said.includes(text) || isWithin(text, said));
  }

  /** @throws Unreadable if some of it is not in the reply */
  holdTo(reply: Reply): Reply {
    if (this.isIn(reply.texts)) return reply;
    throw new Unreadable("it ended with another text than it streamed", reply.response);
  }
}

/** Whether all that is visible of a text is in another, in its order. */
function isWithin(text: string, other: string): boolean {
  let place = 0;
  for (const character of text.replace(/\s+/g, "")) {
    place = other.indexOf(character, place) + 1;
    if (place === 0) return false;
  }
  return true;
}
