import process from "node:process";
import type { RetryPolicy } from "../process/contract/process-program.ts";
import { UsageError } from "./usage-error.ts";

/** What the original's variables say of retries. */
export type RetrySettings = Partial<Pick<RetryPolicy, "maxAttempts" | "initialDelayMs" | "maxDelayMs">>;

/**
 * Reads `LLMPROC_RETRY_MAX_ATTEMPTS`, `LLMPROC_RETRY_INITIAL_WAIT` and `LLMPROC_RETRY_MAX_WAIT`, the waits in seconds.
 * One that is empty is as if it were not set.
 * @throws UsageError that names variable and value
 */
export function retryVariables(environment: NodeJS.ProcessEnv = process.env): RetrySettings {
  const maxAttempts = read(environment, "LLMPROC_RETRY_MAX_ATTEMPTS", ATTEMPTS);
  const initialSeconds = read(environment, "LLMPROC_RETRY_INITIAL_WAIT", SECONDS);
  const maxSeconds = read(environment, "LLMPROC_RETRY_MAX_WAIT", SECONDS);
  return {
    ...(maxAttempts !== undefined && { maxAttempts }),
    ...(initialSeconds !== undefined && { initialDelayMs: Math.round(initialSeconds * 1000) }),
    ...(maxSeconds !== undefined && { maxDelayMs: Math.round(maxSeconds * 1000) }),
  };
}

interface NumberForm {
  readonly pattern: RegExp;
  readonly min: number;
  readonly max: number;
  readonly expected: string;
}

const ATTEMPTS: NumberForm = { pattern: /^\d+$/, min: 1, max: 1_000_000, expected: "a whole number from 1 to 1000000" };
/** A day: the waits of a program file end at what Node's timers hold. */
const SECONDS: NumberForm = { pattern: /^\d+(\.\d+)?$/, min: 0, max: 86_400, expected: "seconds from 0 to 86400" };

function read(
  environment: NodeJS.ProcessEnv,
  name: string,
  { pattern, min, max, expected }: NumberForm,
): number | undefined {
  const text = environment[name]?.trim() ?? "";
  if (text === "") return undefined;
  const value = Number(text);
  if (pattern.test(text) && value >= min && value <= max) return value;
  throw new UsageError(`The environment variable ${name} is ${JSON.stringify(text)}, expected ${expected}.`);
}
