import type { JsonValue } from "../../json.ts";
import type { ToolArguments } from "../wire/tool-arguments.ts";
import { checkedArguments, parsedArguments } from "../wire/tool-arguments.ts";

/** The arguments in the `input` of a tool call: JSON as a text, or already read. */
export function inputArguments(input: JsonValue = {}): ToolArguments {
  return typeof input === "string" ? parsedArguments(input) : checkedArguments(input);
}
