import { lookable, toError } from "../../errors.ts";
import type { ToolResult } from "../../events/tool-result.ts";
import { cutJson } from "../../text/cut-json.ts";
import { cutText } from "../../text/cut-text.ts";
import { errorText } from "../../text/error-text.ts";
import { isError as isErrorObject, viewOf } from "../../text/json-view.ts";
import { writeJson } from "../../text/json-writer.ts";
import { plainJson } from "../../text/plain-json.ts";
import { parseJson } from "../contract/exact-json.ts";
import type { ProcessProgram } from "../contract/process-program.ts";
import type { Tool } from "../contract/tool.ts";
import type { KeptResults } from "./kept-results.ts";
import { MAX_KEPT_CHARACTERS } from "./kept-results.ts";

/** Whose result it is: how much of it the model may read, and what keeps the rest. */
interface ResultOwner {
  readonly program: Pick<ProcessProgram, "maxToolResultCharacters">;
  readonly kept: KeptResults | undefined;
}

/** How much of a value becomes a result, and what keeps the whole where that is less. */
interface Room {
  readonly maxCharacters: number;
  readonly kept: Pick<KeptResults, "keep"> | undefined;
}

/** How a value came to be a result. */
interface Origin {
  readonly did: "returned" | "threw";
  readonly isError: boolean;
}

const RETURNED: Origin = { did: "returned", isError: false };
const THREW: Origin = { did: "threw", isError: true };

/** What a tool, or a guard in its place, came to. */
export class ToolOutcome implements Room {
  readonly maxCharacters: number;
  readonly kept: KeptResults | undefined;
  readonly #value: unknown;
  readonly #origin: Origin;
  #whole: ToolResult | undefined;
  /** Of `whole`: there is more than anybody could read. */
  #isPart = false;

  private constructor(value: unknown, origin: Origin, tool: Tool, { program, kept }: ResultOwner) {
    this.#value = value;
    this.#origin = origin;
    this.maxCharacters = tool.maxResultCharacters ?? program.maxToolResultCharacters;
    this.kept = kept;
  }

  static returned(value: unknown, tool: Tool, owner: ResultOwner, isError = false): ToolOutcome {
    return new ToolOutcome(value, isError ? { did: "returned", isError } : RETURNED, tool, owner);
  }

  static threw(value: unknown, tool: Tool, owner: ResultOwner): ToolOutcome {
    return new ToolOutcome(lookable(value), THREW, tool, owner);
  }

  /** All of it, for those who may still change what the model reads: what is cut away of a secret is no secret's end. */
  get whole(): ToolResult {
    this.#whole ??= this.#writeWhole();
    return this.#whole;
  }

  #writeWhole(): ToolResult {
    // A text is there already; anything else is written out, and may be larger than memory.
    const maxCharacters = typeof this.#value === "string" ? Number.POSITIVE_INFINITY : MAX_KEPT_CHARACTERS;
    const keep = (): undefined => {
      this.#isPart = true;
    };
    return resultOf(this.#value, { maxCharacters, kept: { keep } }, this.#origin);
  }

  /** Whether somebody has looked at the whole of it. */
  get isSeen(): boolean {
    return this.#whole !== undefined;
  }

  /** All of what a guard gave, as the model could read it. */
  textOf(content: unknown): string {
    return resultOf(content, { maxCharacters: Number.POSITIVE_INFINITY, kept: undefined }, RETURNED).content;
  }

  /** What the model reads instead, cut like it. */
  replaced(content: unknown, isError = this.whole.isError): ToolResult {
    return this.#cut(content, this, isError);
  }

