import { describe, describeGiven, LLMProcError } from "../errors.ts";
import type { Tool, ToolContext } from "../process/contract/tool.ts";
import { unknownOption } from "../text/unknown-option.ts";
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
  /** Milliseconds from the start of `execute`, up to 2147483647; `Infinity` for none. @default the program's */
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

/** Node's timers hold no more milliseconds; the program's own limit ends there, too. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

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
  const unknown = unknownOption(Object.keys(definition), KEYS, "tool()");
  if (unknown !== undefined) throw new LLMProcError("tool_invalid", unknown);
  const { parameters, timeoutMs, maxResultCharacters, readsCutResults } = definition;
  const name = toolName(definition.name);
  const description = toolDescription(name, definition.description);
  const given: { readonly execute?: unknown } = definition;
  if (typeof given.execute !== "function") {
    throw new LLMProcError("tool_invalid", `Tool "${name}" needs an execute function, not ${describe(given.execute)}.`);
  }
  if (timeoutMs !== undefined && !isTimeLimit(timeoutMs)) {
    const found = `The timeoutMs of tool "${name}" is ${describeGiven(timeoutMs)}.`;
    throw new LLMProcError(
      "tool_invalid",
      `${found} Give milliseconds above 0, at most ${LONGEST_TIMER_MS}, or Infinity.`,
    );
  }
  if (maxResultCharacters !== undefined && !isResultLimit(maxResultCharacters)) {
    const found = `The maxResultCharacters of tool "${name}" is ${describeGiven(maxResultCharacters)}.`;
    throw new LLMProcError(
      "tool_invalid",
      `${found} Give a whole number, ${FEWEST_RESULT_CHARACTERS} or more, or Infinity.`,
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
    ...(maxResultCharacters !== undefined && { maxResultCharacters }),
    ...(readsCutResults === true && { readsCutResults }),
  });
}

/** All that a definition may have; the types see to it that nothing else is here. */
const KEYS = [
  "name",
  "description",
  "parameters",
  "execute",
  "timeoutMs",
  "maxResultCharacters",
  "readsCutResults",
] as const satisfies readonly (keyof ToolDefinition<ToolParameters>)[];

function isTimeLimit(value: unknown): boolean {
  return typeof value === "number" && value > 0 && (value <= LONGEST_TIMER_MS || value === Infinity);
}

function isResultLimit(value: unknown): boolean {
  return typeof value === "number" && value >= FEWEST_RESULT_CHARACTERS && Math.floor(value) === value;
}
