import { isDeepStrictEqual } from "node:util";
import { describe } from "../../errors.ts";
import type { JsonObject, JsonValue } from "../../json.ts";
import { isJsonObject } from "../../json.ts";
import { wrongParameter } from "./call-parameters.ts";

/**
 * A request's body with the parameters in it, as they are. Tables are merged key by key, lists of `tools` are
 * joined, everything else replaces what the package has put there. The same body if nothing changes.
 * @throws LLMProcError `program_invalid` for a parameter that would replace the model or the conversation
 */
export function mergeParameters(body: JsonObject, parameters: JsonObject): JsonObject {
  for (const key of CONVERSATION_KEYS) {
    if (key in parameters && body[key] !== undefined && !isDeepStrictEqual(body[key], parameters[key])) {
      throw wrongParameter(`"${key}" cannot be set here: it is the program's model, prompt or conversation.`);
    }
  }
  return merge(body, parameters);
}

/** Of the bodies that vendors take. */
const CONVERSATION_KEYS = ["model", "messages", "contents", "prompt", "input", "system", "systemInstruction"];

function merge(body: JsonObject, parameters: JsonObject): JsonObject {
  let merged = body;
  for (const [key, value] of Object.entries(parameters)) {
    const before = Object.hasOwn(body, key) ? body[key] : undefined;
    if (value === undefined || isDeepStrictEqual(before, value)) continue;
    const after = mergedValue(key, before, value);
    if (after !== before) merged = { ...merged, [key]: after };
  }
  return merged;
}

function mergedValue(key: string, before: JsonValue | undefined, value: JsonValue): JsonValue {
  if (isJsonObject(before) && isJsonObject(value)) return merge(before, value);
  if (key !== "tools" || !Array.isArray(before)) return value;
  if (Array.isArray(value)) return [...before, ...value];
  throw wrongParameter(`"tools" must be a list of the vendor's own tools, not ${describe(value)}.`);
}
