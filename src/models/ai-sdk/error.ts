import { describe, LLMProcError } from "../../errors.ts";
import { isJsonObject } from "../../json.ts";
import { ModelError } from "../../process/contract/model.ts";
import { errorText, rootCause } from "../../text/error-text.ts";
import type { Secrets } from "../secrets/secrets.ts";
import { errorBody, isFailure, oneLine, parsedBody, tellsFailure } from "../wire/error-body.ts";
import type { Asked } from "../wire/failure.ts";
import { brokenOff, disconnected, refused, unreadable } from "../wire/failure.ts";
import { withCauses } from "./causes.ts";
import { hideSecrets, holdsSecrets, noteRequestOf } from "./known-secrets.ts";

/** Whom a package asks. */
export interface PackageTarget {
  /** As in a program file. */
  readonly provider: string;
  readonly name: string;
  /** Where the request went, without secrets, where that is known. */
  readonly address: string | undefined;
  /** What to do where the vendor does not let the user in, as a sentence. */
  readonly keyAdvice: string;
  readonly secrets: Secrets;
}

/** What is known of an attempt when something is thrown. */
export interface AiSdkErrorContext {
  readonly target: PackageTarget;
  /** The vendor has been asked, as far as one can tell: what fails then is the connection or the answer. */
  readonly isAsked: boolean;
  /** The vendor's answer, where it was seen. */
  readonly answer: { readonly status: number; readonly headers: Headers } | undefined;
}

/** For the errors that are the same whoever sends. */
export function askedOf({ provider, name, address, keyAdvice, secrets }: PackageTarget): Asked {
  const hide = (text: string) => hideSecrets(text, secrets);
  return { vendor: provider, name, address: address ?? "that the package's model was made with", keyAdvice, hide };
}

/** What to throw for what a package has thrown, or put into its stream as an error. */
export function aiSdkError(thrown: unknown, { target, isAsked, answer }: AiSdkErrorContext): LLMProcError {
  if (thrown instanceof LLMProcError) return thrown;
  const { provider, name, secrets } = target;
  noteRequestOf(thrown, secrets);
  const asked = askedOf({ ...target, address: target.address ?? addressIn(thrown) });
  const whole = faultOf(thrown);
  // Before it is cut short: a half of a secret would not be found.
  const fault = { ...whole, text: asked.hide(whole.text) };
  const cause = safeCause(fault.root, secrets);
  if (UNAVAILABLE.has(fault.name) || (!isAsked && /\bcredentials?\b/i.test(fault.text))) {
    return unavailable(fault, target);
  }
  const status = fault.status ?? (isFailure(answer?.status) ? answer?.status : undefined);
  if (status !== undefined) {
    const { text: message, body = "" } = fault;
    return refused(asked, { status, headers: answer?.headers ?? fault.headers, body, message }, { cause });
  }
  const unread = unreadAnswer(thrown);
  if (unread !== undefined) return unreadError(unread.answer, asked);
  // Some packages pass on what the vendor says in its stream as it is.
  if (isAsked && !(thrown instanceof Error)) return brokenOff(asked, thrown);
  if (UNREADABLE.has(fault.name) || (isAsked && isMistake(fault.root) && !fault.isNetwork)) {
    const problem = isOverflow(fault.root) ? "it is nested deeper than the package can read" : oneLine(fault.text);
    return unreadable(asked, { problem }, { cause });
  }
  if (REFUSED.has(fault.name) || !(isAsked || fault.isNetwork)) {
    const message = `No request to the model "${name}" of ${provider} could be made: ${oneLine(fault.text)}`;
    return new ModelError(message, { cause });
  }
  return disconnected(asked, fault.root, cause);
}

/** What the vendor had sent where a package could not read it; undefined for any other error. */
function unreadAnswer(thrown: unknown): { readonly answer: unknown } | undefined {
  let found: { readonly answer: unknown } | undefined;
  for (const { name, value, text, statusCode, responseBody } of withCauses(thrown)) {
    if (name === "AI_TypeValidationError") found = { answer: value };
    if (name === "AI_JSONParseError") found = { answer: text };
    if (name === "AI_APICallError" && statusCode === 200 && responseBody !== undefined)
      found = { answer: responseBody };
  }
  return found;
}

/** The vendor's own words where it tells of a failure; otherwise how the answer began. Not the checks of the package. */
function unreadError(answer: unknown, asked: Asked): ModelError {
  if (tellsFailure(answer) !== undefined) return brokenOff(asked, answer);
  const problem = typeof answer === "string" ? "it is not JSON" : "it has not the form that the package expects";
  return unreadable(asked, { problem, answer });
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
    status !== undefined && data === undefined && body !== undefined ? errorBody(parsedBody(body)).message : undefined;
  const text = said ?? (thrown instanceof Error && status === undefined ? errorText(root) : message);
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

/** What is missing, in one line; the variable to set is in the package's own message. */
function unavailable({ text, name: kind }: Fault, { provider, name }: PackageTarget): LLMProcError {
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

/** Errors of the AI SDK hold the whole request and the whole answer: what matters of them is in our error. */
function safeCause(root: unknown, secrets: Secrets): unknown {
  const isSafe = root instanceof Error && !root.name.startsWith("AI_");
  return isSafe && !holdsSecrets(root, secrets) ? root : undefined;
}

/** The host that an error of a package says it has asked. */
function addressIn(thrown: unknown): string | undefined {
  for (const { url } of withCauses(thrown)) {
    if (typeof url === "string" && URL.canParse(url)) return new URL(url).origin;
  }
  return undefined;
}
