import { describe, LLMProcError, lookable } from "../errors.ts";

/** So far a chain of causes is followed: one that has no end ends here. */
const MAX_DEPTH = 8;
/** Of errors that stand side by side, so many are told. */
const MAX_SIDE_BY_SIDE = 3;

/**
 * What was thrown, with what is behind it: "fetch failed: connect ECONNREFUSED 127.0.0.1:9". Causes that the message
 * tells already are not told twice. Never throws, whatever getters do.
 */
export function errorText(thrown: unknown): string {
  return textOf(thrown, new Set(), 0);
}

/** The last error in a chain of causes: those of a fetch say little, what happened is in their cause. */
export function rootCause(thrown: unknown): unknown {
  let error = lookable(thrown);
  for (let depth = 0; depth < MAX_DEPTH && error instanceof Error; depth++) {
    const cause = lookable(read(error, "cause"));
    if (!(cause instanceof Error)) return error;
    error = cause;
  }
  return error;
}

function textOf(thrown: unknown, told: Set<unknown>, depth: number): string {
  const error = lookable(thrown);
  if (!(error instanceof Error)) return describe(error);
  if (told.has(error) || depth >= MAX_DEPTH) return "";
  told.add(error);
  const { message, name } = error;
  // Ours say in their message what of their cause is anybody's business.
  if (error instanceof LLMProcError) return message;
  const behind = [...sideBySide(error, told, depth), causeOf(error, told, depth)].filter(
    (text) => text !== "" && !message.includes(text),
  );
  const parts = [message, behind.join("; ")].filter((part) => part !== "");
  const text = parts.join(": ") || name;
  const code = read(error, "code");
  return typeof code === "string" && code !== "" && !text.includes(code) ? `${text} (${code})` : text;
}

function causeOf(error: Error, told: Set<unknown>, depth: number): string {
  const cause = read(error, "cause");
  return cause === undefined || cause === null ? "" : textOf(cause, told, depth + 1);
}

/** Of one for several attempts, as to connect to each address of a host. */
function sideBySide(error: Error, told: Set<unknown>, depth: number): string[] {
  const errors = error instanceof AggregateError ? read(error, "errors") : undefined;
  if (!Array.isArray(errors)) return [];
  // A border post: `Array.isArray` gives `any[]` for what is unknown.
  const all = errors as readonly unknown[];
  const texts = all.slice(0, MAX_SIDE_BY_SIDE).map((one) => textOf(one, told, depth + 1));
  const more = all.length - texts.length;
  return more > 0 ? [...texts, `and ${more} more`] : texts;
}

function read(error: object, key: string): unknown {
  try {
    return Reflect.get(error, key);
  } catch {
    return undefined;
  }
}
