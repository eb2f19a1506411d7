import { describe } from "../../errors.ts";
import type { JsonObject, JsonValue } from "../../json.ts";
import { isJsonObject } from "../../json.ts";

/** Arguments of a tool call; `invalid` says why they are not those that the model gave. */
export interface ToolArguments {
  readonly args: JsonObject;
  readonly invalid?: string;
}

/** The arguments in a JSON text. Nothing at all is no arguments. */
export function parsedArguments(json: string): ToolArguments {
  if (json.trim() === "") return { args: {} };
  try {
    return checkedArguments(JSON.parse(json) as JsonValue);
  } catch {
    return { args: {}, invalid: `The arguments are not complete JSON: ${describe(json)}` };
  }
}

export function checkedArguments(value: JsonValue): ToolArguments {
  if (isJsonObject(value)) return { args: value };
  return { args: {}, invalid: `The arguments must be a JSON object, not ${describe(value)}` };
}
