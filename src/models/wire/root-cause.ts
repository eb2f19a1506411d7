import { describe } from "../../errors.ts";
import { oneLine } from "./error-body.ts";

/** Errors of a fetch say little; what happened is in their cause. */
export function rootCause(thrown: unknown): unknown {
  let error = thrown;
  for (let depth = 0; depth < 8 && error instanceof Error && error.cause instanceof Error; depth++) error = error.cause;
  return error;
}

/** What a cause says, on one line, with its code. */
export function causeText(error: unknown): string {
  if (!(error instanceof Error)) return describe(error);
  const { code } = error as { code?: unknown };
  // An error for several addresses has no text of its own, but a code.
  const message = error.message || error.name;
  return oneLine(typeof code === "string" && !message.includes(code) ? `${message} (${code})` : message);
}
