import { describe, LLMProcError } from "../../errors.ts";
import type { JsonObject } from "../../json.ts";
import { isJsonObject } from "../../json.ts";
import type { TokenUsage } from "../../process/model.ts";
import { ModelError } from "../../process/model.ts";
import type { Connection } from "./connection.ts";
import { connectionFault } from "./connection-fault.ts";
import { errorBody, oneLine } from "./error-body.ts";
import { factsOf } from "./error-facts.ts";
import { retryAdvice } from "./retry-advice.ts";
import { rootCause } from "./root-cause.ts";
import type { Secrets } from "./secrets.ts";
import { StatusAnswer } from "./wire-fetch.ts";
import type { WireFormat } from "./wire-format.ts";
import { BrokenOff, Unreadable } from "./wire-format.ts";

/** Whom a request goes to, as far as errors tell. */
export interface WireTarget {
  /** As people call it: "Anthropic", or the host of a server without a name. */
  readonly vendor: string;
  readonly format: WireFormat;
  /** The model's name. */
  readonly name: string;
  /** What to check where nobody is there: the base URL, without secrets. */
  readonly address: string;
  /** What a base URL of such a server most often ends in. */
  readonly usualPath?: string;
  /** What to do where the vendor does not let the user in, as a sentence. */
  readonly keyAdvice: string;
}

export interface ErrorContext {
  readonly target: WireTarget;
  readonly connection: Connection;
  /** They are taken out of what the vendor says before that is cut short: a half of one would not be found. */
  readonly secrets: Secrets;
}

/**
 * What to throw for what the SDK, the connection or a format threw: the reason of the abort if the run was aborted,
 * otherwise a `ModelError`.
 */
export function wireError(thrown: unknown, context: ErrorContext): unknown {
  const { connection, target, secrets } = context;
  if (connection.runIsAborted) return connection.abortReason;
  if (thrown instanceof LLMProcError) return thrown;
  if (connection.timedOutAfterMs !== undefined) {
    const silence = `${target.vendor} sent nothing for ${connection.timedOutAfterMs / 1000} s.`;
    return new ModelError(`${silence} ${LONGER}`, { connection: true });
  }
  if (thrown instanceof Unreadable) return unreadable(thrown, context);
  if (thrown instanceof BrokenOff) return brokenOff(thrown, context);
  const root = rootCause(thrown);
  if (root instanceof StatusAnswer) return statusError(root, context);
  if (NODE_TIMEOUTS.has(codeOf(root))) {
    const silence = `${target.vendor} sent nothing for as long as Node waits (300 s).`;
    return new ModelError(`${silence} A reply that streams begins sooner.`, { connection: true, cause: thrown });
  }
  const { said, advice, isLasting } = connectionFault(root, target.address);
  const message = `The connection to ${target.vendor} failed: ${secrets.inError(said)}`;
  return new ModelError(advice === undefined ? message : `${message}. ${advice}`, {
    connection: true,
    cause: thrown,
    ...(isLasting && { shouldRetry: false }),
  });
}

/** For servers that load a model, or read a long prompt, before they answer. */
const LONGER = "Where it may take longer, raise [model] idle_timeout_ms (idleTimeoutMs in code).";

/** Limits of its `fetch`. */
const NODE_TIMEOUTS: ReadonlySet<unknown> = new Set(["UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT"]);

/** The same error, with what was billed: all of it, or as far as the answer came. */
export function withUsage(error: ModelError, known: TokenUsage | undefined, usageIsPartial: boolean): ModelError {
  const usage = known ?? error.usage;
  return new ModelError(error.message, { ...factsOf(error), usage, usageIsPartial, cause: error.cause });
}

/** The same error, after an answer had begun with a status of success: whatever it says, the request was taken. */
export function afterAcceptance(error: unknown): unknown {
  if (!(error instanceof ModelError) || error.accepted) return error;
  return new ModelError(error.message, { ...factsOf(error), accepted: true, cause: error.cause });
}

/** Worth another attempt: the next answer may be a reply. */
function unreadable({ message, answer }: Unreadable, { target, secrets }: ErrorContext): ModelError {
  const beginning = secrets.inError(typeof answer === "string" ? answer : (JSON.stringify(answer) ?? ""));
  const advice = /^\s*<(!doctype|html)/i.test(beginning) ? ` Check the address ${target.address}.` : "";
  const problem = `${target.vendor}'s reply could not be read: ${message}`;
  return new ModelError(`${problem}. It began: ${describe(beginning)}${advice}`, {
    connection: true,
    usage: isJsonObject(answer) ? target.format.usage(answer) : undefined,
  });
}

function brokenOff({ body }: BrokenOff, { target, secrets }: ErrorContext): ModelError {
  const { type = "no type", message, status } = errorBody(body);
  const said = `${target.vendor} broke off its reply (${type}): ${oneLine(secrets.inError(message))}`;
  return new ModelError(type === QUOTA ? `${sentence(said)} ${QUOTA_ADVICE}` : said, {
    status,
    connection: status === undefined,
    ...(type === QUOTA && { shouldRetry: false }),
  });
}

function statusError({ status, headers, body }: StatusAnswer, { target, secrets }: ErrorContext): ModelError {
  const { type, message } = errorBody(parsed(body));
  const kind = type === undefined ? "" : ` (${type})`;
  const said = `${target.vendor} answered ${status}${kind}: ${oneLine(secrets.inError(message))}`;
  const advice = type === QUOTA ? QUOTA_ADVICE : adviceFor(status, target);
  return new ModelError(advice === undefined ? said : `${sentence(said)} ${advice}`, {
    status,
    ...retryAdvice(headers),
    ...(type === QUOTA && { shouldRetry: false }),
  });
}

/** OpenAI says so with the status of too many requests; but it does not pass. (https://platform.openai.com/docs/guides/error-codes) */
const QUOTA = "insufficient_quota";
const QUOTA_ADVICE = "Waiting does not help: check the plan and the billing of the account.";

function adviceFor(status: number, { name, address, usualPath, keyAdvice }: WireTarget): string | undefined {
  if (status === 401 || status === 403) return keyAdvice;
  if (status !== 404) return undefined;
  const lacksPath = usualPath !== undefined && !/\/v\d/.test(address);
  const hint = lacksPath ? ` Most base URLs end in ${usualPath}.` : "";
  return `Check the model's name "${name}" and the address ${address}.${hint}`;
}

function sentence(said: string): string {
  return said.replace(/\.?$/, ".");
}

function parsed(text: string): string | JsonObject {
  try {
    const body: unknown = JSON.parse(text);
    return isJsonObject(body) ? body : text;
  } catch {
    return text === "" ? "no text" : text;
  }
}

function codeOf(error: unknown): unknown {
  // A border post: any object may be asked for its code.
  return ((error ?? {}) as { code?: unknown }).code;
}
