import type Anthropic from "@anthropic-ai/sdk";
import { describe } from "../errors.ts";
import type { ModelErrorOptions, TokenUsage } from "../process/model.ts";
import { ModelError } from "../process/model.ts";
import type { AnthropicConnection } from "./anthropic-connection.ts";
import { retryAdvice } from "./wire/retry-advice.ts";

/**
 * What to throw for what the SDK or the connection threw: the reason of the abort if the run was aborted, otherwise
 * a `ModelError`.
 */
export function anthropicError(thrown: unknown, sdk: typeof Anthropic, connection: AnthropicConnection): unknown {
  if (connection.runIsAborted) return connection.abortReason;
  if (thrown instanceof ModelError) return thrown;
  if (connection.timedOutAfterMs !== undefined) {
    return new ModelError(`Anthropic sent nothing for ${connection.timedOutAfterMs / 1000} s.`, { connection: true });
  }
  if (thrown instanceof sdk.APIError && typeof thrown.status === "number") return statusError(thrown, thrown.status);
  return new ModelError(`The connection to Anthropic failed: ${rootCause(thrown)}`, {
    connection: true,
    cause: thrown,
  });
}

/** For an `error` event in the middle of a stream: the status that the same error has as an answer. */
export function anthropicEventError(data: string): ModelError {
  const { type, message } = parsedError(data);
  const status = STATUS_OF_TYPE.get(type);
  return new ModelError(`Anthropic broke off its reply (${type}): ${message}`, {
    status,
    connection: status === undefined,
  });
}

/** The same error, with what was billed. */
export function withUsage(error: ModelError, usage: TokenUsage | undefined): ModelError {
  return new ModelError(error.message, { ...factsOf(error), usage: usage ?? error.usage, cause: error.cause });
}

/** The same error, without the secrets in its text; its cause goes, too, if there were any. */
export function withoutSecrets(error: ModelError, secrets: readonly string[]): ModelError {
  const message = secrets.reduce((text, secret) => text.replaceAll(secret, "[secret]"), error.message);
  if (message === error.message) return error;
  return new ModelError(message, factsOf(error));
}

function factsOf({ status, retryAfterMs, shouldRetry, connection, usage }: ModelError): ModelErrorOptions {
  return { status, retryAfterMs, shouldRetry, connection, usage };
}

/** https://platform.claude.com/docs/en/api/errors */
const STATUS_OF_TYPE: ReadonlyMap<string, number> = new Map([
  ["invalid_request_error", 400],
  ["authentication_error", 401],
  ["billing_error", 402],
  ["permission_error", 403],
  ["not_found_error", 404],
  ["request_too_large", 413],
  ["rate_limit_error", 429],
  ["api_error", 500],
  ["timeout_error", 504],
  ["overloaded_error", 529],
]);

function statusError(error: InstanceType<typeof Anthropic.APIError>, status: number): ModelError {
  const kind = typeof error.type === "string" ? ` (${error.type})` : "";
  const text = typeof error.apiMessage === "string" ? error.apiMessage : error.message.replace(`${status} `, "");
  return new ModelError(`Anthropic answered ${status}${kind}: ${short(text)}`, {
    status,
    ...retryAdvice(error.headers),
    cause: error,
  });
}

function parsedError(data: string): { type: string; message: string } {
  try {
    const { error } = JSON.parse(data) as { error?: { type?: unknown; message?: unknown } };
    const { type, message } = error ?? {};
    return {
      type: typeof type === "string" ? type : "no type",
      message: short(typeof message === "string" ? message : data),
    };
  } catch {
    return { type: "no type", message: short(data) };
  }
}

/** Fetch errors say little; what happened is in their cause. */
function rootCause(thrown: unknown): string {
  let error = thrown;
  for (let depth = 0; depth < 8 && error instanceof Error && error.cause instanceof Error; depth++) error = error.cause;
  if (!(error instanceof Error)) return describe(error);
  const { code } = error as { code?: unknown };
  // An error for several addresses has no text of its own, but a code.
  const message = error.message || error.name;
  return short(typeof code === "string" && !message.includes(code) ? `${message} (${code})` : message);
}

function short(text: string): string {
  return describe(text.replaceAll(/\s+/g, " ").trim());
}
