import { ModelError } from "./model.ts";
import type { RetryPolicy } from "./process-program.ts";

/** Too many requests, overload and what passes by itself; never what the request itself is to blame for. */
const PASSING = new Set([408, 409, 429, 529]);

/**
 * How long to wait before a failed request is sent again, in milliseconds; undefined where it is not. Full jitter:
 * anything from 0 to a bound that doubles each time, but never less than the provider asks for.
 */
export function retryDelayMs(policy: RetryPolicy, attempt: number, error: unknown): number | undefined {
  if (!(error instanceof ModelError) || attempt >= policy.maxAttempts || !mayPass(error)) return undefined;
  const boundMs = Math.min(policy.initialDelayMs * 2 ** (attempt - 1), policy.maxDelayMs);
  return Math.max(Math.round(Math.random() * boundMs), error.retryAfterMs ?? 0);
}

function mayPass({ status, connection }: ModelError): boolean {
  if (status === undefined) return connection;
  return PASSING.has(status) || (status >= 500 && status <= 599);
}
