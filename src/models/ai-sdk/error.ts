import { describe, LLMProcError } from "../../errors.ts";
import { isJsonObject } from "../../json.ts";
import { ModelError } from "../../process/model.ts";

/** What is known of an attempt when something is thrown. */
export interface ErrorContext {
  /** As in a program file. */
  readonly provider: string;
  readonly name: string;
  /** The vendor has been asked, as far as one can tell: what fails then is the connection or the answer. */
  readonly asked: boolean;
  /** The vendor's answer, where it was seen. */
  readonly answer: { readonly status: number; readonly headers: Headers } | undefined;
  readonly secrets: readonly string[];
}

/** What to throw for what a package has thrown, or put into its stream as an error. */
export function aiSdkError(thrown: unknown, context: ErrorContext): LLMProcError {
  if (thrown instanceof LLMProcError) return thrown;
  const { provider, name } = context;
  const fault = faultOf(thrown);
  const cause = safeCause(fault.root, context.secrets);
  if (UNAVAILABLE.has(fault.name) || (!context.asked && /\bcredentials?\b/i.test(fault.text))) {
    return unavailable(fault, context);
  }
  const status = fault.status ?? (isFailure(context.answer?.status) ? context.answer?.status : undefined);
  if (status !== undefined) {
    const retryAfterMs = delayIn(context.answer?.headers ?? fault.headers) ?? delayInBody(fault.body);
    return new ModelError(`${provider} answered ${status}: ${short(fault.text)}`, { status, retryAfterMs, cause });
  }
  if (UNREADABLE.has(fault.name)) {
    return new ModelError(`The reply of ${provider} could not be read: ${short(fault.text)}`, {
      connection: true,
      cause,
    });
  }
  if (REFUSED.has(fault.name) || !(context.asked || fault.isNetwork)) {
    return new ModelError(`No request to the model "${name}" of ${provider} could be made: ${short(fault.text)}`, {
      cause,
    });
  }
  return new ModelError(`The connection to ${provider} failed: ${short(fault.text)}`, { connection: true, cause });
}

/** Errors of the AI SDK are known by their names: every package brings its own classes. */
const UNAVAILABLE = new Set(["AI_LoadAPIKeyError", "AI_LoadSettingError", "AI_NoSuchModelError"]);
const UNREADABLE = new Set([
  "AI_JSONParseError",
  "AI_TypeValidationError",
  "AI_EmptyResponseBodyError",
  "AI_InvalidResponseDataError",
  "AI_NoContentGeneratedError",
]);
const REFUSED = new Set(["AI_UnsupportedFunctionalityError", "AI_InvalidPromptError", "AI_InvalidArgumentError"]);

interface Fault {
  readonly name: string;
  readonly text: string;
  readonly status: number | undefined;
  readonly headers: Headers | undefined;
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
  const said = status !== undefined && data === undefined && body !== undefined ? body : undefined;
  const text = said ?? (thrown instanceof Error && status === undefined ? root.text : message);
  return {
    name: typeof name === "string" ? name : "",
    text: typeof text === "string" && text !== "" ? text : describe(thrown),
    status,
    headers: isJsonObject(responseHeaders) ? new Headers(responseHeaders as Record<string, string>) : undefined,
    body,
    isNetwork: root.isNetwork || (isRetryable === true && status === undefined),
    root: root.error,
  };
}

/** What is missing, in one line; the variable to set is in the package's own message. */
function unavailable({ text, name: kind }: Fault, { provider, name }: ErrorContext): LLMProcError {
  const model = `the model "${name}" of ${provider}`;
  const variable = /\b[A-Z][A-Z0-9]*(_[A-Z0-9]+)+\b/.exec(text)?.[0];
  let message = `${model.replace("the", "The")} cannot be used: ${short(text)}`;
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

/** Errors of a fetch say little; what happened is in their cause. */
function rootCause(thrown: unknown): { readonly error: unknown; readonly text: string; readonly isNetwork: boolean } {
  let error = thrown;
  for (let depth = 0; depth < 8 && error instanceof Error && error.cause instanceof Error; depth++) error = error.cause;
  if (!(error instanceof Error)) return { error, text: describe(error), isNetwork: false };
  const { code } = error as { code?: unknown };
  // An error for several addresses has no text of its own, but a code.
  const message = error.message || error.name;
  const isCode = typeof code === "string" && /^(E[A-Z]+|UND_ERR_)/.test(code);
  return {
    error,
    text: isCode && !message.includes(code) ? `${message} (${code})` : message,
    isNetwork: isCode || /^(fetch failed|terminated)$/i.test(message),
  };
}

/** Errors of the AI SDK hold the whole request and the whole answer: what matters of them is in our error. */
function safeCause(root: unknown, secrets: readonly string[]): unknown {
  const isSafe = root instanceof Error && !root.name.startsWith("AI_");
  return isSafe && !secrets.some((secret) => root.message.includes(secret)) ? root : undefined;
}

/** `retry-after` in milliseconds: seconds or a date. (RFC 9110, 10.2.3) */
function delayIn(headers: Headers | undefined, nowMs: number = Date.now()): number | undefined {
  const value = headers?.get("retry-after") ?? "";
  if (value.trim() === "") return undefined;
  const seconds = Number(value);
  const delayMs = Number.isNaN(seconds) ? Date.parse(value) - nowMs : seconds * 1000;
  return Number.isFinite(delayMs) ? Math.max(0, delayMs) : undefined;
}

/** Google says it in the body, in seconds: `"retryDelay": "34s"`. (https://google.aip.dev/193) */
function delayInBody(body: string | undefined): number | undefined {
  const seconds = /"retryDelay"\s*:\s*"(\d+(?:\.\d+)?)s"/.exec(body ?? "")?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}

function short(text: string): string {
  return describe(text.replaceAll(/\s+/g, " ").trim());
}
