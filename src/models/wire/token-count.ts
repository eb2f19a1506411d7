import type { JsonValue } from "../../json.ts";
import { isJsonObject } from "../../json.ts";

/** A count of tokens as a vendor gives it; undefined if it makes no sense. */
export function tokenCount(value: JsonValue | undefined): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/**
 * The output, with what only the total tells: some (Gemini, xAI) leave the tokens of reasoning out of their own count.
 * All that is beyond the input is billed as output, so that nothing is left unseen.
 */
export function outputWithin(total: JsonValue | undefined, input: number, output: number): number {
  return Math.max(output, (tokenCount(total) ?? 0) - input);
}

/**
 * What is known of the usage after a later word on it. Counts in a stream are totals and not increments, so the later one
 * holds; but nothing, null and zero replace no count.
 */
export function laterUsage(before: JsonValue | undefined, later: JsonValue | undefined): JsonValue | undefined {
  if (later === undefined || later === null || later === 0) return before ?? later;
  if (!isJsonObject(before) || !isJsonObject(later)) return later;
  const entries = Object.entries(later).map(([key, value]) => [key, laterUsage(before[key], value)]);
  return { ...before, ...Object.fromEntries(entries) };
}
