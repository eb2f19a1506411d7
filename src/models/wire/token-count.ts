import type { JsonValue } from "../../json.ts";

/** A count of tokens as a vendor gives it; undefined if it makes no sense. */
export function tokenCount(value: JsonValue | undefined): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
