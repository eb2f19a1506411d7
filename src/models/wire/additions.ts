import type { JsonObject } from "../../json.ts";
import { isJsonObject } from "../../json.ts";
import { errorBody } from "./error-body.ts";

/**
 * What this package adds to a request by itself. A server that says it does not take one of them gets the next request
 * without it: the user cannot take out what he has not put in.
 */
export class Additions {
  readonly #refused = new Set<string>();

  /** Those that go into a body which does not say otherwise. */
  for(body: JsonObject, additions: JsonObject): JsonObject {
    const added = Object.entries(additions).filter(([key]) => !this.#refused.has(key) && !(key in body));
    return Object.fromEntries(added);
  }

  /** Which of those that were added a refusal names: from now on it is left out. */
  refusedBy(added: JsonObject, refusal: unknown): string | undefined {
    // `stream` is also a part of what `stream_options` is called.
    const keys = Object.keys(added).sort((one, other) => other.length - one.length);
    const key = keys.find((one) => names(refusal, one));
    if (key !== undefined) this.#refused.add(key);
    return key;
  }
}

/** Whether a refusal speaks of a parameter: as `param`, or in its words, where an ordinary word is in quotes. */
function names(refusal: unknown, key: string): boolean {
  const outer = isJsonObject(refusal) ? refusal : {};
  const { param } = isJsonObject(outer.error) ? outer.error : outer;
  if (typeof param === "string" && param !== "") return param === key || param.startsWith(`${key}.`);
  const word = key.includes("_") ? `\\b${key}\\b` : `(["'\`]|\\bbody\\.)${key}(["'\`]|:)`;
  return new RegExp(word).test(errorBody(refusal).message);
}
