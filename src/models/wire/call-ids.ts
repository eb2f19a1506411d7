import type { JsonValue } from "../../json.ts";

/**
 * An id for each tool call of a reply, in order: its own, where it has one that none before it has. Some servers give
 * none, or the same to all: results could not be told apart, and no vendor takes two calls of one id back.
 */
export function callIds(given: readonly (JsonValue | undefined)[], replyId: JsonValue | undefined): readonly string[] {
  // Vendors take letters, digits, `_` and `-` only.
  const base = (isId(replyId) ? replyId : "call").replace(/[^\w-]/g, "_");
  const taken = new Set<string>();
  return given.map((id, place) => {
    let own = isId(id) && !taken.has(id) ? id : `${base}_${place + 1}`;
    for (let again = 2; taken.has(own) || (own !== id && given.includes(own)); again++) {
      own = `${base}_${place + 1}_${again}`;
    }
    taken.add(own);
    return own;
  });
}

/** A text that names something; some servers write out that they have none. */
export function isId(value: JsonValue | undefined): value is string {
  return typeof value === "string" && !/^\s*(null|none|undefined)?\s*$/i.test(value);
}
