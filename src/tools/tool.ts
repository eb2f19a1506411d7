import { describe, LLMProcError } from "../errors.ts";
import type { Tool, ToolContext } from "../process/tool.ts";
import { jsonSchemaCheck } from "./json-schema-check.ts";
import { isStandardSchema, standardSchemaCheck } from "./standard-schema-check.ts";
import { toolDescription, toolName } from "./tool-name.ts";
import type { ToolArgs, ToolParameters } from "./tool-parameters.ts";
import { toolSchema } from "./tool-schema.ts";

/** A tool as its author writes it down. */
export interface ToolDefinition<Parameters extends ToolParameters> {
  /** What the model calls it by: 1 to 64 letters, digits, `_` or `-`. */
  readonly name: string;
  /** For the model: what it does and when to use it. */
  readonly description: string;
  /** What the arguments are: a Standard Schema or JSON Schema, of an object. */
  readonly parameters: Parameters;
  /**
   * Does the work, with arguments that fit `parameters`. What it returns becomes the result, what it throws an
   * error result with the error's message.
   */
  execute(args: ToolArgs<Parameters>, context: ToolContext): unknown;
  /** Milliseconds from the start of `execute`; `Infinity` for none. @default the program's */
  readonly timeoutMs?: number;
}

/**
 * Makes a function into a tool that a model may call. The arguments' type is inferred from `parameters`, and they
 * are checked before `execute` gets them. JSON Schema's `default` is told to the model, not filled in.
 *
 * @throws LLMProcError `tool_invalid` if the definition cannot work
 * @example
 * const add = tool({
 *   name: "add",
 *   description: "Adds two numbers.",
 *   parameters: z.object({ a: z.number(), b: z.number() }),
 *   execute: ({ a, b }) => a + b,
 * });
 */
export function tool<const Parameters extends ToolParameters>(definition: ToolDefinition<Parameters>): Tool {
  if (typeof definition !== "object" || definition === null) {
    throw new LLMProcError(
      "tool_invalid",
      `tool() takes { name, description, parameters, execute }, not ${describe(definition)}.`,
    );
  }
  const { parameters, timeoutMs } = definition;
  const name = toolName(definition.name);
  const description = toolDescription(name, definition.description);
  const given: { readonly execute?: unknown } = definition;
  if (typeof given.execute !== "function") {
    throw new LLMProcError("tool_invalid", `Tool "${name}" needs an execute function, not ${describe(given.execute)}.`);
  }
  if (timeoutMs !== undefined && !(typeof timeoutMs === "number" && timeoutMs > 0)) {
    throw new LLMProcError(
      "tool_invalid",
      `The timeoutMs of tool "${name}" is ${describe(timeoutMs)}. Give milliseconds above 0, or Infinity.`,
    );
  }
  const schema = toolSchema(name, parameters);
  return Object.freeze({
    name,
    description,
    parameters: schema,
    check: isStandardSchema(parameters) ? standardSchemaCheck(parameters) : jsonSchemaCheck(schema),
    // The loop passes on what `check` returned, and `check` is made from the same `parameters` as the type.
    execute: (args: unknown, context: ToolContext) => definition.execute(args as ToolArgs<Parameters>, context),
    ...(timeoutMs !== undefined && { timeoutMs }),
  });
}
