import process from "node:process";
import { faultText } from "../callbacks/console/phrases.ts";
import { consoleLog } from "../callbacks/console-log.ts";
import type { Callback, ObjectCallback } from "../events/callback.ts";
import type { RunResult } from "../events/run-result.ts";
import type { RunLimits } from "../process/money/run-limits.ts";
import type { LLMProgram } from "../program/llm-program.ts";
import type { ApprovalFlags } from "./approvals.ts";
import { approvals } from "./approvals.ts";
import { writeWarning } from "./output.ts";
import type { WorkSignals } from "./report.ts";
import type { RetrySettings } from "./retry-variables.ts";
import { StuckError, Waits } from "./stuck.ts";

export interface RunProgramOptions {
  /** Besides those of the program, and after them. */
  readonly callbacks?: readonly Callback[];
  readonly approvals?: ApprovalFlags;
  /** The program's own hold where they are lower. */
  readonly limits?: RunLimits;
  /** They win over what programs say. */
  readonly retry?: RetrySettings;
  readonly quiet?: boolean | undefined;
  readonly signals: WorkSignals;
}

/** Runs a program for one prompt while stderr shows it. @throws RunError, and what `start()` throws */
export async function runProgram(
  program: LLMProgram,
  prompt: string,
  { callbacks = [], approvals: flags = {}, limits = {}, retry = {}, quiet = false, signals }: RunProgramOptions,
): Promise<RunResult> {
  const approval = approvals(program, flags);
  const view = quiet ? faultsOnly() : consoleLog({ stream: process.stderr });
  const waits = new Waits(signals.stuck);
  const proc = await program.start({ callbacks: [...callbacks, view, waits], approval, retry });
  try {
    return await proc.run(prompt, { signal: signals.signal, limits });
  } catch (thrown) {
    throw signals.stuck.aborted ? new StuckError(waits.text, thrown) : thrown;
  } finally {
    await proc.close();
  }
}

/** Without a view, a callback that fails is still no secret. */
function faultsOnly(): ObjectCallback {
  return {
    callbackOptions: { observe: true, name: "quiet" },
    callback_error: (fault) => writeWarning(`${faultText(fault)}.`),
  };
}
