import { LLMProcError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import { deepCopy, deepFreeze } from "../json.ts";

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

/** What a guard of `tool_start` may return. Made by `answer` and `replaceArgs`. */
export abstract class ToolVerdict {
  abstract readonly kind: "answer" | "replace_args";
}

export class ToolAnswer extends ToolVerdict {
  readonly kind = "answer";
  readonly content: unknown;
  readonly isError: boolean;

  constructor(content: unknown, isError: boolean) {
    super();
    this.content = content;
    this.isError = isError;
  }
}

export class ToolArgsReplacement extends ToolVerdict {
  readonly kind = "replace_args";
  readonly args: JsonObject;

  constructor(args: JsonObject) {
    super();
    this.args = args;
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
 * A verdict as it was when it was given: its fields are read once, and the arguments are a copy of plain data.
 * @throws whatever reading it throws
 */
export function ownVerdict(verdict: ToolVerdict): ToolVerdict {
  if (verdict instanceof ToolAnswer) return new ToolAnswer(verdict.content, verdict.isError === true);
  if (verdict instanceof ToolArgsReplacement) return new ToolArgsReplacement(deepFreeze(deepCopy(verdict.args)));
  throw new TypeError("A verdict is made by answer() or replaceArgs().");
}
