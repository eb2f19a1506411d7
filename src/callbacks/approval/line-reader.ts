import process from "node:process";
import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";

/** Where answers are typed: `process.stdin`, or any readable stream that says it is a terminal. */
export type AnswerStream = Readable & {
  readonly isTTY?: boolean | undefined;
  /** As `process.stdin` has them: in raw mode, keys arrive one by one and are not shown. */
  readonly isRaw?: boolean | undefined;
  setRawMode?(isRaw: boolean): unknown;
};

/**
 * Reads lines that a person types while a question stands. At first the terminal is held back, in raw mode: nothing that
 * is typed is shown, or becomes a line or the beginning of one. Once it is settled, it is in its usual mode: it shows
 * what is typed, and Ctrl-C does what it always does. After `close` the stream is as it was before.
 */
export class LineReader {
  readonly #input: AnswerStream;
  readonly #decoder = new StringDecoder("utf8");
  readonly #wasFlowing: boolean;
  readonly #wasRaw: boolean;
  readonly #heard: () => void;
  #isHeld = false;
  #text = "";
  #isOver: boolean;
  #wake: (() => void) | undefined;

  /** `heard` is called whenever something was typed. */
  constructor(input: AnswerStream, heard: () => void) {
    this.#input = input;
    this.#heard = heard;
    this.#wasFlowing = input.readableFlowing === true;
    this.#wasRaw = input.isRaw === true;
    this.#isOver = input.readableEnded || input.destroyed;
    input.on("data", this.#take);
    for (const event of ENDS) input.on(event, this.#end);
    // Before anything is read: in its usual mode a terminal gives one line a read, keeps half a line to itself, and
    // makes an end of Ctrl-D.
    this.#hold(true);
    input.resume();
  }

  /**
   * Resolves once nothing has been typed for so long, or the signal aborts; then lines are taken. What was typed until
   * then is forgotten: it cannot be an answer to what has just been shown. True if there was something.
   */
  async settled(quietMs: () => number, signal: AbortSignal): Promise<boolean> {
    this.#hold(true);
    let wasTyped = false;
    do {
      wasTyped ||= this.#text !== "";
      this.#text = "";
      if (!this.#isOver && !signal.aborted) await this.#woken(signal, quietMs());
      // Where the loop was busy, the time is over before what came meanwhile is read.
      await aRound();
    } while (this.#text !== "");
    this.#hold(false);
    return wasTyped;
  }

  /** The next line; undefined if there will be none, or once the signal aborts. */
  async line(signal: AbortSignal): Promise<string | undefined> {
    this.#hold(false);
    while (!this.#text.includes("\n")) {
      if (this.#isOver || signal.aborted) return undefined;
      await this.#woken(signal);
    }
    const end = this.#text.indexOf("\n");
    const line = this.#text.slice(0, end);
    this.#text = this.#text.slice(end + 1);
    return signal.aborted ? undefined : line;
  }

  close(): void {
    this.#hold(this.#wasRaw);
    this.#input.off("data", this.#take);
    for (const event of ENDS) this.#input.off(event, this.#end);
    if (!this.#wasFlowing) this.#input.pause();
  }

  /** (A process that dies meanwhile, by a signal too, leaves no raw terminal: Node takes care of that.) */
  #hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    const { isRaw } = this.#input;
    if (isRaw !== undefined && isRaw !== isHeld) this.#input.setRawMode?.(isHeld);
  }

  /** Something has come, nothing will, or the time is over. */
  #woken(signal: AbortSignal, withinMs?: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", wake);
        this.#wake = undefined;
        resolve();
      };
      const timer = withinMs === undefined ? undefined : setTimeout(wake, withinMs);
      signal.addEventListener("abort", wake);
      this.#wake = wake;
    });
  }

  readonly #take = (chunk: Buffer | string): void => {
    const text = typeof chunk === "string" ? chunk : this.#decoder.write(chunk);
    if (this.#isHeld && this.#input.isRaw === true) this.#obeyKeys(text);
    // Where keys come as they are typed, Enter is a carriage return.
    this.#text += text.replace(/\r\n?/g, "\n");
    this.#heard();
    this.#wake?.();
  };

  /** In raw mode no terminal sends the signals that its keys stand for. */
  #obeyKeys(text: string): void {
    for (const [key, signal] of SIGNAL_KEYS) {
      if (!text.includes(key)) continue;
      this.#hold(false);
      process.kill(OWN_GROUP, signal);
      this.#hold(true);
    }
  }

  readonly #end = (): void => {
    this.#isOver = true;
    this.#wake?.();
  };
}

/** A terminal that goes away may do so by any of these. */
const ENDS = ["end", "close", "error"] as const;

const SIGNAL_KEYS = [
  ["\x03", "SIGINT"],
  ["\x1c", "SIGQUIT"],
  ["\x1a", "SIGTSTP"],
] as const;
/** All that runs in the foreground of the terminal, as its driver does it. */
const OWN_GROUP = 0;

/** What lies ready is read in the loop's next round: two of these have a whole one between them. */
export async function aRound(): Promise<void> {
  for (let count = 0; count < 2; count++) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}
