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
  /**
   * The most characters that the model reads of a result, at least 200; `Infinity` for all. What is longer is cut.
   * @default the program's
   */
  readonly maxResultCharacters?: number;
  /**
   * The tool reads on where results were cut, by `context.process.readResult`: so those are kept, and the marks in
   * them name what to ask it for. @default false
   */
  readonly readsCutResults?: boolean;
}

const FEWEST_RESULT_CHARACTERS = 200;

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
  const { parameters, timeoutMs, maxResultCharacters, readsCutResults } = definition;
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
  if (maxResultCharacters !== undefined && !(maxResultCharacters >= FEWEST_RESULT_CHARACTERS)) {
    const found = `The maxResultCharacters of tool "${name}" is ${describe(maxResultCharacters)}.`;
    throw new LLMProcError("tool_invalid", `${found} Give ${FEWEST_RESULT_CHARACTERS} or more, or Infinity.`);
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
    ...(maxResultCharacters !== undefined && { maxResultCharacters }),
    ...(readsCutResults === true && { readsCutResults }),
  });
}
