import { describeGiven } from "../../errors.ts";
import { invalidOption, readOptions } from "../contract/read-options.ts";
import type { ProcessState } from "../state/process-state.ts";

export interface FlushOptions {
  /** How long it waits at most, in milliseconds. @default 30_000 */
  readonly timeoutMs?: number;
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Whether every callback has heard every event so far by then. @throws LLMProcError `run_invalid` */
export async function flush(process: ProcessState, options: unknown): Promise<boolean> {
  const { timeoutMs = 30_000 } = readOptions(options, ["timeoutMs"], "flush()");
  if (typeof timeoutMs !== "number" || !(timeoutMs > 0)) {
    throw invalidOption(`timeoutMs of flush() must be a number above 0, not ${describeGiven(timeoutMs)}.`);
  }
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    if (timeoutMs <= LONGEST_TIMER_MS) timer = setTimeout(resolve, timeoutMs, false);
  });
  const isHeard = await Promise.race([process.flush(), late]);
  clearTimeout(timer);
  return isHeard;
}
