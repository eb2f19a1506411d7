import { describe, LLMProcError } from "../../errors.ts";
import { isJsonObject } from "../../json.ts";
import { ModelError } from "../../process/model.ts";
import { rootCause } from "../../text/error-text.ts";
import { errorBody, oneLine } from "../wire/error-body.ts";
import { retryAdvice } from "../wire/retry-advice.ts";
import type { Secrets } from "../wire/secrets.ts";
import { addressIn, adviceOf } from "./advice.ts";
import { hideSecrets, holdsSecrets, noteRequestOf } from "./known-secrets.ts";
import { brokenOff, unreadAnswer, unreadError } from "./unread-answer.ts";

/** What is known of an attempt when something is thrown. */
export interface ErrorContext {
  /** As in a program file. */
  readonly provider: string;
  readonly name: string;
  /** The vendor has been asked, as far as one can tell: what fails then is the connection or the answer. */
  readonly asked: boolean;
  /** The vendor's answer, where it was seen. */
  readonly answer: { readonly status: number; readonly headers: Headers } | undefined;
  readonly secrets: Secrets;
  /** Where the request went, where that is known. */
  readonly address: string | undefined;
  /** What to do where the vendor does not let the user in, as a sentence. */
  readonly keyAdvice: string;
}

/** What to throw for what a package has thrown, or put into its stream as an error. */
export function aiSdkError(thrown: unknown, context: ErrorContext): LLMProcError {
  if (thrown instanceof LLMProcError) return thrown;
  const { provider, name, secrets } = context;
  noteRequestOf(thrown, secrets);
  const whole = faultOf(thrown);
  // Before it is cut short: a half of a secret would not be found.
  const fault = { ...whole, text: hideSecrets(whole.text, secrets) };
  const cause = safeCause(fault.root, secrets);
  const text = oneLine(fault.text);
  if (UNAVAILABLE.has(fault.name) || (!context.asked && /\bcredentials?\b/i.test(fault.text))) {
    return unavailable(fault, context);
  }
  const advice = adviceOf({ ...context, address: context.address ?? addressIn(thrown) });
  const status = fault.status ?? (isFailure(context.answer?.status) ? context.answer?.status : undefined);
  if (status !== undefined) {
    const retry = retryAdvice(context.answer?.headers ?? fault.headers);
    const retryAfterMs = retry.retryAfterMs ?? delayInBody(fault.body);
    const message = withAdvice(`${provider} answered ${status}: ${text}`, advice.forStatus(status, fault.text));
    return new ModelError(message, { ...retry, status, retryAfterMs, cause });
  }
  const unread = unreadAnswer(thrown);
  if (unread !== undefined) return unreadError(unread.answer, { provider, secrets, advice });
  // Some packages pass on what the vendor says in its stream as it is.
  if (context.asked && !(thrown instanceof Error)) return brokenOff(thrown, { provider, secrets });
  if (UNREADABLE.has(fault.name) || (context.asked && isMistake(fault.root) && !fault.isNetwork)) {
    const said = isOverflow(fault.root) ? "it is nested deeper than the package can read" : text;
    return new ModelError(`${provider}'s reply could not be read: ${said}`, {
      connection: true,
      accepted: true,
      cause,
    });
  }
  if (REFUSED.has(fault.name) || !(context.asked || fault.isNetwork)) {
    return new ModelError(`No request to the model "${name}" of ${provider} could be made: ${text}`, { cause });
  }
  const check = isUnreached(fault.root) ? advice.forUnreached : "";
  const message = withAdvice(`The connection to ${provider} failed: ${text}`, check);
  return new ModelError(message, { connection: true, cause });
}

/** Errors of the AI SDK are known by their names: every package brings its own classes. */
const UNAVAILABLE = new Set(["AI_LoadAPIKeyError", "AI_LoadSettingError", "AI_NoSuchModelError"]);
const UNREADABLE = new Set(["AI_EmptyResponseBodyError", "AI_InvalidResponseDataError", "AI_NoContentGeneratedError"]);
const REFUSED = new Set(["AI_UnsupportedFunctionalityError", "AI_InvalidPromptError", "AI_InvalidArgumentError"]);

interface Fault {
  readonly name: string;
  readonly text: string;
  readonly status: number | undefined;
  readonly headers: Headers;
  readonly body: string | undefined;
  readonly isNetwork: boolean;
  /** Where it began. */
  readonly root: unknown;
}

