import type { ModelError, ModelErrorOptions } from "../process/contract/model.ts";

/** All that an error says besides its text and its cause, to make it again. */
export function factsOf({
  status,
  retryAfterMs,
  shouldRetry,
  connection,
  usage,
  usageIsPartial,
  accepted,
  isAdapted,
}: ModelError): ModelErrorOptions {
  return { status, retryAfterMs, shouldRetry, connection, usage, usageIsPartial, accepted, isAdapted };
}
