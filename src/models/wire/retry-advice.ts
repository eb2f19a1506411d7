import type { ModelErrorOptions } from "../../process/contract/model.ts";

/** What an answer's headers say on sending the request again. */
export type RetryAdvice = Pick<ModelErrorOptions, "retryAfterMs" | "shouldRetry">;

/**
 * Reads `retry-after-ms` (OpenAI, Azure), `retry-after` in seconds or as a date (RFC 9110, 10.2.3), and
 * `x-should-retry` (Anthropic, OpenAI), as the vendors' SDKs do. What cannot be read is as if it were not there.
 */
export function retryAdvice(headers: Pick<Headers, "get">, nowMs: number = Date.now()): RetryAdvice {
  const shouldRetry = SHOULD_RETRY.get(headers.get("x-should-retry") ?? "");
  const exactMs = amountOf(headers.get("retry-after-ms"));
  return { shouldRetry, retryAfterMs: exactMs ?? afterMs(headers.get("retry-after"), nowMs) };
}

const SHOULD_RETRY: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["false", false],
]);

function afterMs(value: string | null, nowMs: number): number | undefined {
  const seconds = amountOf(value);
  if (seconds !== undefined) return seconds * 1000;
  const dateMs = DATE.test(value ?? "") ? Date.parse(value ?? "") : Number.NaN;
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs);
}

/** With its day of the week, or as ISO says it: what else `Date.parse` takes for a date ("10;", "in 40") is none. */
const DATE = /^\s*(?:(?:mon|tue|wed|thu|fri|sat|sun)|\d{4}-\d\d-\d\d)/i;

/** A number from 0; a negative one is 0. Of a header that came more than once, the longest. */
function amountOf(value: string | null): number | undefined {
  const amounts = (value ?? "").split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  return amounts.every(Number.isFinite) ? Math.max(0, ...amounts) : undefined;
}
