import type { OutputUnit, ValidationResult } from "@cfworker/json-schema";
import type { JsonObject, JsonValue } from "../json.ts";
import { isJsonObject } from "../json.ts";
import type { CheckedArgs, Tool } from "../process/contract/tool.ts";
import type { ArgumentIssue } from "./argument-problem.ts";
import { argumentProblem, schemaProblem } from "./argument-problem.ts";
import { unicodePattern } from "./pattern.ts";
import { childrenOf, draftOf } from "./schema-fault.ts";

/** `firstOnly` stops at the first field that is wrong. */
type Validate = (args: JsonObject, firstOnly: boolean) => ValidationResult;

/**
 * The check of a tool whose parameters are JSON Schema. The validator interprets the schema, so nothing is
 * compiled; it is loaded with the first call, which therefore answers with a promise.
 */
export function jsonSchemaCheck(schema: JsonObject): Tool["check"] {
  let validate: Validate | undefined;
  return (args) => {
    if (validate !== undefined) return check(validate, args);
    return load(schema)
      .then((loaded) => {
        validate = loaded;
        return check(loaded, args);
      })
      .catch(failed);
  };
}

async function load(schema: JsonObject): Promise<Validate> {
  const { Validator } = await import("@cfworker/json-schema");
  // It writes marks into the schema, so it gets a copy of its own.
  const copy = withUnicodePatterns(structuredClone(schema));
  const draft = draftOf(schema);
  const quick = new Validator(copy, draft, true);
  return (args, firstOnly) => (firstOnly ? quick : new Validator(copy, draft, false)).validate(args);
}

/** The validator sets the flag `u`, which not all patterns were written for. The model still reads them as they are. */
function withUnicodePatterns(schema: JsonObject): JsonObject {
  const strict: Record<string, JsonValue | undefined> = { ...schema };
  for (const [key, value] of Object.entries(schema)) {
    const children = childrenOf(key, value);
    if (key === "pattern" && typeof value === "string") strict[key] = unicodePattern(value) ?? value;
    else if (typeof children !== "string" && children.length > 0) strict[key] = withChildren(key, value, children);
  }
  return strict;
}

function withChildren(
  key: string,
  value: JsonValue | undefined,
  children: readonly (readonly [string, JsonValue | undefined])[],
): JsonValue | undefined {
  const strict = children.map(([name, child]) => {
    const spelled = key === "patternProperties" ? (unicodePattern(name) ?? name) : name;
    return [spelled, isJsonObject(child) ? withUnicodePatterns(child) : child] as const;
  });
  if (Array.isArray(value)) return strict.map(([, child]) => child ?? null);
  // A keyword of one schema has it as its only child.
  if (children[0]?.[1] === value) return strict[0]?.[1];
  const named = Object.fromEntries(strict);
  // Lists of names stand beside schemas.
  return key === "dependencies" && isJsonObject(value) ? { ...value, ...named } : named;
}

function check(validate: Validate, args: JsonObject): CheckedArgs {
  try {
    const first = validate(args, true);
    if (first.valid) return { ok: true, args };
    return { ok: false, problem: argumentProblem(issuesOf(everyError(validate, args) ?? first.errors)) };
  } catch (thrown) {
    return failed(thrown);
  }
}

function failed(thrown: unknown): CheckedArgs {
  return { ok: false, problem: schemaProblem(thrown) };
}

/** With very many errors the validator overflows the stack; then the first field is all there is to say. */
function everyError(validate: Validate, args: JsonObject): readonly OutputUnit[] | undefined {
  try {
    return validate(args, false).errors;
  } catch {
    return undefined;
  }
}

/** Keywords that only say that something below them is wrong; what is below has an error of its own. */
const OUTER = ["$ref", "$recursiveRef", "properties", "patternProperties", "additionalProperties"];
const OUTER_MORE = ["unevaluatedProperties", "prefixItems", "items", "additionalItems", "unevaluatedItems", "if"];
const WRAPPERS = new Set([...OUTER, ...OUTER_MORE, "allOf", "propertyNames", "dependentSchemas"]);

function issuesOf(errors: readonly OutputUnit[]): ArgumentIssue[] {
  const causes = errors.filter((error) => !WRAPPERS.has(error.keyword));
  return (causes.length > 0 ? causes : errors).map(toIssue);
}

function toIssue({ keyword, instanceLocation, error }: OutputUnit): ArgumentIssue {
  const path = instanceLocation.split("/").slice(1).map(decode);
  const missing = keyword === "required" ? /"(.*)"/s.exec(error)?.[1] : undefined;
  if (missing !== undefined) return { path: [...path, missing], message: "required, but missing" };
  if (keyword === "false") return { path, message: "not allowed here" };
  const type = /^Instance type "(.*)" is invalid\. Expected (.*)\.$/.exec(error);
  if (type !== null) return { path, message: `expected ${type[2]?.replaceAll('"', "")}, got ${type[1]}` };
  return { path, message: error.replace(/^Instance/, "value").replace(/\.$/, "") };
}

function decode(part: string): string {
  return decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~");
}
