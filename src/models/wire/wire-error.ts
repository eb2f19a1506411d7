import { describe, LLMProcError } from "../../errors.ts";
import { isJsonObject } from "../../json.ts";
import type { TokenUsage } from "../../process/model.ts";
import { ModelError } from "../../process/model.ts";
import { rootCause } from "../../text/error-text.ts";
import { causeText } from "./cause-text.ts";
import type { Connection } from "./connection.ts";
import { connectionFault } from "./connection-fault.ts";
import { errorBody, oneLine } from "./error-body.ts";
import { factsOf } from "./error-facts.ts";
import { Lost } from "./lost.ts";
import { elsewhereAdvice, redirectAddress, sendsElsewhere } from "./redirect.ts";
import { retryAdvice } from "./retry-advice.ts";
import type { Secrets } from "./secrets.ts";
import { StatusAnswer } from "./status-answer.ts";
import { TooLarge } from "./too-large.ts";
import type { WireFormat } from "./wire-format.ts";
import { BrokenOff, Unreadable } from "./wire-format.ts";
import type { WireRequest } from "./wire-sender.ts";

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
  readonly request: Pick<WireRequest, "added" | "additions">;
  readonly connection: Connection;
  /** They are taken out of what the vendor says before that is cut short: a half of one would not be found. */
  readonly secrets: Secrets;
}

/**
 * What to throw for what the connection, a format or a fault of ours threw: the reason of the abort if the run was
 * aborted, otherwise a `ModelError`, or what is no matter of the model's at all.
 */
export function wireError(thrown: unknown, context: ErrorContext): unknown {
  const { connection } = context;
  if (connection.runIsAborted) return connection.abortReason;
  return thrown instanceof LLMProcError ? thrown : modelError(thrown, context);
}

function modelError(thrown: unknown, context: ErrorContext): ModelError {
  const { connection, target } = context;
  if (thrown instanceof Lost) {
    const { timedOutAfterMs } = connection;
    const isSilence = timedOutAfterMs !== undefined && !thrown.neverConnected;
    return isSilence ? silence(timedOutAfterMs, target) : lost(thrown, context);
  }
  if (thrown instanceof Unreadable) return unreadable(thrown, context);
  if (thrown instanceof BrokenOff) return brokenOff(thrown, context);
  if (thrown instanceof StatusAnswer) return statusError(thrown, context);
  if (thrown instanceof TooLarge) {
    return new ModelError(`${target.vendor}'s reply was given up: ${thrown.message}.`, { shouldRetry: false });
  }
  const message = `llmproc failed with a request to ${target.vendor}, which is a fault of its own: ${causeText(thrown)}`;
  return new ModelError(message, { shouldRetry: false, cause: thrown });
}

function silence(afterMs: number, { vendor }: WireTarget): ModelError {
  return new ModelError(`${vendor} sent nothing for ${afterMs / 1000} s. ${LONGER}`, { connection: true });
}

function lost(thrown: Lost, { target, secrets }: ErrorContext): ModelError {
  const cause = rootCause(thrown);
  const { said, advice, isLasting } = connectionFault(cause, target.address);
  const message = `The connection to ${target.vendor} failed: ${secrets.inError(said)}`;
  if (proxyStatus(cause) === 407) return new ModelError(`${message}. ${PROXY_ADVICE}`, { status: 407, cause });
  return new ModelError(advice === undefined ? message : `${message}. ${advice}`, {
    connection: true,
    cause: thrown.cause,
    ...(isLasting && { shouldRetry: false }),
  });
}

/** For servers that load a model, or read a long prompt, before they answer. */
const LONGER = "Where it may take longer, raise [model] idle_timeout_ms (idleTimeoutMs in code).";

/** What a proxy answered that was to open a way to the server. */
function proxyStatus(cause: unknown): unknown {
  // A border post: any object may be asked for its fields.
  const { code, statusCode } = (cause ?? {}) as { readonly code?: unknown; readonly statusCode?: unknown };
  return code === "ERR_PROXY_TUNNEL" ? statusCode : undefined;
}

const PROXY_ADVICE = "A proxy on the way wants a name and a password: check its address, most often in HTTPS_PROXY.";

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
    usage: usageIn(answer, target),
  });
}

/** Some tell it within the error. */
function usageIn(answer: unknown, { format }: WireTarget): TokenUsage | undefined {
  const body: unknown = Array.isArray(answer) ? answer[0] : answer;
  if (!isJsonObject(body)) return undefined;
  return format.usage(body) ?? (isJsonObject(body.error) ? format.usage(body.error) : undefined);
}

function brokenOff({ body }: BrokenOff, { target, secrets }: ErrorContext): ModelError {
  const { type = "no type", message, status } = errorBody(body);
  const said = `${target.vendor} broke off its reply (${type}): ${oneLine(secrets.inError(message))}`;
  return new ModelError(type === QUOTA ? `${sentence(said)} ${QUOTA_ADVICE}` : said, {
    status,
    connection: status === undefined,
    usage: usageIn(body, target),
    ...(type === QUOTA && { shouldRetry: false }),
  });
}

function statusError(answer: StatusAnswer, { target, request, secrets }: ErrorContext): ModelError {
  const { status, headers, url } = answer;
  const refusal = parsed(answer.body);
  const usage = usageIn(refusal, target);
  const { type, message } = errorBody(refusal);
  const kind = type === undefined ? "" : ` (${type})`;
  const said = `${target.vendor} answered ${status}${kind}: ${oneLine(secrets.inError(message))}`;
  const isRefused = status === 400 || status === 422;
  const refused = isRefused ? request.additions.refusedBy(request.added, refusal) : undefined;
  if (refused !== undefined) {
    const message = `${sentence(said)} From now on "${refused}", which you have not set, is left out.`;
    return new ModelError(message, { status, usage, isAdapted: true });
  }
  const address = redirectAddress(headers.get("location"), url, secrets);
  const advice = type === QUOTA ? QUOTA_ADVICE : adviceFor(status, target, address);
  return new ModelError(advice === undefined ? said : `${sentence(said)} ${advice}`, {
    status,
    usage,
    ...retryAdvice(headers),
    ...((type === QUOTA || sendsElsewhere(status)) && { shouldRetry: false }),
  });
}

/** OpenAI says so with the status of too many requests; but it does not pass. (https://platform.openai.com/docs/guides/error-codes) */
const QUOTA = "insufficient_quota";
const QUOTA_ADVICE = "Waiting does not help: check the plan and the billing of the account.";

function adviceFor(status: number, target: WireTarget, pointsTo: string | undefined): string | undefined {
  const { name, address, usualPath, keyAdvice } = target;
  if (sendsElsewhere(status)) return elsewhereAdvice(status, pointsTo);
  if (status === 401 || status === 403) return keyAdvice;
  if (status === 407) return PROXY_ADVICE;
  if (status !== 404) return undefined;
  const lacksPath = usualPath !== undefined && !/\/v\d/.test(address);
  const hint = lacksPath ? ` Most base URLs end in ${usualPath}.` : "";
  return `Check the model's name "${name}" and the address ${address}.${hint}`;
}

function sentence(said: string): string {
  return said.replace(/\.?$/, ".");
}

function parsed(text: string): unknown {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === "object" ? body : text;
  } catch {
    return text === "" ? "no text" : text;
  }
}
