import { describe } from "../errors.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import { isJsonObject } from "../json.ts";
import { unicodePattern } from "./pattern.ts";

const TYPES = ["array", "boolean", "integer", "null", "number", "object", "string"];
const MAX_DEPTH = 64;

/** Keywords whose value is a schema, a list of schemas, or schemas by name. (JSON Schema 2020-12, section 10.) */
const SCHEMA_KEYS = [
  "additionalProperties",
  "unevaluatedProperties",
  "propertyNames",
  "items",
  "additionalItems",
  "unevaluatedItems",
  "contains",
  "not",
  "if",
  "then",
  "else",
];
const LIST_KEYS = ["allOf", "anyOf", "oneOf", "prefixItems"];
const MAP_KEYS = ["properties", "patternProperties", "dependentSchemas", "$defs", "definitions"];

/** What is wrong with a JSON Schema, and where; undefined if it can be worked with. */
export function findSchemaFault(root: JsonObject): string | undefined {
  return faultIn(root, "#", 0, root);
}

function faultIn(schema: JsonValue | undefined, at: string, depth: number, root: JsonObject): string | undefined {
  if (typeof schema === "boolean") return undefined;
  if (!isJsonObject(schema)) return `${at} should be a schema (an object), not ${describe(schema)}.`;
  if (depth > MAX_DEPTH) return `${at} is nested more than ${MAX_DEPTH} deep.`;
  const own = faultOfKeywords(schema, at, root);
  if (own !== undefined) return own;
  for (const [key, value] of Object.entries(schema)) {
    const below = `${at}/${key}`;
    const children = childrenOf(key, value);
    if (typeof children === "string") return `${below} should be ${children}, not ${describe(value)}.`;
    for (const [name, child] of children) {
      const fault = faultIn(child, name === "" ? below : `${below}/${name}`, depth + 1, root);
      if (fault !== undefined) return fault;
    }
  }
  return undefined;
}

/** The schemas under a keyword with their names, or what its value should have been. */
export function childrenOf(
  key: string,
  value: JsonValue | undefined,
): readonly (readonly [string, JsonValue | undefined])[] | string {
  if (LIST_KEYS.includes(key) || (key === "items" && Array.isArray(value))) {
    return Array.isArray(value) ? Object.entries<JsonValue>(value) : "a list of schemas";
  }
  if (MAP_KEYS.includes(key)) return isJsonObject(value) ? Object.entries(value) : "an object of schemas";
  // Of drafts before 2019-09: for each property, a schema, or the names of others.
  if (key === "dependencies") {
    if (!isJsonObject(value)) return "an object of schemas or lists of names";
    return Object.entries(value).filter(([, item]) => !Array.isArray(item));
  }
  return SCHEMA_KEYS.includes(key) ? [["", value]] : [];
}

function faultOfKeywords(schema: JsonObject, at: string, root: JsonObject): string | undefined {
  const { type, required, pattern, $ref } = schema;
  const types = Array.isArray(type) ? type : type === undefined ? [] : [type];
  const wrong = types.find((each: JsonValue) => !TYPES.some((known) => known === each));
  if (wrong !== undefined) return `${at}/type is ${describe(wrong)}. Use one of ${TYPES.join(", ")}.`;
  if (required !== undefined && !(Array.isArray(required) && required.every((name) => typeof name === "string"))) {
    return `${at}/required should be a list of names, not ${describe(required)}.`;
  }
  if (schema.enum !== undefined && !Array.isArray(schema.enum)) {
    return `${at}/enum should be a list of values, not ${describe(schema.enum)}.`;
  }
  const patterns = isJsonObject(schema.patternProperties) ? Object.keys(schema.patternProperties) : [];
  for (const each of pattern === undefined ? patterns : [pattern, ...patterns]) {
    if (!isPattern(each)) return `${at} has the pattern ${describe(each)}, which is no regular expression.`;
  }
  if ($ref !== undefined && !resolves($ref, root)) {
    return `${at}/$ref is ${describe($ref)}, which is not in this schema. Refer to "#/$defs/NAME", and put it there.`;
  }
  if (schema.$dynamicRef !== undefined) return `${at} has a $dynamicRef, which is not followed here. Use $ref.`;
  return faultOfNumbers(schema, at, root);
}

const NUMBERS = ["minimum", "maximum", "multipleOf", "minLength", "maxLength", "minItems", "maxItems"];
const MORE_NUMBERS = ["minProperties", "maxProperties", "minContains", "maxContains"];

/** A limit that is none would be kept to in silence by nobody. */
function faultOfNumbers(schema: JsonObject, at: string, root: JsonObject): string | undefined {
  const wrong = [...NUMBERS, ...MORE_NUMBERS].find(
    (key) => schema[key] !== undefined && typeof schema[key] !== "number",
  );
  if (wrong !== undefined) return `${at}/${wrong} should be a number, not ${describe(schema[wrong])}.`;
  if (typeof schema.multipleOf === "number" && schema.multipleOf <= 0) return `${at}/multipleOf should be above 0.`;
  const isFlag = draftOf(root) === "4";
  for (const key of ["exclusiveMinimum", "exclusiveMaximum"]) {
    const value = schema[key];
    if (value === undefined || typeof value === (isFlag ? "boolean" : "number")) continue;
    const limit = key.slice("exclusive".length).toLowerCase();
    const advice = isFlag
      ? `In draft-04 it is true or false, beside a "${limit}".`
      : `Give the limit itself; true beside a "${limit}" is draft-04, which has to be named in $schema.`;
    return `${at}/${key} is ${describe(value)}. ${advice}`;
  }
  return undefined;
}

/** The draft that the schema is written in. 6 has nothing that 7 reads in another way. */
export function draftOf({ $schema }: JsonObject): "4" | "7" | "2019-09" | "2020-12" {
  const named = typeof $schema === "string" ? $schema : "";
  if (/draft-0[67]/.test(named)) return "7";
  if (named.includes("draft-04")) return "4";
  return named.includes("draft/2019-09") ? "2019-09" : "2020-12";
}

function isPattern(pattern: JsonValue): boolean {
  return typeof pattern === "string" && unicodePattern(pattern) !== undefined;
}

/** Whether a reference leads somewhere. Those by `$id` and `$anchor` are left to the validator. */
function resolves($ref: JsonValue, root: JsonObject): boolean {
  if (typeof $ref !== "string") return false;
  if ($ref === "#") return true;
  if (!$ref.startsWith("#/")) return $ref.startsWith("#") || root.$id !== undefined;
  const found = pointedAt($ref, root);
  return typeof found === "boolean" || isJsonObject(found);
}

/** What a JSON pointer (`#/…`) leads to. */
export function pointedAt($ref: string, root: JsonObject): JsonValue | undefined {
  let found: JsonValue | undefined = root;
  for (const part of $ref.slice(2).split("/")) {
    const key = decode(part);
    if (Array.isArray(found)) found = found[Number(key)];
    else if (isJsonObject(found) && Object.hasOwn(found, key)) found = found[key];
    else return undefined;
  }
  return found;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~");
  } catch {
    return part;
  }
}
