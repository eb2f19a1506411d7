import type { JsonObject, JsonValue } from "../../json.ts";
import { isJsonObject } from "../../json.ts";

/**
 * An output item in the form that OpenAI has for it, as it must be to go back. Other servers leave out who says a
 * message, its kind, or the list of a reasoning's summary, and give a text in place of a list of parts.
 */
export function usualForm(item: JsonObject): JsonObject {
  const { type, role, content, summary } = item;
  const isMessage = type === "message" || ((type === undefined || type === null) && role === "assistant");
  if (isMessage) return { ...item, type: "message", role: role ?? "assistant", content: usualContent(content) };
  if (type === "reasoning" && (summary === undefined || summary === null)) return { ...item, summary: [] };
  return item;
}

function usualContent(content: JsonValue | undefined): JsonValue {
  if (content === undefined || content === null) return [];
  if (typeof content === "string") return content === "" ? [] : [textPart("output_text", content)];
  // A border post: `Array.isArray` gives `any[]` for a read-only list.
  return Array.isArray(content) ? (content as readonly JsonValue[]).map(usualPart) : content;
}

function usualPart(part: JsonValue): JsonValue {
  if (!isJsonObject(part) || typeof part.text !== "string") return part;
  const isText = part.type === undefined || part.type === null || part.type === "text";
  return isText ? { ...part, type: "output_text" } : part;
}

/** What a message says: text, or that it says none. */
export function textPart(type: "output_text" | "refusal", said: string): JsonObject {
  return type === "refusal" ? { type, refusal: said } : { type, text: said, annotations: [] };
}

/** What OpenAI would not take back must not enter a conversation: it could never go on. Unknown items may be anything. */
export function fits({ type, role, content, summary }: JsonObject): boolean {
  if (type === "message") {
    return role === "assistant" && Array.isArray(content) && (content as readonly JsonValue[]).every(isPart);
  }
  if (type === "reasoning") return Array.isArray(summary) && (summary as readonly JsonValue[]).every(isPart);
  return typeof type === "string" && type !== "";
}

function isPart(part: JsonValue): boolean {
  if (!isJsonObject(part)) return false;
  const { type, text, refusal } = part;
  if (type === "output_text" || type === "summary_text") return typeof text === "string";
  return type === "refusal" ? typeof refusal === "string" : typeof type === "string" && type !== "";
}

/** Of the messages; other items have no text of the model's. */
export function partsOf({ type, content }: JsonObject): readonly JsonObject[] {
  if (type !== "message" || !Array.isArray(content)) return [];
  return (content as readonly JsonValue[]).filter(isJsonObject);
}

export function textOf({ type, text, refusal }: JsonObject): readonly string[] {
  const said = type === "output_text" ? text : type === "refusal" ? refusal : undefined;
  return typeof said === "string" && said !== "" ? [said] : [];
}
