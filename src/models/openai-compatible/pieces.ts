import type { JsonObject, JsonValue } from "../../json.ts";
import { isJsonObject } from "../../json.ts";
import type { Growing } from "../wire/growing.ts";
import { growBy } from "../wire/growing.ts";
import { laterStop } from "../wire/stop-reason.ts";

/**
 * Puts the next piece of an object on: texts and lists grow, objects too; names and the like, numbers and switches are
 * replaced; null means "as before". Items of a list that have the same `index` are pieces of one item.
 */
export function grow(target: Growing, piece: JsonObject): void {
  growBy(target, piece, grown);
}

/** Texts that a server may send again with each piece. */
const REPLACED: ReadonlySet<string> = new Set(["role", "type", "id", "name", "format", "object"]);

const STOP_WORDS: ReadonlySet<string> = new Set(["finish_reason", "native_finish_reason", "stop_reason"]);

function grown(before: JsonValue | undefined, piece: JsonValue | undefined, key: string): JsonValue | undefined {
  if (before === undefined || before === null) return piece;
  if (piece === undefined || piece === null) return before;
  if (STOP_WORDS.has(key)) return laterStop(before, piece);
  if (typeof before === "string" && typeof piece === "string") {
    return REPLACED.has(key) ? piece || before : before + piece;
  }
  if (isJsonObject(before) && isJsonObject(piece)) {
    // A border post, as below: it came with an earlier piece, and is nobody else's.
    grow(before as Growing, piece);
    return before;
  }
  if (Array.isArray(before) && Array.isArray(piece)) {
    join(before as JsonValue[], piece as readonly JsonValue[]);
    return before;
  }
  // A text that becomes a list of parts, or the other way round.
  if (key === "content" && Array.isArray(before)) return [...before, { type: "text", text: piece }];
  if (key === "content" && Array.isArray(piece)) return [{ type: "text", text: before }, ...piece];
  return piece;
}

function join(list: JsonValue[], pieces: readonly JsonValue[]): void {
  for (const piece of pieces) {
    const index = isJsonObject(piece) ? piece.index : undefined;
    const there = index === undefined ? undefined : list.findLast((item) => isJsonObject(item) && item.index === index);
    if (isJsonObject(there) && isJsonObject(piece)) grow(there as Growing, piece);
    else list.push(piece);
  }
}
