import { toError } from "../errors.ts";
import type { ToolResult } from "../events/tool-result.ts";

/** Whatever a tool returned, as the result that the model reads. Never throws. */
export function toToolResult(value: unknown, isError = false): ToolResult {
  if (typeof value === "string") return Object.freeze({ content: value, isError });
  if (typeof value === "object" && isToolResult(value))
    return Object.freeze({ content: value.content, isError: value.isError });
  if (value === undefined) return Object.freeze({ content: "", isError });
  if (typeof value === "boolean" || typeof value === "number")
    return Object.freeze({ content: String(value), isError });
  try {
    const content = JSON.stringify(value, (_key, item: unknown) => (typeof item === "bigint" ? item.toString() : item));
    if (typeof content === "string") return Object.freeze({ content, isError });
    return errorResult(`The tool returned a ${typeof value}, which cannot be shown to a model.`);
  } catch (error) {
    return errorResult(`The tool returned what cannot be written as JSON: ${toError(error).message}`);
  }
}

export function errorResult(content: string): ToolResult {
  return Object.freeze({ content, isError: true });
}

/** What a tool threw, as the model reads it. */
export function thrownResult(thrown: unknown): ToolResult {
  try {
    const error = toError(thrown);
    return errorResult(String(error.message) || String(error.name));
  } catch {
    return errorResult("The tool failed with an error that cannot be read.");
  }
}

function isToolResult(value: unknown): value is ToolResult {
  if (typeof value !== "object" || value === null) return false;
  try {
    const { content, isError, ...rest } = value as Partial<ToolResult>;
    return typeof content === "string" && typeof isError === "boolean" && Object.keys(rest).length === 0;
  } catch {
    return false;
  }
}
