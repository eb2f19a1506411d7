import { expect, test } from "vitest";
import { retryAdvice } from "../../src/models/wire/retry-advice.ts";

const NOW = Date.UTC(2026, 10, 24, 12, 0, 0);

test.for<[headers: Record<string, string>, retryAfterMs: number | undefined]>([
  [{}, undefined],
  [{ "retry-after": "3" }, 3000],
  [{ "retry-after": "0.5" }, 500],
  [{ "retry-after": "0" }, 0],
  [{ "retry-after": "-3" }, 0],
  [{ "retry-after": "" }, undefined],
  [{ "retry-after": "soon" }, undefined],
  [{ "retry-after": "Infinity" }, undefined],
  // A gateway's header beside the vendor's, and words and years that a lenient parser takes for dates.
  [{ "retry-after": "5, 5" }, 5000],
  [{ "retry-after": "2, 30" }, 30_000],
  [{ "retry-after": "5, soon" }, undefined],
  [{ "retry-after": "10;" }, undefined],
  [{ "retry-after": "in 40" }, undefined],
  [{ "retry-after": "45s" }, undefined],
  [{ "retry-after": "2026-11-24T12:01:30Z" }, 90_000],
  [{ "retry-after": "Tue, 24 Nov 2026 12:01:30 GMT" }, 90_000],
  [{ "retry-after": "Tuesday, 24-Nov-26 12:01:30 GMT" }, 90_000],
  [{ "retry-after": "Tue Nov 24 12:01:30 2026 GMT" }, 90_000],
  [{ "retry-after": "Tue, 24 Nov 2026 11:59:00 GMT" }, 0],
  [{ "retry-after-ms": "250" }, 250],
  [{ "retry-after-ms": "250.5", "retry-after": "3" }, 250.5],
  [{ "retry-after-ms": "none", "retry-after": "3" }, 3000],
  [{ "Retry-After": "7" }, 7000],
])("an answer with %j asks to wait %s ms", ([headers, retryAfterMs]) => {
  expect(retryAdvice(new Headers(headers), NOW)).toEqual({ retryAfterMs, shouldRetry: undefined });
});

test.for<[value: string, shouldRetry: boolean | undefined]>([
  ["true", true],
  ["false", false],
  ["maybe", undefined],
])("x-should-retry: %s", ([value, shouldRetry]) => {
  expect(retryAdvice(new Headers({ "x-should-retry": value }), NOW)).toEqual({ retryAfterMs: undefined, shouldRetry });
});
