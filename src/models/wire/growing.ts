import type { JsonObject, JsonValue } from "../../json.ts";
import { define } from "../../json.ts";

/** An object of a stream's that is put together in place: nobody else has it before it is whole. */
export type Growing = Record<string, JsonValue | undefined>;

/** A key of the object itself: `__proto__` in JSON is data, and what objects inherit is none. */
export function ownValue(object: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** Sets each key of a piece to what becomes of the value before and the piece's. */
export function growBy(
  target: Growing,
  piece: JsonObject,
  grown: (before: JsonValue | undefined, next: JsonValue | undefined, key: string) => JsonValue | undefined,
): void {
  for (const key of Object.keys(piece)) define(target, key, grown(ownValue(target, key), piece[key], key));
}
