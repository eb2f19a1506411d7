import { RunError } from "../events/run-error.ts";
import type { StopReason } from "../events/run-result.ts";
import { UsageError } from "./usage-error.ts";

/** What the shell is told of a run. (Design, section 3.) */
export const EXIT_CODE = {
  end: 0,
  max_tokens: 0,
  refusal: 0,
  other: 0,
  stopped: 0,
  turn_limit: 3,
  time_limit: 3,
  token_limit: 3,
  cost_limit: 3,
  callback: 4,
  api_error: 5,
  interrupted: 5,
  aborted: 130,
} as const satisfies Record<StopReason, number>;

/** As shells number the end by a signal: 128 and the signal's number. */
export const SIGNAL_EXIT_CODE = { SIGINT: 130, SIGTERM: 143 } as const;

/** A signal that asks the command to end. */
export type InterruptSignal = keyof typeof SIGNAL_EXIT_CODE;

export const FAILED = 1;
export const WRONG_USAGE = 2;

/** The exit code of a command that threw. */
export function exitCodeOfError(error: unknown, interrupt: InterruptSignal | undefined): number {
  if (isInterrupted(error, interrupt)) return SIGNAL_EXIT_CODE[interrupt];
  if (error instanceof UsageError) return WRONG_USAGE;
  return error instanceof RunError ? EXIT_CODE[error.stopReason] : FAILED;
}

/** Whether a signal is why it threw, and not something that the run came to by itself. */
export function isInterrupted<S extends InterruptSignal>(error: unknown, interrupt: S | undefined): interrupt is S {
  return interrupt !== undefined && (!(error instanceof RunError) || error.stopReason === "aborted");
}
