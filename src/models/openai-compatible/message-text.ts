import type { JsonObject, JsonValue } from "../../json.ts";
import { isJsonObject } from "../../json.ts";

/** The texts of a message or a piece of one, in order; what the model says instead of an answer is one, too. */
export function textsOf({ content, refusal }: JsonObject): readonly string[] {
  const parts = Array.isArray(content) ? (content as readonly JsonValue[]).map(textOfPart) : [content];
  return [...parts, refusal].filter((text): text is string => typeof text === "string" && text !== "");
}

/** Parts of another type (reasoning) are no text. */
function textOfPart(part: JsonValue): JsonValue | undefined {
  return isJsonObject(part) && part.type === "text" ? part.text : undefined;
}