  /** What was, or still is, written as JSON is cut by its structure. */
  #cut(content: unknown, room: Room, isError: boolean): ToolResult {
    const isLongText = typeof content === "string" && content.length > room.maxCharacters;
    const data = isLongText && typeof this.#value === "object" ? parsed(content) : undefined;
    return resultOf(data ?? content, room, { did: "returned", isError });
  }

  /** What the model reads, cut where it is too long: of what others have seen, where they have. Never throws. */
  get result(): ToolResult {
    const whole = this.#whole;
    if (whole === undefined) return resultOf(this.#value, this, this.#origin);
    if (whole.content.length <= this.maxCharacters) return whole;
    const room = { maxCharacters: this.maxCharacters, kept: this.#isPart ? undefined : this.kept };
    return this.#cut(whole.content, room, whole.isError);
  }
}

function parsed(text: string): object | undefined {
  try {
    // With all of its digits.
    const value: unknown = parseJson(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

export function errorResult(content: string): ToolResult {
  return result(content, true);
}

/** The result of a call that had returned when its run ended, and that nobody had let pass. */
export const UNJUDGED = errorResult(
  "interrupted: this call had returned, but the run ended before its result was let pass",
);

/** The result of a call that the end of its run overtook. */
export const INTERRUPTED = errorResult("interrupted: the run ended before this call returned");

/** What somebody threw, and what is behind it, in words for the model. */
export function thrownMessage(thrown: unknown): string {
  return errorText(toError(thrown));
}

function resultOf(value: unknown, room: Room, origin: Origin): ToolResult {
  const { did, isError } = origin;
  switch (typeof value) {
    case "string":
      return textResult(value, room, isError);
    case "undefined":
      return result(did === "threw" ? "undefined" : "", isError);
    case "number":
    case "boolean":
      return result(String(value), isError);
    case "bigint":
      return textResult(String(value), room, isError);
    case "object":
      return value === null ? result("null", isError) : objectResult(value, room, origin);
    default:
      return errorResult(`The tool ${did} a ${typeof value}, which cannot be shown to a model.`);
  }
}

function objectResult(value: object, room: Room, origin: Origin): ToolResult {
  const { did, isError } = origin;
  const { maxCharacters, kept } = room;
  // An error's message; what else is thrown is as if it were returned.
  if (did === "threw" && value instanceof Error) return textResult(thrownMessage(value), room, true);
  const made = madeResult(value);
  if (made !== undefined) return textResult(made.content, room, made.isError || did === "threw");
  const plain = plainJson(value, maxCharacters);
  if (plain !== undefined) return result(plain, isError);
  if (isErrorObject(value)) return textResult(thrownMessage(value), room, true);
  const view = viewOf(value);
  if (view.kind === "unreadable") return errorResult(`The tool ${did} ${view.what}.`);
  if (view.kind === "plain") return resultOf(view.value, room, origin);
  const text = writeJson(value, view, { maxCharacters });
  if (text !== undefined) return result(text, isError);
  const reference = kept?.keep(writeJson(value, view, { maxCharacters: MAX_KEPT_CHARACTERS }));
  return result(cutJson(value, view, maxCharacters, reference), isError);
}

function textResult(text: string, { maxCharacters, kept }: Room, isError: boolean): ToolResult {
  if (text.length <= maxCharacters) return result(text, isError);
  return result(cutText(text, maxCharacters, kept?.keep(text)), isError);
}

function result(content: string, isError: boolean): ToolResult {
  return Object.freeze({ content: content.toWellFormed(), isError });
}

/**
 * A `ToolResult` that the tool made itself, or an error as MCP says it, which may have more keys; what only looks like
 * one is a value like any other. (https://modelcontextprotocol.io/specification/2025-06-18/server/tools)
 */
function madeResult(value: object): ToolResult | undefined {
  try {
    const { content, isError } = value as { readonly content?: unknown; readonly isError?: unknown };
    if (isError === true && Array.isArray(content)) {
      const texts = content.map(textOfBlock);
      return texts.every((text) => text !== undefined) ? { content: texts.join("\n"), isError } : undefined;
    }
    if (typeof content !== "string" || typeof isError !== "boolean" || Object.keys(value).length !== 2)
      return undefined;
    return { content, isError };
  } catch {
    return undefined;
  }
}

function textOfBlock(block: unknown): string | undefined {
  const { type, text } = (block ?? {}) as { readonly type?: unknown; readonly text?: unknown };
  return type === "text" && typeof text === "string" ? text : undefined;
}
