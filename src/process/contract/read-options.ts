import { describe, errorMessage, LLMProcError } from "../../errors.ts";
import { unknownOption } from "../../text/unknown-option.ts";

/**
 * The options that a caller gave, each read once, so that nothing of theirs runs any more later on.
 * `where` is for messages: `"run()"`.
 * @throws LLMProcError `run_invalid` for what is no object, what cannot be read, and a name that is no option
 */
export function readOptions<K extends string>(
  given: unknown,
  known: readonly K[],
  where: string,
): { readonly [key in K]?: unknown } {
  if (given === undefined) return {};
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw invalidOption(`The options of ${where} are an object, not ${describe(given)}.`);
  }
  const read = readable(`The options of ${where}`, () => ({
    keys: Object.keys(given),
    values: known.map((key) => [key, Reflect.get(given, key) as unknown] as const),
  }));
  const unknown = unknownOption(read.keys, known, where);
  if (unknown !== undefined) throw invalidOption(unknown);
  // A border post: these are the keys and what was read of them.
  return Object.fromEntries(read.values.filter(([, value]) => value !== undefined)) as {
    readonly [key in K]?: unknown;
  };
}

/** What `read` gives. @throws LLMProcError `run_invalid` where it throws: getters and proxies may */
export function readable<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof LLMProcError) throw cause;
    throw new LLMProcError("run_invalid", `${what} cannot be read: ${errorMessage(cause)}`, { cause });
  }
}

export function invalidOption(message: string): LLMProcError {
  return new LLMProcError("run_invalid", message);
}
