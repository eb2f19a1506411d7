import { LLMProcError } from "../errors.ts";
import type { RunResult, StopReason } from "./run-result.ts";

/**
 * A run that ended without an answer.
 *
 * `cause` is what a callback or the API threw; `result` is what the run came to until then, its cost in it.
 */
export class RunError extends LLMProcError {
  readonly stopReason: StopReason;
  readonly result: RunResult;

  constructor(stopReason: StopReason, message: string, result: RunResult, cause?: unknown) {
    super("run_failed", message, cause === undefined ? undefined : { cause });
    this.stopReason = stopReason;
    this.result = result;
  }
}
