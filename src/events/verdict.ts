import { describe, LLMProcError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import { deepCopy, deepFreeze } from "../json.ts";
import type { EventName } from "./callback-event.ts";

/**
 * Throw it from a before-event to refuse what is about to happen, with a reason that the model may read.
 *
 * @example
 * proc.on("tool_start", (toolName) => {
 *   if (toolName === "delete_file") throw new Veto("Files are kept here.");
 * });
 */
export class Veto extends LLMProcError {
  readonly reason: string;

  constructor(reason: string, options?: { cause?: unknown }) {
    super("veto", reason, options);
    this.reason = reason;
  }
}

/** What a guard may return to change what happens. Made by `answer`, `replaceArgs` and `replaceResult`. */
export abstract class Verdict {}

export class ToolAnswer extends Verdict {
  readonly content: unknown;
  readonly isError: boolean;

  constructor(content: unknown, isError: boolean) {
    super();
    this.content = content;
    this.isError = isError;
  }
}

export class ToolArgsReplacement extends Verdict {
  readonly args: JsonObject;

  constructor(args: JsonObject) {
    super();
    this.args = args;
  }
}

export class ToolResultReplacement extends Verdict {
  readonly content: unknown;
  /** Undefined where it is what the tool's result was. */
  readonly isError: boolean | undefined;

  constructor(content: unknown, isError: boolean | undefined) {
    super();
    this.content = content;
    this.isError = isError;
  }
}

/**
 * Return it from `tool_start` to answer in the tool's place: the tool does not run. `content` becomes a result
 * as a tool's return value does.
 */
export function answer(content: unknown, { isError = false }: { isError?: boolean } = {}): ToolAnswer {
  return new ToolAnswer(content, isError);
}

/** Return it from `tool_start` to run the tool with other arguments. They are validated again. */
export function replaceArgs(args: JsonObject): ToolArgsReplacement {
  return new ToolArgsReplacement(args);
}

/**
 * Return it from `tool_result` to give the model something else to read. Best is a function from the text of the result to
 * another: those of several callbacks are applied one after the other, in order of registration. Anything else stands in
 * the result's place as it is; where another callback replaces the result as well, neither can know what the other took
 * out, and it is withheld. What comes of it becomes a result as a tool's return value does, and is cut like one; it is an
 * error if the tool's was, unless `isError` says otherwise. What the tool had returned is in no event, record or log behind this one.
 *
 * @example
 * proc.on("tool_result", () => replaceResult((text) => text.replaceAll(/sk-\w+/g, "[key]")));
 */
export function replaceResult(
  content: ((text: string) => unknown) | string | number | boolean | object | null | undefined,
  options: { readonly isError?: boolean } = {},
): ToolResultReplacement {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(`The options of replaceResult() are { isError }, not ${describe(options)}.`);
  }
  return new ToolResultReplacement(content, options.isError);
}

/** What made a verdict, and the event in which it means something. Known of its class: its fields may be anything. */
export function kindOfVerdict(verdict: Verdict): { readonly maker: string; readonly event: EventName } {
  if (verdict instanceof ToolAnswer) return { maker: "answer()", event: "tool_start" };
  if (verdict instanceof ToolArgsReplacement) return { maker: "replaceArgs()", event: "tool_start" };
  return { maker: "replaceResult()", event: "tool_result" };
}

/**
 * A verdict as it was when it was given: its fields are read once, and the arguments are a copy of plain data.
 * @throws whatever reading it throws
 */
export function ownVerdict(verdict: Verdict): Verdict {
  if (verdict instanceof ToolAnswer) return new ToolAnswer(verdict.content, verdict.isError === true);
  if (verdict instanceof ToolArgsReplacement) return new ToolArgsReplacement(deepFreeze(deepCopy(verdict.args)));
  if (verdict instanceof ToolResultReplacement)
    return new ToolResultReplacement(verdict.content, isSaid(verdict.isError));
  throw new TypeError("A verdict is made by answer(), replaceArgs() or replaceResult().");
}

function isSaid(isError: boolean | undefined): boolean | undefined {
  return isError === undefined ? undefined : isError === true;
}
