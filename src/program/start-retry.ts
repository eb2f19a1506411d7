import type { ProcessProgram } from "../process/contract/process-program.ts";
import { invalidOption, readable } from "../process/contract/read-options.ts";
import type { Problem } from "./check-value.ts";
import { checkValue } from "./check-value.ts";
import type { RetryOptions } from "./program-schema.ts";
import { retrySchema } from "./program-schema.ts";
import { optional, table } from "./schema.ts";

const GIVEN = table({ retry: optional(retrySchema) });

/**
 * The `retry` of `start()`, checked as that of a program is.
 * @throws LLMProcError `run_invalid` that names all that is wrong
 */
export function checkedRetry(retry: unknown): RetryOptions {
  const problems: Problem[] = [];
  const checked = readable("retry", () => checkValue(GIVEN, { retry }, "code", problems));
  if (checked === undefined) throw invalidOption(problems.map(({ message }) => message).join("\n"));
  return checked.retry ?? {};
}

/** The program with these settings in place of its own, and so every program that it links. */
export function withRetry(program: ProcessProgram, retry: RetryOptions): ProcessProgram {
  if (Object.keys(retry).length === 0) return program;
  return Object.freeze<ProcessProgram>({
    ...program,
    retry: Object.freeze({ ...program.retry, ...retry }),
    loadLinked: async (name) => withRetry(await program.loadLinked(name), retry),
  });
}
