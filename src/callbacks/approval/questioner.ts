import type { EventInfo } from "../../events/event-info.ts";
import type { JsonObject } from "../../json.ts";
import { excerpt } from "../../text/excerpt.ts";
import { screenColumns, screenRows } from "../../text/screen-columns.ts";
import { rowsText } from "../../text/wrapped.ts";
import { canColor } from "../console/can-color.ts";
import type { Floor } from "../console/floor.ts";
import type { ConsoleStream } from "../console/live-region.ts";
import type { Answer } from "./answer.ts";
import { answerOf } from "./answer.ts";
import { aRound, LineReader } from "./line-reader.ts";
import type { OpenTerminal } from "./own-terminal.ts";
import type { QuestionLook } from "./question-text.ts";
import { argsRows, choiceRows, headerRow, MAX_COLUMNS, noteRows } from "./question-text.ts";

/** One call that a person is to decide about. */
export interface Question {
  readonly toolName: string;
  readonly toolArgs: JsonObject;
  readonly info: EventInfo;
}

/** What came of a question. */
export type Settlement = Exclude<Answer, { kind: "view" }> | { readonly kind: "withdrawn" | "nobody" };

/**
 * Asks on a terminal, one question at a time. It writes below what stands there and moves no cursor, so a process that
 * dies in the middle of a question leaves nothing to be restored.
 */
export class Questioner {
  /** The last question was taken back while it stood there: a line may be half typed that was meant for it. */
  #isStale = false;
  /** When something was typed, as far as questions have heard it. */
  #typedMs = Number.NEGATIVE_INFINITY;

  /** The one that asks on a terminal. */
  static at(floor: Floor): Questioner {
    let questioner = known.get(floor);
    if (questioner === undefined) {
      questioner = new Questioner();
      known.set(floor, questioner);
    }
    return questioner;
  }

  async ask(
    question: Question,
    { input, output }: OpenTerminal,
    color: boolean = canColor(output),
  ): Promise<Settlement> {
    const reader = new LineReader(input, () => {
      this.#typedMs = performance.now();
    });
    const quietMs = () => Math.max(A_BLINK_MS, this.#typedMs + A_MOMENT_MS - performance.now());
    try {
      // Guards that were registered later, and deny at once, have their say before anything is shown.
      await aRound();
      const { signal } = question.info;
      if (signal.aborted) return { kind: "withdrawn" };
      const outcome = await new Asking(question, reader, output, color).outcome(this.#isStale, quietMs);
      this.#isStale = outcome.kind === "withdrawn";
      return outcome;
    } finally {
      reader.close();
    }
  }
}

const known = new WeakMap<Floor, Questioner>();

/**
 * Who answers twice, or types on without looking, has the next key down within this time of the last. Who has read the
 * question needs longer.
 */
const A_MOMENT_MS = 250;
/** Where nobody has typed: for what is on its way. */
const A_BLINK_MS = 20;

class Asking {
  readonly #question: Question;
  readonly #reader: LineReader;
  readonly #output: ConsoleStream;
  readonly #color: boolean;

  constructor(question: Question, reader: LineReader, output: ConsoleStream, color: boolean) {
    this.#question = question;
    this.#reader = reader;
    this.#output = output;
    this.#color = color;
  }

  async outcome(isStale: boolean, quietMs: () => number): Promise<Settlement> {
    if (isStale) {
      this.#output.write("  Press Enter for the next question > ");
      if ((await this.#line()) === undefined) return this.#noAnswer();
    }
    const { signal } = this.#question.info;
    let isCut = this.#show(argumentRows(this.#output));
    const isEarly = await this.#reader.settled(quietMs, signal);
    if (signal.aborted) return this.#noAnswer();
    if (isEarly) this.#note("(What was typed before this stood here is no answer.)");
    for (;;) {
      this.#output.write("  Run it? > ");
      const line = await this.#line();
      if (line === undefined) return this.#noAnswer();
      const answer = answerOf(line);
      if (answer?.kind === "no") return await this.#withReason(answer);
      if (answer?.kind === "view") isCut = this.#show(Number.POSITIVE_INFINITY);
      else if (answer !== undefined) return answer;
      else this.#note(`Not clear. Type y, n, ${isCut ? "s, a or v" : "s or a"}, then Enter.`);
    }
  }

  /** Returns whether some of the arguments are not shown. */
  #show(maxRows: number): boolean {
    const { toolName, toolArgs, info } = this.#question;
    const look: QuestionLook = { width: this.#width, maxRows, color: this.#color };
    const { rows, isCut } = argsRows(toolArgs, look);
    this.#write([headerRow(toolName, info, look), ...rows, ...choiceRows(toolName, isCut, look)]);
    return isCut;
  }

  async #withReason(answer: Answer & { kind: "no" }): Promise<Settlement> {
    if (answer.reason !== undefined) return answer;
    this.#output.write("  Why not? The model reads it; Enter for no reason > ");
    const line = await this.#line();
    const reason = line?.trim() ?? "";
    return { kind: "no", reason: reason === "" ? undefined : reason };
  }

  #noAnswer(): Settlement {
    const { signal, deniedBy } = this.#question.info;
    if (!signal.aborted) {
      this.#note("(nobody there: refused)");
      return { kind: "nobody" };
    }
    const why = deniedBy === undefined ? "the run was ended" : `denied by ${excerpt(deniedBy, 64)}`;
    this.#note(`(withdrawn: ${why})`);
    return { kind: "withdrawn" };
  }

  /** What was typed; if nothing will be, the line of the question has ended. */
  async #line(): Promise<string | undefined> {
    const { signal } = this.#question.info;
    let isOpen = true;
    const end = () => {
      if (isOpen) this.#output.write("\n");
      isOpen = false;
    };
    // At once: others hear of the abort as well, and may print.
    signal.addEventListener("abort", end);
    try {
      const line = await this.#reader.line(signal);
      if (line === undefined) end();
      return line;
    } finally {
      signal.removeEventListener("abort", end);
    }
  }

  #note(text: string): void {
    this.#write(noteRows(text, this.#width));
  }

  #write(rows: readonly string[]): void {
    this.#output.write(rowsText(rows, this.#output.columns));
  }

  get #width(): number {
    return screenColumns(this.#output.columns, MAX_COLUMNS);
  }
}

/** Rows for the arguments, so that a question fits on the screen. */
function argumentRows({ rows }: ConsoleStream): number {
  return Math.max(4, Math.min(screenRows(rows) - 8, 30));
}
