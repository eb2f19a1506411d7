import { describe } from "../../errors.ts";
import type { JsonObject, JsonValue } from "../../json.ts";
import { isJsonObject } from "../../json.ts";
import { isSomething } from "./error-body.ts";
import { stopMeaning, stopWord } from "./stop-reason.ts";
import { BrokenOff, Unreadable } from "./wire-format.ts";

/**
 * @throws BrokenOff if a reply says that it failed: with an error somewhere in it, or by the word for why it ended
 */
export function refuseFailed(word: JsonValue | undefined, ...errors: readonly (JsonValue | undefined)[]): void {
  const error = errors.find(isSomething);
  if (error !== undefined) throw new BrokenOff({ error: isJsonObject(error) ? named(error, word) : error });
  if (stopMeaning(word) !== "failed") return;
  throw new BrokenOff({ error: { type: word, message: `it ended with the reason ${describe(word)}` } });
}

/**
 * @throws Unreadable if a reply ended in order to call tools, and has no call, or has nothing at all and does not say why:
 * what was lost may be all of it
 */
export function refuseLost(
  word: JsonValue | undefined,
  { answer, hasCalls, isEmpty }: { readonly answer: JsonObject; readonly hasCalls: boolean; readonly isEmpty: boolean },
): void {
  if (!hasCalls && stopMeaning(word) === "tool_use") {
    throw new Unreadable(lostCalls(word), answer);
  }
  if (isEmpty && stopWord(word) === undefined) throw new Unreadable("it says nothing, and not why it ended", answer);
}

/** Of a stream: why there is no reply. */
export const ENDED_EARLY = "its stream ended before the reply did";

export function lostCalls(word: JsonValue | undefined): string {
  return `it ended with the reason ${describe(word)}, and has no call`;
}

/** An error without a name for its kind has that of the word. */
function named(error: JsonObject, word: JsonValue | undefined): JsonObject {
  const isNameless = error.type === undefined && error.code === undefined && stopMeaning(word) === "failed";
  return isNameless ? { ...error, type: word } : error;
}
