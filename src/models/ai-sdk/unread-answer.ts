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
