import type { JsonObject, JsonValue } from "../../json.ts";
import { isJsonObject } from "../../json.ts";

/**
 * An object with the next piece of it put on: texts and lists grow, objects too; names and the like, numbers and
 * switches are replaced; null means "as before". Items of a list that have the same `index` are pieces of one item.
 */
export function withPiece(before: JsonObject, piece: JsonObject): JsonObject {
  const entries = Object.entries(piece).map(([key, value]) => [key, grown(key, before[key], value)]);
  return { ...before, ...Object.fromEntries(entries) };
}

/** Texts that a server may send again with each piece. */
const REPLACED: ReadonlySet<string> = new Set(["role", "type", "id", "name", "format", "object", "finish_reason"]);

function grown(key: string, before: JsonValue | undefined, piece: JsonValue | undefined): JsonValue | undefined {
  if (before === undefined || before === null) return piece;
  if (piece === undefined || piece === null) return before;
  if (typeof before === "string" && typeof piece === "string") {
    if (!REPLACED.has(key)) return before + piece;
    return piece === "" ? before : piece;
  }
  if (isJsonObject(before) && isJsonObject(piece)) return withPiece(before, piece);
  if (Array.isArray(before) && Array.isArray(piece)) return joined(before, piece);
  // A text that becomes a list of parts, or the other way round.
  if (key === "content" && Array.isArray(before)) return [...before, { type: "text", text: piece }];
  if (key === "content" && Array.isArray(piece)) return [{ type: "text", text: before }, ...piece];
  return piece;
}

function joined(before: readonly JsonValue[], pieces: readonly JsonValue[]): readonly JsonValue[] {
  const list = [...before];
  for (const piece of pieces) {
    const index = isJsonObject(piece) ? piece.index : undefined;
    const place = index === undefined ? -1 : list.findIndex((item) => isJsonObject(item) && item.index === index);
    const there = list[place];
    if (isJsonObject(there) && isJsonObject(piece)) list[place] = withPiece(there, piece);
    else list.push(piece);
  }
  return list;
}
