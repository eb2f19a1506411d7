import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";

/** Where answers are typed: `process.stdin`, or any readable stream that says it is a terminal. */
export type AnswerStream = Readable & { readonly isTTY?: boolean | undefined };

/**
 * Reads lines that a person types, for as long as a question stands. The terminal stays in its usual mode: it shows
 * what is typed, and Ctrl-C does what it always does. After `close` the stream is as it was before.
 */
export class LineReader {
  readonly #input: AnswerStream;
  readonly #decoder = new StringDecoder("utf8");
  readonly #wasFlowing: boolean;
  #text = "";
  #isOver: boolean;
  #wake: (() => void) | undefined;

  constructor(input: AnswerStream) {
    this.#input = input;
    this.#wasFlowing = input.readableFlowing === true;
    this.#isOver = input.readableEnded || input.destroyed;
    input.on("data", this.#take);
    for (const event of ENDS) input.on(event, this.#end);
    input.resume();
  }

  /** Forgets what was typed until now: it cannot be an answer to what is about to be asked. */
  async discard(): Promise<void> {
    // What lies ready is read in the loop's next round: two of these have a whole one between them.
    await immediate();
    await immediate();
    this.#text = "";
  }

  /** The next line; undefined if there will be none, or once the signal aborts. */
  async line(signal: AbortSignal): Promise<string | undefined> {
    const wake = () => this.#wake?.();
    signal.addEventListener("abort", wake);
    try {
      while (!this.#text.includes("\n")) {
        if (this.#isOver || signal.aborted) return undefined;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
      const end = this.#text.indexOf("\n");
      const line = this.#text.slice(0, end);
      this.#text = this.#text.slice(end + 1);
      return signal.aborted ? undefined : line;
    } finally {
      this.#wake = undefined;
      signal.removeEventListener("abort", wake);
    }
  }

  close(): void {
    this.#input.off("data", this.#take);
    for (const event of ENDS) this.#input.off(event, this.#end);
    if (!this.#wasFlowing) this.#input.pause();
  }

  readonly #take = (chunk: Buffer | string): void => {
    this.#text += typeof chunk === "string" ? chunk : this.#decoder.write(chunk);
    this.#wake?.();
  };

  readonly #end = (): void => {
    this.#isOver = true;
    this.#wake?.();
  };
}

/** A terminal that goes away may do so by any of these. */
const ENDS = ["end", "close", "error"] as const;

function immediate(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
