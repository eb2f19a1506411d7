import type { JsonValue } from "../../json.ts";
import { isJsonObject } from "../../json.ts";
import type { TokenUsage } from "../../process/model.ts";

/** A count of tokens as a vendor gives it; undefined if it makes no sense. */
export function tokenCount(value: JsonValue | undefined): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/**
 * The usage of a whole reply; undefined where it cannot be: no request is without input, and no reply that says
 * something without output. Some servers fill in zeros for what they do not count.
 */
export function plausible(usage: TokenUsage | undefined, saysSomething: boolean): TokenUsage | undefined {
  if (usage === undefined || usage.inputTokens === 0) return undefined;
  return usage.outputTokens === 0 && saysSomething ? undefined : usage;
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
