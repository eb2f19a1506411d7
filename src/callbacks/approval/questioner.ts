import type { EventInfo } from "../../events/event-info.ts";
import type { JsonObject } from "../../json.ts";
import { excerpt } from "../../text/excerpt.ts";
import { canColor } from "../console/can-color.ts";
import type { ConsoleStream } from "../console/live-region.ts";
import type { Answer } from "./answer.ts";
import { answerOf } from "./answer.ts";
import { LineReader } from "./line-reader.ts";
import type { OpenTerminal } from "./own-terminal.ts";
import type { QuestionLook } from "./question-text.ts";
import { argsRows, choiceRows, headerRow } from "./question-text.ts";

/** One call that a person is to decide about. */
export interface Question {
  readonly toolName: string;
  readonly toolArgs: JsonObject;
  readonly info: EventInfo;
}

/** What came of a question. */
export type Outcome = Exclude<Answer, { kind: "view" }> | { readonly kind: "withdrawn" | "nobody" };

/**
 * Asks on a terminal, one question at a time. It writes below what stands there and moves no cursor, so a process that
 * dies in the middle of a question leaves nothing to be restored.
 */
export class Questioner {
  /** The last question was taken back while it stood there: a line may be half typed that was meant for it. */
  #isStale = false;

  async ask(question: Question, { input, output }: OpenTerminal, color: boolean = canColor(output)): Promise<Outcome> {
    const reader = new LineReader(input);
    try {
      await reader.discard();
      const { signal } = question.info;
      if (signal.aborted) return { kind: "withdrawn" };
      const outcome = await new Asking(question, reader, output, color).outcome(this.#isStale);
      this.#isStale = outcome.kind === "withdrawn";
      return outcome;
    } finally {
      reader.close();
    }
  }
}

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

  async outcome(isStale: boolean): Promise<Outcome> {
    if (isStale) {
      this.#output.write("  Press Enter for the next question > ");
      if ((await this.#line()) === undefined) return this.#noAnswer();
      await this.#reader.discard();
    }
    let isCut = this.#show(argumentRows(this.#output));
    for (;;) {
      this.#output.write("  Run it? > ");
      const line = await this.#line();
      if (line === undefined) return this.#noAnswer();
      const answer = answerOf(line);
      if (answer?.kind === "no") return await this.#withReason(answer);
      if (answer?.kind === "view") isCut = this.#show(Number.POSITIVE_INFINITY);
      else if (answer !== undefined) return answer;
      else this.#write([`  Not clear. Type y, n, ${isCut ? "s, a or v" : "s or a"}, then Enter.`]);
    }
  }

  /** Returns whether some of the arguments are not shown. */
  #show(maxRows: number): boolean {
    const { toolName, toolArgs, info } = this.#question;
    const width = Math.max(30, Math.min(this.#output.columns ?? 80, MAX_COLUMNS));
    const look: QuestionLook = { width, maxRows, color: this.#color };
    const { rows, isCut } = argsRows(toolArgs, look);
    this.#write([headerRow(toolName, info, look), ...rows, ...choiceRows(toolName, isCut)]);
    return isCut;
  }

  async #withReason(answer: Answer & { kind: "no" }): Promise<Outcome> {
    if (answer.reason !== undefined) return answer;
    this.#output.write("  Why not? The model reads it; Enter for no reason > ");
    const line = await this.#line();
    const reason = line?.trim() ?? "";
    return { kind: "no", reason: reason === "" ? undefined : reason };
  }

  #noAnswer(): Outcome {
    const { signal, deniedBy } = this.#question.info;
    if (!signal.aborted) {
      this.#write(["  (nobody there: refused)"]);
      return { kind: "nobody" };
    }
    const why = deniedBy === undefined ? "the run was ended" : `denied by ${excerpt(deniedBy, 64)}`;
    this.#write([`  (withdrawn: ${why})`]);
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

  #write(rows: readonly string[]): void {
    this.#output.write(rows.map((row) => `${row}\n`).join(""));
  }
}

const MAX_COLUMNS = 110;

/** Rows for the arguments, so that a question fits on the screen. */
function argumentRows({ rows = 24 }: ConsoleStream): number {
  return Math.max(4, Math.min(rows - 8, 30));
}
