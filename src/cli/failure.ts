import { LLMProcError, toError } from "../errors.ts";
import { RunError } from "../events/run-error.ts";
import { ProgramError } from "../program/program-error.ts";
import type { InterruptSignal } from "./exit-code.ts";
import { isInterrupted } from "./exit-code.ts";
import { writeError, writeNote } from "./output.ts";
import { StuckError } from "./stuck.ts";
import { UsageError } from "./usage-error.ts";

/** Says on stderr what went wrong: one clear message, and a trace only where nobody expected it. */
export function writeFailure(error: unknown, interrupt: InterruptSignal | undefined): void {
  if (isInterrupted(error, interrupt)) {
    writeError(`The run was ended by ${interrupt === "SIGINT" ? "Ctrl-C" : interrupt}.`);
    return;
  }
  if (!isExpected(error)) {
    writeUnexpected(error);
    return;
  }
  writeError(error.message);
  if (error instanceof UsageError) writeNote("Try: llmproc --help");
}

/** For what nobody waits for: a throw out of the code of a callback or a tool, or a defect. */
export function writeUnexpected(thrown: unknown): void {
  const error = toError(thrown);
  writeError(error.stack ?? error.message);
  writeNote(
    "Nobody expected this. Where the lines above name a callback or tool of yours, look there; " +
      "else it is a defect of llmproc: please report it with them.",
  );
}

/** What `--json` says of an error. */
export interface ErrorReport {
  /** As in the list of error codes; `usage` for what was typed, `stuck` for a `StuckError`, `unexpected` for all else. */
  readonly code: string;
  readonly message: string;
  /** Of a program file: where it is wrong. */
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  /** What a callback or the model's API threw. */
  readonly cause?: ErrorReport | undefined;
}

/** An error as data. */
export function errorReport(error: unknown): ErrorReport {
  const { message, cause } = toError(error);
  if (error instanceof UsageError) return { code: "usage", message };
  if (error instanceof StuckError) return { code: "stuck", message };
  if (!(error instanceof LLMProcError)) return { code: "unexpected", message };
  if (error instanceof ProgramError) {
    const { code, file, line, column } = error;
    return { code, message, file, line, column };
  }
  const isRunError = error instanceof RunError && cause instanceof Error;
  return { code: error.code, message, cause: isRunError ? causeReport(cause) : undefined };
}

function causeReport(cause: Error): ErrorReport {
  const { name, message } = cause;
  return { code: cause instanceof LLMProcError ? cause.code : name, message };
}

/** A failed system call (`ENOSPC`) has a clear message of its own. */
function isExpected(error: unknown): error is Error {
  if (error instanceof LLMProcError || error instanceof UsageError || error instanceof StuckError) return true;
  return error instanceof Error && "syscall" in error;
}
