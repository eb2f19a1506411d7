import type { ModelIO } from "../../process/contract/model.ts";
import type { Secrets } from "./secrets.ts";

/**
 * The text of a reply on its way from the stream to whoever shows it: without secrets, also where one comes in pieces,
 * and never with half of a surrogate pair at an end. What may be the beginning of either waits for the next piece.
 */
export class ShownText {
  readonly #secrets: Secrets;
  readonly #onText: ModelIO["onText"];
  #held = "";
  #hasShown = false;
  #hasThrown = false;

  constructor(secrets: Secrets, onText: ModelIO["onText"]) {
    this.#secrets = secrets;
    this.#onText = onText;
  }

  /** The listener has thrown: what it threw goes out as it is. */
  get hasThrown(): boolean {
    return this.#hasThrown;
  }

  add(piece: string): void | Promise<void> {
    const { shown, held } = this.#secrets.inPiece(this.#held + piece);
    const isHalf = held === "" && /[\ud800-\udbff]$/.test(shown);
    this.#held = isHalf ? shown.slice(-1) : held;
    return this.#show(isHalf ? shown.slice(0, -1) : shown);
  }

  /** The text is over: what was held back is shown. */
  end(): void | Promise<void> {
    const rest = this.#held;
    this.#held = "";
    return this.#show(this.#secrets.inEnd(rest).toWellFormed());
  }

  /** The stream broke. Where nothing was shown until then, nothing is: the request can be sent again. */
  broken(): void | Promise<void> {
    return this.#hasShown && !this.#hasThrown ? this.end() : undefined;
  }

  #show(text: string): void | Promise<void> {
    if (text === "") return undefined;
    this.#hasShown = true;
    try {
      return this.#onText(text)?.catch((thrown: unknown) => this.#rethrow(thrown));
    } catch (thrown) {
      this.#rethrow(thrown);
    }
  }

  #rethrow(thrown: unknown): never {
    this.#hasThrown = true;
    throw thrown;
  }
}
