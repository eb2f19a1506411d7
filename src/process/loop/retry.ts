import type { Retry } from "../../events/callback-event.ts";
import { durationText } from "../../text/duration.ts";
import { ModelError } from "../contract/model.ts";
import type { RetryPolicy } from "../contract/process-program.ts";

/** What waiting cannot mend, whatever else the provider says: the request itself is to blame. */
const TO_BLAME = new Set([400, 401, 403, 404, 422]);

/** A timeout, a conflict, too many requests: what passes by itself, as what a server does wrong (5xx) may. */
const PASSING = new Set([408, 409, 429]);

/**
 * What follows a failed attempt: the next one, or why there is none though one might do better, in words for the
 * user; undefined where none would. `spentMs` is what all attempts so far and the waits between them took.
 *
 * The wait is what the provider asks for and, so that those who were refused together do not come back together,
 * anything from 0 to a bound that doubles each time.
 */
export function nextAttempt(
  policy: RetryPolicy,
  attempt: number,
  spentMs: number,
  error: unknown,
): Retry | string | undefined {
  if (!(error instanceof ModelError) || !mayPass(error)) return undefined;
  const { maxAttempts, initialDelayMs, maxDelayMs, deadlineMs } = policy;
  const givenUp = `Given up after ${attempt === 1 ? "1 attempt" : `${attempt} attempts`}:`;
  if (attempt >= maxAttempts) return `${givenUp} [retry] max_attempts allows no more.`;
  const deadline = `the deadline of ${durationText(deadlineMs)} for one reply ([retry] deadline_ms) is over`;
  const leftMs = Math.floor(deadlineMs - spentMs);
  if (leftMs <= 0) return `${givenUp} ${deadline}.`;
  const askedMs = Math.ceil(Math.max(0, error.retryAfterMs || 0));
  if (askedMs > leftMs) return `The provider asked to wait ${durationText(askedMs)}: ${deadline} before that.`;
  const boundMs = Math.min(initialDelayMs * 2 ** Math.min(attempt - 1, MAX_DOUBLINGS), maxDelayMs);
  const delayMs = Math.min(askedMs + Math.round(Math.random() * boundMs), leftMs);
  return Object.freeze({ attempt: attempt + 1, maxAttempts, delayMs });
}

/** From a millisecond to more than any timer holds; without end, 0 times infinity would come of it. */
const MAX_DOUBLINGS = 31;

function mayPass({ status, connection, shouldRetry, isAdapted }: ModelError): boolean {
  if (isAdapted) return true;
  if (status === undefined) return shouldRetry ?? connection;
  if (TO_BLAME.has(status)) return false;
  return shouldRetry ?? (PASSING.has(status) || (status >= 500 && status <= 599));
}
