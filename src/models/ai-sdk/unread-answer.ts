import { withCauses } from "./causes.ts";

/** What the vendor had sent where a package could not read it; undefined for any other error. */
export function unreadAnswer(thrown: unknown): { readonly answer: unknown } | undefined {
  let found: { readonly answer: unknown } | undefined;
  for (const { name, value, text, statusCode, responseBody } of withCauses(thrown)) {
    if (name === "AI_TypeValidationError") found = { answer: value };
    if (name === "AI_JSONParseError") found = { answer: text };
    if (name === "AI_APICallError" && statusCode === 200 && responseBody !== undefined)
      found = { answer: responseBody };
  }
  return found;
}
