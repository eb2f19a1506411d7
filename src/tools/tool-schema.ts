import type { StandardJSONSchemaV1, StandardSchemaV1 } from "@standard-schema/spec";
import { describe, LLMProcError, toError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import { deepFreeze, isJsonObject } from "../json.ts";
import { findSchemaFault, pointedAt } from "./schema-fault.ts";
import { isStandardSchema } from "./standard-schema-check.ts";

/**
 * The JSON Schema of a tool's parameters for the model, a frozen copy.
 *
 * @throws LLMProcError `tool_invalid` if there is none, it is not one of an object, or it is broken
 */
export function toolSchema(toolName: string, parameters: unknown): JsonObject {
  const source = isStandardSchema(parameters) ? generate(toolName, parameters) : parameters;
  const schema = atRoot(copy(toolName, source));
  if (!isJsonObject(schema) || schema.type !== "object") {
    throw invalid(
      toolName,
      `must describe an object (type: "object"), with one property for each argument, not ${describe(schema ?? source)}. ` +
        "Wrap other types in an object.",
    );
  }
  const fault = findSchemaFault(schema);
  if (fault !== undefined) throw invalid(toolName, `are not valid JSON Schema: ${fault}`);
  return deepFreeze(schema);
}

/** A schema that is only a reference into itself, as zod's are with `.meta({ id })`, with what it refers to at its root. */
function atRoot(schema: unknown): unknown {
  if (!isJsonObject(schema) || typeof schema.$ref !== "string" || !schema.$ref.startsWith("#/")) return schema;
  const { $ref, ...rest } = schema;
  const target = pointedAt($ref, schema);
  // What refers to another in turn is not followed: it may go round for ever.
  return isJsonObject(target) && target.$ref === undefined ? { ...target, ...rest } : schema;
}

/** See https://standardschema.dev/json-schema */
function generate(toolName: string, schema: StandardSchemaV1): unknown {
  const standard: StandardSchemaV1.Props & Partial<StandardJSONSchemaV1.Props> = schema["~standard"];
  if (typeof standard.jsonSchema?.input !== "function") throw invalid(toolName, withoutJsonSchema(standard.vendor));
  try {
    const { $schema: _, ...rest } = standard.jsonSchema.input({ target: "draft-2020-12" });
    return rest;
  } catch (thrown) {
    const cause = toError(thrown);
    throw invalid(toolName, `cannot be written as JSON Schema for the model: ${cause.message}`, cause);
  }
}

function withoutJsonSchema(vendor: string): string {
  const problem = `(${vendor}) come without a JSON Schema for the model. `;
  if (vendor === "valibot") {
    return `${problem}Install "@valibot/to-json-schema" and pass toStandardJsonSchema(schema), imported from it.`;
  }
  if (vendor === "zod") return `${problem}Use zod 4.2 or later.`;
  return `${problem}Use a version of ${vendor} that implements "~standard".jsonSchema, or pass plain JSON Schema.`;
}

/** Through text, so that nothing of the author's object is shared, and what is not JSON shows at once. */
function copy(toolName: string, source: unknown): unknown {
  try {
    const text = JSON.stringify(source);
    return text === undefined ? undefined : JSON.parse(text);
  } catch (thrown) {
    const cause = toError(thrown);
    throw invalid(toolName, `are not JSON: they hold themselves, are too deep, or throw (${firstLine(cause)}).`, cause);
  }
}

function firstLine(error: Error): string {
  return error.message.split("\n", 1)[0] ?? "";
}

function invalid(toolName: string, problem: string, cause?: Error): LLMProcError {
  return new LLMProcError("tool_invalid", `The parameters of tool "${toolName}" ${problem}`, cause && { cause });
}
