/** `retry-after` in milliseconds: seconds or a date. (RFC 9110, 10.2.3) */
export function retryAfterMs(headers: Headers, nowMs: number = Date.now()): number | undefined {
  const value = headers.get("retry-after");
  if (value === null || value.trim() === "") return undefined;
  const seconds = Number(value);
  const delayMs = Number.isNaN(seconds) ? Date.parse(value) - nowMs : seconds * 1000;
  return Number.isFinite(delayMs) ? Math.max(0, delayMs) : undefined;
}
