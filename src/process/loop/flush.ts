import { describe, LLMProcError } from "../../errors.ts";
import type { ProcessState } from "../state/process-state.ts";

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Whether every callback has heard every event so far by then. @throws LLMProcError `run_invalid` */
export async function flush(process: ProcessState, timeoutMs: unknown): Promise<boolean> {
  if (typeof timeoutMs !== "number" || !(timeoutMs > 0)) {
    throw new LLMProcError("run_invalid", `timeoutMs of flush() must be a number above 0, not ${describe(timeoutMs)}.`);
  }
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    if (timeoutMs <= LONGEST_TIMER_MS) timer = setTimeout(resolve, timeoutMs, false);
  });
  const isHeard = await Promise.race([process.flush().then(() => true), late]);
  clearTimeout(timer);
  return isHeard;
}
