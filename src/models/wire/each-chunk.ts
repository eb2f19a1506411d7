import type { Readable } from "node:stream";
import type { BodyText } from "./body-text.ts";
import { bodyText } from "./body-text.ts";
import { isGzip, unzipped } from "./content-coding.ts";
import { Lost } from "./lost.ts";

type Take = (text: string) => void | Promise<void>;

/**
 * Hands on the text of a body as it comes; where `take` returns a promise, nothing more comes before it has settled.
 * Resolves at the end of the body. What its bytes are, they tell by themselves, else `contentType` does.
 * @throws Lost if the body breaks off; Unreadable if it is no text; what `take` throws, as it is, and the rest of the
 * body is not even read
 */
export function eachChunk(body: Readable, contentType: string, take: Take): Promise<void> {
  return new Promise((resolve, reject) => {
    new Chunks(contentType, take, { resolve, reject }).listen(body);
  });
}

interface Settle {
  resolve(): void;
  reject(thrown: unknown): void;
}

class Chunks {
  readonly #contentType: string;
  readonly #take: Take;
  readonly #settle: Settle;
  #source: Readable | undefined;
  /** The beginning, as long as it is too short to tell what it is. */
  #beginning: Buffer | undefined;
  #text: BodyText | undefined;
  #isTaking = false;
  /** What is to be done when nothing more comes. */
  #over: (() => void) | undefined;

  constructor(contentType: string, take: Take, settle: Settle) {
    this.#contentType = contentType;
    this.#take = take;
    this.#settle = settle;
  }

  listen(source: Readable): void {
    this.#source = source;
    const broken = (error: unknown) => this.#end(source, () => this.#settle.reject(new Lost(error)));
    if (source.destroyed) broken(source.errored ?? BROKEN());
    source.on("data", (bytes: Buffer) => {
      if (this.#over !== undefined || source !== this.#source) return;
      if (this.#text === undefined) this.#begin(bytes, source);
      else this.#hand(this.#text, bytes);
    });
    source.on("end", () => this.#end(source, () => this.#finish()));
    source.on("error", broken);
    source.on("close", () => {
      // It closes after its end, too.
      if (this.#over === undefined && source === this.#source) broken(BROKEN());
    });
  }

  #begin(bytes: Buffer, source: Readable): void {
    const first = this.#beginning === undefined ? bytes : Buffer.concat([this.#beginning, bytes]);
    this.#beginning = first;
    if (first.length < 2) return;
    this.#beginning = undefined;
    if (isGzip(first)) {
      source.pause().unshift(first);
      this.listen(unzipped(source));
    } else {
      this.#hand(bodyText(first, this.#contentType), first);
    }
  }

  #hand(text: BodyText, bytes: Buffer): void {
    this.#text = text;
    try {
      const piece = text(bytes);
      const taking = piece === "" ? undefined : this.#take(piece);
      if (taking === undefined) return;
      this.#isTaking = true;
      this.#source?.pause();
      taking.then(
        () => this.#goOn(),
        (thrown: unknown) => this.#fail(thrown),
      );
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  #goOn(): void {
    this.#isTaking = false;
    if (this.#over === undefined) this.#source?.resume();
    else this.#over();
  }

  #fail(thrown: unknown): void {
    this.#over = () => {};
    this.#settle.reject(thrown);
    this.#source?.destroy();
  }

  #end(source: Readable, over: () => void): void {
    if (this.#over !== undefined || source !== this.#source) return;
    this.#over = over;
    if (!this.#isTaking) over();
  }

  /** What is left is no more than a part of a character, or a body of one byte. */
  #finish(): void {
    const { resolve, reject } = this.#settle;
    try {
      const beginning = this.#text === undefined ? this.#beginning : undefined;
      const text = this.#text ?? bodyText(NOTHING, this.#contentType);
      const rest = (beginning === undefined ? "" : text(beginning)) + text();
      const taking = rest === "" ? undefined : this.#take(rest);
      if (taking === undefined) resolve();
      else taking.then(resolve, reject);
    } catch (thrown) {
      reject(thrown);
    }
  }
}

const NOTHING = Buffer.alloc(0);
const BROKEN = () => new Error("the answer broke off");
