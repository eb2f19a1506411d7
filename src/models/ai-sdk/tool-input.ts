import { describe } from "../../errors.ts";
import type { JsonObject, JsonValue } from "../../json.ts";
import { isJsonObject } from "../../json.ts";

/** The arguments in the `input` of a tool call, which is JSON as a text; `{}` and why, where it is no object. */
export function parsedInput(input: JsonValue | undefined): { readonly args: JsonObject; readonly invalid?: string } {
  let args: unknown = input ?? {};
  if (typeof input === "string") {
    try {
      args = input.trim() === "" ? {} : JSON.parse(input);
    } catch {
      return { args: {}, invalid: `The arguments are not complete JSON: ${describe(input)}` };
    }
  }
  if (isJsonObject(args)) return { args };
  return { args: {}, invalid: `The arguments must be a JSON object, not ${describe(args)}` };
}
