import { isJsonObject } from "../../json.ts";
import { ModelError } from "../../process/model.ts";
import { errorBody, oneLine } from "../wire/error-body.ts";
import type { Secrets } from "../wire/secrets.ts";
import type { Advice } from "./advice.ts";
import { hideSecrets } from "./known-secrets.ts";

/** What the vendor had sent where a package could not read it; undefined for any other error. */
export function unreadAnswer(thrown: unknown): { readonly answer: unknown } | undefined {
  let found: { readonly answer: unknown } | undefined;
  let next = thrown;
  for (let depth = 0; depth < 8 && next instanceof Error; depth++) {
    // A border post: any object may be asked for its fields. Errors of the AI SDK are known by their names.
    const { name, value, text, statusCode, responseBody, cause } = next as Error & Record<string, unknown>;
    if (name === "AI_TypeValidationError") found = { answer: value };
    if (name === "AI_JSONParseError") found = { answer: text };
    if (name === "AI_APICallError" && statusCode === 200 && responseBody !== undefined)
      found = { answer: responseBody };
    next = cause;
  }
  return found;
}

/** Whom an answer came from, and what an error may tell of it. */
export interface AnswerContext {
  readonly provider: string;
  readonly secrets: Secrets;
  readonly advice: Advice;
}

/** The vendor's own words where it tells of a failure; otherwise how the answer began. Not the checks of the package. */
export function unreadError(answer: unknown, { provider, secrets, advice }: AnswerContext): ModelError {
  if (tellsOfFailure(answer)) return brokenOff(answer, { provider, secrets });
  const problem = typeof answer === "string" ? "it is not JSON" : "it has not the form that the package expects";
  const whole = typeof answer === "string" ? answer : (JSON.stringify(answer) ?? "");
  const beginning = hideSecrets(whole, secrets);
  const check = isPage(beginning) ? advice.forPage : "";
  const message = `${provider}'s reply could not be read: ${problem}. It began: ${oneLine(beginning)}${check}`;
  return new ModelError(message, { connection: true, accepted: true });
}

/** For a failure that the vendor tells in the middle of its stream. */
export function brokenOff(body: unknown, { provider, secrets }: Omit<AnswerContext, "advice">): ModelError {
  const { type = "no type", message, status } = errorBody(body);
  const said = oneLine(hideSecrets(message, secrets));
  return new ModelError(`${provider} broke off its reply (${type}): ${said}`, {
    status,
    connection: status === undefined,
    accepted: true,
  });
}

export function isPage(text: string): boolean {
  return /^\s*<(!doctype|html)/i.test(text);
}

function tellsOfFailure(answer: unknown): boolean {
  if (!isJsonObject(answer)) return false;
  const { error, object, type, message, detail } = answer;
  const hasWords = typeof message === "string" || typeof detail === "string";
  return (error !== undefined && error !== null) || object === "error" || type === "error" || hasWords;
}
