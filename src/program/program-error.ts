import { LLMProcError } from "../errors.ts";

/** A place in a text; both count from 1, columns in UTF-16 units as editors do. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One thing that is wrong. `position` is undefined where there is no text to point into. */
export interface ProgramProblem {
  readonly message: string;
  readonly position?: Position | undefined;
}

const MOST_LISTED = 20;

/** More are not looked for: nobody reads them, and a hostile file could have a million. */
export const MOST_PROBLEMS = 100;

/**
 * A program file or the options of a program are wrong. The message names every problem, one line each, as
 * `file:line:column: what`; `line` and `column` are those of the first.
 */
export class ProgramError extends LLMProcError {
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly column: number | undefined;
  readonly problems: readonly ProgramProblem[];

  constructor(problems: readonly ProgramProblem[], options: { file?: string | undefined; cause?: unknown } = {}) {
    const sorted = problems.toSorted(byPosition);
    super("program_invalid", listed(sorted, options.file), "cause" in options ? { cause: options.cause } : undefined);
    this.file = options.file;
    this.line = sorted[0]?.position?.line;
    this.column = sorted[0]?.position?.column;
    this.problems = sorted;
  }
}

function listed(problems: readonly ProgramProblem[], file: string | undefined): string {
  const lines = problems.slice(0, MOST_LISTED).map(({ message, position }) => {
    const place = position === undefined ? file : `${file}:${position.line}:${position.column}`;
    return place === undefined ? message : `${place}: ${message}`;
  });
  const left = problems.length - MOST_LISTED;
  if (left > 0) lines.push(`… and ${problems.length >= MOST_PROBLEMS ? "at least " : ""}${left} more.`);
  return lines.join("\n");
}

function byPosition(left: ProgramProblem, right: ProgramProblem): number {
  const leftLine = left.position?.line ?? 0;
  const rightLine = right.position?.line ?? 0;
  return leftLine - rightLine || (left.position?.column ?? 0) - (right.position?.column ?? 0);
}
