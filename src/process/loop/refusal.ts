import { errorMessage } from "../../errors.ts";
import { RunEnd } from "../contract/run-end.ts";
import type { ProcessState } from "../state/process-state.ts";

/** The end of a run at which a guard threw. It counts among the vetoes. */
export function refusal(
  process: ProcessState,
  event: "run_start" | "turn_start" | "api_request",
  by: string,
  thrown: unknown,
): RunEnd {
  const reason = errorMessage(thrown);
  const veto = process.noteVeto({ processId: process.id, event, callback: by, reason });
  return new RunEnd("callback", `Callback ${by} ended the run at ${event}: ${reason}`, thrown, veto);
}
