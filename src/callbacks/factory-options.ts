import { describe, LLMProcError } from "../errors.ts";
import { nearest } from "../text/did-you-mean.ts";
import { unknownOption } from "../text/unknown-option.ts";

/**
 * The options of a function that makes a callback: an object of nothing but those that it has.
 * @throws LLMProcError `callback_invalid`
 */
export function checkFactoryOptions(options: unknown, known: readonly string[], factory: string): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new LLMProcError(
      "callback_invalid",
      `The options of ${factory} must be an object, not ${describe(options)}.`,
    );
  }
  const unknown = unknownOption(Object.keys(options), known, factory);
  if (unknown !== undefined) throw new LLMProcError("callback_invalid", unknown);
}

/** How many of something are kept. @throws LLMProcError `callback_invalid` */
export function checkKept(limit: unknown, what: string, factory: string): void {
  if (limit === undefined || limit === Number.POSITIVE_INFINITY || (Number.isInteger(limit) && Number(limit) >= 1))
    return;
  throw new LLMProcError(
    "callback_invalid",
    `limit of ${factory} must be a whole number of ${what} from 1, or Infinity, not ${describe(limit)}.`,
  );
}

/**
 * The same where an object that has more may be spread among the options, as a terminal's streams: refuses only what
 * nearly is an option.
 * @throws LLMProcError `callback_invalid`
 */
export function checkSpreadOptions(options: object, known: readonly string[], factory: string): void {
  const near = Object.keys(options).filter((key) => nearest(key, known) !== undefined);
  checkFactoryOptions(Object.fromEntries(near.map((key) => [key, true])), known, factory);
}
