import type { JsonObject, JsonValue } from "../../src/json.ts";
import { isJsonObject } from "../../src/json.ts";

/** The objects of a list; nothing where there is no list. */
export function objectsOf(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as readonly JsonValue[]).filter(isJsonObject) : [];
}

/** Whether it is a text that is not empty. */
export function isText(value: JsonValue | undefined): value is string {
  return typeof value === "string" && value !== "";
}
