import { inexactNumbers } from "../../process/contract/exact-json.ts";
import { tellsFailure } from "../wire/error-body.ts";

/** How the end of an answer is recognised. */
export interface AnswerWatchOptions {
  /** It comes as a stream of events. */
  readonly isStream: boolean;
  readonly idleTimeoutMs: number;
  readonly onBytes: () => void;
}

/**
 * Watches an answer on its way to a package. Packages wait for the end of the connection, also where the reply is whole
 * and the server only shows that it is alive, or falls silent: then the answer is ended for them.
 */
export class AnswerWatch {
  /** The first bytes of the answer. */
  beginning = "";
  /** Numbers that JavaScript has no room for: what packages make of them, and how they stand there. */
  readonly lost = new Map<number, string>();
  /** A number that may go on. */
  #number = "";
  readonly #isStream: boolean;
  readonly #afterWholeMs: number;
  readonly #onBytes: () => void;
  readonly #decoder = new TextDecoder();
  /** Of a stream the last of it, otherwise all. */
  #text = "";
  /** How often it said why it stopped. Who says so time and again does not mean the end. */
  #reasons = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor({ isStream, idleTimeoutMs, onBytes }: AnswerWatchOptions) {
    this.#isStream = isStream;
    this.#afterWholeMs = Math.min(idleTimeoutMs, AFTER_WHOLE_MS);
    this.#onBytes = onBytes;
  }

  /** A failure that a whole answer tells beside a reply, where packages do not look; undefined if it tells none. */
  get failure(): unknown {
    const answer = this.#isStream ? undefined : parsed(this.#text);
    return tellsFailure(answer) === undefined ? undefined : answer;
  }

  /** What the bytes go through. */
  open(): TransformStream<Uint8Array, Uint8Array> {
    return new TransformStream<Uint8Array, Uint8Array>({
      transform: (bytes, out) => {
        this.#take(bytes, () => out.terminate());
        out.enqueue(bytes);
      },
      flush: () => {
        clearTimeout(this.#timer);
        this.#noteNumbers(" ");
      },
    });
  }

  /** Nobody reads on. */
  close(): void {
    clearTimeout(this.#timer);
  }

  #noteNumbers(text: string): void {
    const all = this.#number + text;
    this.#number = OPEN_NUMBER.exec(all)?.[0] ?? "";
    const ended = all.slice(0, all.length - this.#number.length);
    for (const number of inexactNumbers(ended)) this.lost.set(Number(number), number);
  }

  #take(bytes: Uint8Array, end: () => void): void {
    this.#onBytes();
    const text = this.#decoder.decode(bytes, { stream: true });
    if (this.beginning === "") this.beginning = text.slice(0, 500);
    this.#noteNumbers(text);
    if (this.#reasons > 0 && SIGN_OF_LIFE.test(text)) return;
    clearTimeout(this.#timer);
    this.#text += text;
    if (!this.#isStream) {
      this.#timer = setTimeout(() => parsed(this.#text) !== undefined && end(), LINGER_MS);
      return;
    }
    const isDone = DONE.test(this.#text);
    const isEnd = FINISH.test(this.#text);
    if (isEnd) this.#reasons++;
    this.#text = isEnd ? "" : this.#text.slice(-LONGEST_MARK);
    if (isDone) this.#timer = setTimeout(end, LINGER_MS);
    else if (this.#reasons === 1) this.#timer = setTimeout(end, this.#afterWholeMs);
  }
}

/** With what stands before it. */
const OPEN_NUMBER = /[^\d.eE+-]?[\d.eE+-]{0,1000}$/;

/** A comment of an event stream, or an event that says no more. */
const SIGN_OF_LIFE = /^(\s*:[^\n]*\n|\s*event: *ping\s*\n|\s*data: *\{"type": *"ping"[^\n]*\n|\s)*$/;

const DONE = /^data: *\[DONE\]\s*$/m;

/** A reason to stop, in any of the spellings that vendors have. In a text of the model's the quotes are escaped. */
const FINISH = /"(finish_?reason|stop_?reason)"\s*:\s*"[^"]/i;
const LONGEST_MARK = 100;

/** Nothing that matters can come: only so that the connection can be used again. */
const LINGER_MS = 250;

/** Counts of tokens come behind the reason to stop. */
const AFTER_WHOLE_MS = 2000;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
