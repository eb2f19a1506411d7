import type { JsonObject } from "../../json.ts";

/** The schema of a tool's parameters as every API takes it: also one without parameters has `properties`. */
export function objectSchema(parameters: JsonObject): JsonObject {
  if (parameters.type === "object" && parameters.properties !== undefined) return parameters;
  if (parameters.type !== undefined && parameters.type !== "object") return parameters;
  return { type: "object", properties: {}, ...parameters };
}
