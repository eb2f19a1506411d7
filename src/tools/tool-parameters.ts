import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { FromSchema, JSONSchema } from "json-schema-to-ts";
import type { JsonObject } from "../json.ts";

/** What a tool's `parameters` may be: a Standard Schema (zod, valibot, arktype, …) or plain JSON Schema. */
export type ToolParameters = StandardSchemaV1 | JsonObject;

/**
 * The type of the arguments that `execute` gets. From JSON Schema that is written in place (or `as const`) it is
 * worked out; with `$ref` in it, or if it is only known as a `JsonObject`, the arguments are a `JsonObject`.
 */
export type ToolArgs<Parameters extends ToolParameters> = Parameters extends StandardSchemaV1
  ? StandardSchemaV1.InferOutput<Parameters>
  : string extends keyof Parameters
    ? JsonObject
    : true extends HasReference<Parameters>
      ? JsonObject
      : Parameters extends JSONSchema
        ? Named<FromSchema<Parameters, { keepDefaultedPropertiesOptional: true }>>
        : JsonObject;

/** TypeScript gives up on schemas that refer to themselves, so those with `$ref` are told apart first. */
type HasReference<Schema> = Schema extends { readonly $ref: unknown }
  ? true
  : Schema extends readonly (infer Item)[]
    ? HasReference<Item>
    : Schema extends object
      ? { [Key in keyof Schema]: HasReference<Schema[Key]> }[keyof Schema]
      : never;

/** Without `additionalProperties: false` every name would be allowed in the type, so that no slip is an error. */
type Named<Args> = Args extends { [name: string]: infer Value }
  ? unknown extends Value
    ? { [Key in keyof Args as string extends Key ? never : Key]: Args[Key] }
    : Args
  : Args;
