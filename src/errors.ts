import { types } from "node:util";

/** Every error code of the package, with what it means. The docs list the same codes; a test compares them. */
export const ERROR_CODES = {
  run_failed: "A run ended without an answer; `stopReason`, `cause` and the partial `result` say why.",
  run_invalid:
    "What was given to `run()`, `start()` or `forkProcess()` cannot work: an empty prompt, a block without its data, a limit below 1.",
  conversation_invalid:
    "A conversation cannot be gone on with: a message that no provider takes, or one of another provider's blocks.",
  process_busy: "`run()` was called while the process was still running.",
  not_running: "`say()` was called while nothing was running, or while the run was ending.",
  process_closed: "The process was closed and cannot run or fork.",
  child_limit: "A process may not have so many children, or children so deep: its `[limits]` or those above it say so.",
  child_denied: "A callback refused to let a child process start.",
  callback_invalid: "What was given to `addCallback` or `on` could never hear an event.",
  callback_timeout: "A handler did not settle within its `timeoutMs`.",
  veto: "A callback refused what was about to happen, with a reason.",
  shadow_report: "What a guard in shadow mode would have done; nothing went wrong.",
  cost_limit: "The `costLimit` callback stopped a run that cost more than its limit.",
  limit_unholdable: "A limit of cost or tokens cannot be held: the message names what has no bound or no price.",
  model_failed: "A request to a model's API failed.",
  model_unavailable: "The model cannot be used: unknown provider, missing package or missing key.",
  script_exhausted: "A scripted model was asked for more replies than its script has.",
  tool_invalid: "A tool's definition cannot work.",
  tool_failed: "A built-in tool could not do what the model asked; the message says why.",
  toolbox_failed: "A toolbox could not be opened, or brings a tool whose name another has.",
  call_over: "A tool asked for a child after its call was over.",
  tool_timeout: "A tool did not return within its time limit.",
  result_missing: "A tool asked for the whole of a cut result that is not kept, or not any more.",
  program_invalid: "A program file or program option is wrong; file, line and column say where.",
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** What all errors of this package extend. `code` is stable, the message is for people. */
export class LLMProcError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/**
 * What was thrown, as an `Error` that can be looked at: itself where it is one, else one that shows it. Its name and
 * message are texts, and reading them runs nothing that could throw.
 */
export function toError(thrown: unknown): Error {
  const value = lookable(thrown);
  if (value instanceof Error) return value;
  // Of another realm, or without its prototype.
  if (types.isNativeError(value)) return errorOf(read(value), { cause: value });
  const shown = types.isPromise(value) ? "a promise (was an await forgotten?)" : describe(value);
  return new Error(`A value that is not an Error was thrown: ${shown}`, { cause: value });
}

/** The message of what was thrown. Never throws, and always is a text. */
export function errorMessage(thrown: unknown): string {
  return read(toError(thrown)).message ?? "";
}

/**
 * What was thrown as it is; an error in its place where looking at it may throw, now or the next time: a proxy, or an
 * error whose name or message is no text, or is made by a function of its own.
 */
export function lookable(thrown: unknown): unknown {
  if (typeof thrown !== "function" && (typeof thrown !== "object" || thrown === null)) return thrown;
  const isProxy = hasProxy(thrown);
  if (!isProxy && !(thrown instanceof Error) && !types.isNativeError(thrown)) return thrown;
  const parts = read(thrown);
  if (isProxy || !parts.whole) return errorOf(parts);
  return makesItself(thrown) ? errorOf(parts, { cause: thrown }) : thrown;
}

/** A proxy may answer otherwise the next time, wherever it stands in the chain of prototypes. */
function hasProxy(value: object): boolean {
  for (let level: object | null = value; level !== null; level = Object.getPrototypeOf(level) as object | null) {
    if (types.isProxy(level)) return true;
  }
  return false;
}

function makesItself(error: object): boolean {
  return ["name", "message"].some((key) => Object.getOwnPropertyDescriptor(error, key)?.get !== undefined);
}

const UNREADABLE = "An error was thrown whose message cannot be read.";

/** What can be read of an error. */
interface ErrorParts {
  readonly name: string | undefined;
  readonly message: string | undefined;
  readonly stack: string | undefined;
  /** All of it is as it should be. */
  readonly whole: boolean;
}

/** Reads each part once. Never throws. */
function read(error: object): ErrorParts {
  let whole = true;
  const part = (key: string): unknown => {
    try {
      return Reflect.get(error, key);
    } catch {
      whole = false;
      return undefined;
    }
  };
  const [name, message, stack] = [part("name"), part("message"), part("stack")];
  // Whoever goes on to the cause looks at it in turn.
  part("cause");
  const isText = (value: unknown): value is string => typeof value === "string";
  return {
    name: isText(name) ? name : undefined,
    message: isText(message) || message === undefined ? message : shownAsText(message),
    stack: isText(stack) ? stack : undefined,
    whole: whole && isText(name) && isText(message) && (isText(stack) || stack === undefined),
  };
}

function shownAsText(value: unknown): string | undefined {
  try {
    return String(value);
  } catch {
    return undefined;
  }
}

function errorOf(parts: ErrorParts, options?: { cause: unknown }): Error {
  const unread = parts.name === undefined ? "Something was thrown that cannot even be looked at." : UNREADABLE;
  const error = new Error(parts.message ?? unread, options);
  for (const key of ["name", "stack"] as const) {
    const value = parts[key];
    if (value !== undefined) Object.defineProperty(error, key, { value, writable: true, configurable: true });
  }
  return error;
}

/** A value as it was given: a text in quotes, since it may look like the number, flag or object that it is not. */
export function describeGiven(value: unknown): string {
  return typeof value === "string" ? `the text ${describe(JSON.stringify(value))}` : describe(value);
}

/** A short, safe text for any value; never throws, whatever its getters do. */
export function describe(value: unknown): string {
  try {
    const blank = typeof value === "string" && value.trim() === "";
    const text = blank || (typeof value === "object" && value !== null) ? JSON.stringify(value) : String(value);
    return text.length > 200 ? `${text.slice(0, 200)}…` : text;
  } catch {
    return `[${typeof value}]`;
  }
}
