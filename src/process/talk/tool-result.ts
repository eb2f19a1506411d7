import { lookable, toError } from "../../errors.ts";
import type { ToolResult } from "../../events/tool-result.ts";
import { cutJson } from "../../text/cut-json.ts";
import { cutText } from "../../text/cut-text.ts";
import { errorText } from "../../text/error-text.ts";
import { isError as isErrorObject, viewOf } from "../../text/json-view.ts";
import { writeJson } from "../../text/json-writer.ts";
import { plainJson } from "../../text/plain-json.ts";
import type { ProcessProgram } from "../contract/process-program.ts";
import type { Tool } from "../contract/tool.ts";
import type { KeptResults } from "./kept-results.ts";
import { MAX_KEPT_CHARACTERS } from "./kept-results.ts";

/** Whose result it is: how much of it the model may read, and what keeps the rest. */
interface ResultOwner {
  readonly program: Pick<ProcessProgram, "maxToolResultCharacters">;
  readonly kept: KeptResults | undefined;
}

/** How a value came to be a result. */
interface Origin {
  readonly did: "returned" | "threw";
  readonly isError: boolean;
}

/** Whatever a tool returned, as the result that the model reads, cut where it is too long. Never throws. */
export function toToolResult(value: unknown, tool: Tool, owner: ResultOwner, isError = false): ToolResult {
  return resultOf(value, tool, owner, { did: "returned", isError });
}

export function errorResult(content: string): ToolResult {
  return result(content, true);
}

/** The result of a call that the end of its run overtook. */
export const INTERRUPTED = errorResult("interrupted: the run ended before this call returned");

/** What a tool threw, as the model reads it: an error's message, anything else as if it were returned. */
export function thrownResult(thrown: unknown, tool: Tool, owner: ResultOwner): ToolResult {
  const value = lookable(thrown);
  if (value instanceof Error) return textResult(thrownMessage(value), tool, owner, true);
  return resultOf(value, tool, owner, { did: "threw", isError: true });
}

/** What somebody threw, and what is behind it, in words for the model. */
export function thrownMessage(thrown: unknown): string {
  return errorText(toError(thrown));
}

function resultOf(value: unknown, tool: Tool, owner: ResultOwner, origin: Origin): ToolResult {
  const { did, isError } = origin;
  switch (typeof value) {
    case "string":
      return textResult(value, tool, owner, isError);
    case "undefined":
      return result(did === "threw" ? "undefined" : "", isError);
    case "number":
    case "boolean":
      return result(String(value), isError);
    case "bigint":
      return textResult(String(value), tool, owner, isError);
    case "object":
      return value === null ? result("null", isError) : objectResult(value, tool, owner, origin);
    default:
      return errorResult(`The tool ${did} a ${typeof value}, which cannot be shown to a model.`);
  }
}

function objectResult(value: object, tool: Tool, owner: ResultOwner, origin: Origin): ToolResult {
  const { did, isError } = origin;
  const made = madeResult(value);
  if (made !== undefined) return textResult(made.content, tool, owner, made.isError || did === "threw");
  const maxCharacters = limitOf(tool, owner);
  const plain = plainJson(value, maxCharacters);
  if (plain !== undefined) return result(plain, isError);
  if (isErrorObject(value)) return thrownResult(value, tool, owner);
  const view = viewOf(value);
  if (view.kind === "unreadable") return errorResult(`The tool ${did} ${view.what}.`);
  if (view.kind === "plain") return resultOf(view.value, tool, owner, origin);
  const text = writeJson(value, view, { maxCharacters });
  if (text !== undefined) return result(text, isError);
  const reference = owner.kept?.keep(writeJson(value, view, { maxCharacters: MAX_KEPT_CHARACTERS }));
  return result(cutJson(value, view, maxCharacters, reference), isError);
}

function textResult(text: string, tool: Tool, owner: ResultOwner, isError: boolean): ToolResult {
  const maxCharacters = limitOf(tool, owner);
  if (text.length <= maxCharacters) return result(text, isError);
  return result(cutText(text, maxCharacters, owner.kept?.keep(text)), isError);
}

function limitOf(tool: Tool, { program }: ResultOwner): number {
  return tool.maxResultCharacters ?? program.maxToolResultCharacters;
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
