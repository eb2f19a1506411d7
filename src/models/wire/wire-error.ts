import { describe, LLMProcError } from "../../errors.ts";
import type { JsonObject } from "../../json.ts";
import { isJsonObject } from "../../json.ts";
import type { TokenUsage } from "../../process/model.ts";
import { ModelError } from "../../process/model.ts";
import type { Connection } from "./connection.ts";
import { errorBody } from "./error-body.ts";
import { factsOf } from "./error-facts.ts";
import { retryAdvice } from "./retry-advice.ts";
import { causeText, rootCause } from "./root-cause.ts";
import { StatusAnswer } from "./wire-fetch.ts";
import type { WireFormat } from "./wire-format.ts";
import { BrokenOff, Unreadable } from "./wire-format.ts";

/** Whom a request goes to, as far as errors tell. */
export interface WireTarget {
  /** As people call it: "Anthropic", or the host of a server without a name. */
  readonly vendor: string;
  readonly format: WireFormat;
}

/**
 * What to throw for what the SDK, the connection or a format threw: the reason of the abort if the run was aborted,
 * otherwise a `ModelError`.
 */
export function wireError(thrown: unknown, { vendor, format }: WireTarget, connection: Connection): unknown {
  if (connection.runIsAborted) return connection.abortReason;
  if (thrown instanceof LLMProcError) return thrown;
  if (connection.timedOutAfterMs !== undefined) {
    return new ModelError(`${vendor} sent nothing for ${connection.timedOutAfterMs / 1000} s.`, { connection: true });
  }
  if (thrown instanceof Unreadable) return unreadable(thrown, vendor, format);
  if (thrown instanceof BrokenOff) return brokenOff(thrown, vendor);
  const root = rootCause(thrown);
  if (root instanceof StatusAnswer) return statusError(root, vendor);
  return new ModelError(`The connection to ${vendor} failed: ${causeText(root)}`, { connection: true, cause: thrown });
}

/** The same error, with what was billed: all of it, or as far as the answer came. */
export function withUsage(error: ModelError, known: TokenUsage | undefined, usageIsPartial: boolean): ModelError {
  const usage = known ?? error.usage;
  return new ModelError(error.message, { ...factsOf(error), usage, usageIsPartial, cause: error.cause });
}

/** Worth another attempt: the next answer may be a reply. */
function unreadable({ message, answer }: Unreadable, vendor: string, format: WireFormat): ModelError {
  return new ModelError(`${vendor}'s reply could not be read: ${message}. It began: ${describe(answer)}`, {
    connection: true,
    usage: isJsonObject(answer) ? format.usage(answer) : undefined,
  });
}

function brokenOff({ body }: BrokenOff, vendor: string): ModelError {
  const { type = "no type", message, status } = errorBody(body);
  return new ModelError(`${vendor} broke off its reply (${type}): ${message}`, {
    status,
    connection: status === undefined,
  });
}

function statusError({ status, headers, body }: StatusAnswer, vendor: string): ModelError {
  const { type, message } = errorBody(parsed(body));
  const kind = type === undefined ? "" : ` (${type})`;
  return new ModelError(`${vendor} answered ${status}${kind}: ${message}`, {
    status,
    ...retryAdvice(headers),
  });
}

function parsed(text: string): string | JsonObject {
  try {
    const body: unknown = JSON.parse(text);
    return isJsonObject(body) ? body : text;
  } catch {
    return text === "" ? "no text" : text;
  }
}
