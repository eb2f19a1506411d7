import { describe } from "../../errors.ts";
import type { JsonObject, JsonValue } from "../../json.ts";
import { isJsonObject } from "../../json.ts";
import { isSomething } from "./error-body.ts";
import { stopMeaning } from "./stop-reason.ts";
import { BrokenOff } from "./wire-format.ts";

/**
 * @throws BrokenOff if a reply says that it failed: with an error somewhere in it, or by the word for why it ended
 */
export function refuseFailed(word: JsonValue | undefined, ...errors: readonly (JsonValue | undefined)[]): void {
  const error = errors.find(isSomething);
  if (error !== undefined) throw new BrokenOff({ error: isJsonObject(error) ? named(error, word) : error });
  if (stopMeaning(word) !== "failed") return;
  throw new BrokenOff({ error: { type: word, message: `it ended with the reason ${describe(word)}` } });
}

/** An error without a name for its kind has that of the word. */
function named(error: JsonObject, word: JsonValue | undefined): JsonObject {
  const isNameless = error.type === undefined && error.code === undefined && stopMeaning(word) === "failed";
  return isNameless ? { ...error, type: word } : error;
}
