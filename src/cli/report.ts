import process from "node:process";
import { RunError } from "../events/run-error.ts";
import type { RunResult } from "../events/run-result.ts";
import { EXIT_CODE, exitCodeOfError } from "./exit-code.ts";
import { errorReport, writeFailure } from "./failure.ts";
import type { Interrupts } from "./interrupts.ts";
import { watchInterrupts } from "./interrupts.ts";
import { writeAnswer, writeError, writeJsonReport, writeNote, writeWarning } from "./output.ts";
import { StuckError, watchStuck } from "./stuck.ts";

/** The options of every command that runs something. */
export interface OutputOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Does the work of a command, and says what came of it. Returns the exit code; never rejects. */
export async function report(options: OutputOptions, work: Work): Promise<number> {
  const interrupts = watchInterrupts();
  const stuck = watchStuck();
  try {
    const signal = AbortSignal.any([interrupts.signal, stuck.signal]);
    const done = () => Promise.race([work({ signal, stuck: stuck.signal }), stuck.hopeless]);
    return await reportOf(options, done, interrupts);
  } finally {
    stuck.release();
    interrupts.release();
  }
}

/** What a command does. */
type Work = (signals: WorkSignals) => Promise<RunResult>;

export interface WorkSignals {
  /** Aborts when the command is to end: at a signal, or because it is stuck. */
  readonly signal: AbortSignal;
  /** Aborts when nothing is left that could wake it. */
  readonly stuck: AbortSignal;
}

async function reportOf(
  options: OutputOptions,
  work: () => Promise<RunResult>,
  interrupts: Interrupts,
): Promise<number> {
  let result: RunResult | undefined;
  let error: unknown;
  let exitCode: number;
  try {
    result = await work();
    exitCode = EXIT_CODE[result.stopReason ?? "end"];
  } catch (thrown) {
    error = thrown;
    result = thrown instanceof RunError || thrown instanceof StuckError ? thrown.result : undefined;
    exitCode = exitCodeOfError(thrown, interrupts.caught);
  }
  try {
    await writeResult(options, result, error, exitCode);
  } catch (failure) {
    writeError(`The answer cannot be written: ${failure instanceof Error ? failure.message : String(failure)}.`);
    exitCode ||= 1;
  }
  if (error !== undefined) writeFailure(error, interrupts.caught);
  else if (options.quiet && result !== undefined) warnOfHalfAnswer(result);
  return exitCode;
}

async function writeResult(
  { json = false, quiet = false }: OutputOptions,
  result: RunResult | undefined,
  error: unknown,
  exitCode: number,
): Promise<void> {
  if (json) {
    const facts = result ?? { stopReason: null, lastMessage: "" };
    await writeJsonReport({ exitCode, error: error === undefined ? null : errorReport(error), ...facts });
    return;
  }
  const answer = result?.lastMessage ?? "";
  // Below the live view, the answer stands by itself.
  if (answer !== "" && !quiet && process.stdout.isTTY && process.stderr.isTTY) writeNote("");
  await writeAnswer(answer);
}

/** The summary says so; without one, somebody must. */
function warnOfHalfAnswer({ stopReason }: RunResult): void {
  if (stopReason === "max_tokens") writeWarning("The answer was cut off at max_tokens.");
  if (stopReason === "other") writeWarning("The model stopped for an unknown reason: the answer may be a part.");
  if (stopReason === "refusal") writeWarning("The model refused to answer.");
}
