import { errorMessage } from "../errors.ts";
import type { ProcessState } from "./process-state.ts";
import { RunEnd } from "./run-end.ts";

/** The end of a run at which a guard threw. It counts among the vetoes. */
export function refusal(
  process: ProcessState,
  event: "run_start" | "turn_start" | "api_request",
  by: string,
  thrown: unknown,
): RunEnd {
  const reason = errorMessage(thrown);
  process.countVeto({ processId: process.id, event, callback: by, reason });
  return new RunEnd("callback", `Callback ${by} ended the run at ${event}: ${reason}`, thrown);
}