function faultOf(thrown: unknown): Fault {
  const { name, message, statusCode, responseHeaders, responseBody, data, isRetryable } = fieldsOf(thrown);
  const status = typeof statusCode === "number" && isFailure(statusCode) ? statusCode : undefined;
  const body = typeof responseBody === "string" && responseBody.trim() !== "" ? responseBody : undefined;
  const root = rootCause(thrown);
  // Where the package could not read the vendor's error, its message is no more than the status in words.
  const said =
    status !== undefined && data === undefined && body !== undefined ? errorBody(parsed(body)).message : undefined;
  const text = said ?? (thrown instanceof Error && status === undefined ? rootText(root) : message);
  return {
    name: typeof name === "string" ? name : "",
    text: typeof text === "string" && text !== "" ? text : describe(thrown),
    status,
    headers: new Headers(isJsonObject(responseHeaders) ? (responseHeaders as Record<string, string>) : {}),
    body,
    isNetwork: isNetworkError(root) || (isRetryable === true && status === undefined),
    root,
  };
}

/** What it says, in full, with its code. */
function rootText(root: unknown): string {
  if (!(root instanceof Error)) return describe(root);
  const { code } = root as { code?: unknown };
  const message = root.message || root.name;
  return typeof code === "string" && !message.includes(code) ? `${message} (${code})` : message;
}

function isNetworkError(root: unknown): boolean {
  if (!(root instanceof Error)) return false;
  const { code } = root as { code?: unknown };
  return (
    (typeof code === "string" && /^(E[A-Z]+|UND_ERR_)/.test(code)) || /^(fetch failed|terminated)$/i.test(root.message)
  );
}

/** What a package trips over in an answer that it does not expect. */
function isMistake(root: unknown): boolean {
  return root instanceof TypeError || root instanceof RangeError || root instanceof SyntaxError;
}

function isOverflow(root: unknown): boolean {
  return root instanceof RangeError && /call stack/i.test(root.message);
}

/** Nobody is there, or nobody of that name. */
function isUnreached(root: unknown): boolean {
  const { code } = fieldsOf(root);
  return code === "ECONNREFUSED" || code === "ENOTFOUND" || code === "EAI_AGAIN";
}

function withAdvice(said: string, advice: string): string {
  return advice === "" ? said : `${said.replace(/\.?$/, ".")}${advice}`;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

/** What is missing, in one line; the variable to set is in the package's own message. */
function unavailable({ text, name: kind }: Fault, { provider, name }: ErrorContext): LLMProcError {
  const model = `the model "${name}" of ${provider}`;
  const variable = /\b[A-Z][A-Z0-9]*(_[A-Z0-9]+)+\b/.exec(text)?.[0];
  let message = `${model.replace("the", "The")} cannot be used: ${oneLine(text)}`;
  if (variable !== undefined && kind === "AI_LoadSettingError") {
    message = `A setting is missing for ${model}. Set the environment variable ${variable}.`;
  }
  if (variable !== undefined && kind === "AI_LoadAPIKeyError") {
    message = `There is no API key for ${model}. Set the environment variable ${variable}, or name another one in api_key_env.`;
  }
  return new LLMProcError("model_unavailable", message);
}

function fieldsOf(thrown: unknown): Readonly<Record<string, unknown>> {
  // A border post: any object may be asked for its fields.
  return typeof thrown === "object" && thrown !== null ? (thrown as Record<string, unknown>) : { message: thrown };
}

function isFailure(status: number | undefined): status is number {
  return status !== undefined && status >= 400 && status <= 599;
}

/** Errors of the AI SDK hold the whole request and the whole answer: what matters of them is in our error. */
function safeCause(root: unknown, secrets: Secrets): unknown {
  const isSafe = root instanceof Error && !root.name.startsWith("AI_");
  return isSafe && !holdsSecrets(root, secrets) ? root : undefined;
}

/** Google says it in the body, in seconds: `"retryDelay": "34s"`. (https://google.aip.dev/193) */
function delayInBody(body: string | undefined): number | undefined {
  const seconds = /"retryDelay"\s*:\s*"(\d+(?:\.\d+)?)s"/.exec(body ?? "")?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}
