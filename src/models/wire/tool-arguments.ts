import { describe } from "../../errors.ts";
import type { JsonObject, JsonValue } from "../../json.ts";
import { isJsonObject, wellFormed } from "../../json.ts";
import { lossIn, parseJson } from "../../process/contract/exact-json.ts";

/** Arguments of a tool call; `invalid` says why they are not those that the model gave. */
export interface ToolArguments {
  readonly args: JsonObject;
  readonly invalid?: string;
}

export interface GivenArguments extends ToolArguments {
  /** What goes back to the vendor: a JSON object that it takes, the very text that came where it is one. */
  readonly json: string;
}

export interface CutOptions {
  /** The reply was cut off: where nothing is, the arguments did not get that far. @default false */
  readonly isCut?: boolean;
  /** The call itself was cut off, whatever its arguments look like. @default false */
  readonly isIncomplete?: boolean;
}

/** The arguments of a call as it came: JSON in a text or a value. Nothing at all is no arguments. */
export function givenArguments(
  given: JsonValue | undefined,
  { isCut = false, isIncomplete = false }: CutOptions = {},
): GivenArguments {
  const read = typeof given === "string" ? parsedArguments(given) : checkedArguments(given ?? null);
  const { args, invalid = isIncomplete || (isCut && isNothing(given)) ? CUT : undefined } = read;
  if (invalid !== undefined) return { args: {}, invalid, json: "{}" };
  const sent = wellFormed(args);
  const isAsGiven = typeof given === "string" && sent === args && isOneObject(given);
  return { args, json: isAsGiven ? given : JSON.stringify(sent) };
}

/** The arguments in a JSON text. */
function parsedArguments(json: string): ToolArguments {
  if (json.trim() === "") return { args: {} };
  let value: JsonValue;
  try {
    value = parseJson(json.replace(EMPTY_FIRST, ""));
  } catch {
    return { args: {}, invalid: `The arguments are not complete JSON: ${describe(json)}` };
  }
  if (typeof value !== "string") return checkedArguments(value);
  // JSON within JSON: some servers write it out twice. Any other text is none that could be meant.
  const inner = value.trim();
  return inner === "" || inner.startsWith("{") || inner === "null" ? parsedArguments(inner) : checkedArguments(value);
}

/** The arguments in a value as it came from `parseJson`. */
function checkedArguments(value: JsonValue): ToolArguments {
  if (isNothing(value)) return { args: {} };
  if (!isJsonObject(value)) return { args: {}, invalid: `The arguments must be a JSON object, not ${describe(value)}` };
  const loss = lossIn(value);
  return loss === undefined ? { args: value } : { args: {}, invalid: `The arguments cannot be taken: ${loss}` };
}

/** The input of a tool that is the vendor's own, in a JSON text; an empty one where that is not whole. */
export function parsedInput(json: string): JsonValue {
  try {
    return parseJson(json);
  } catch {
    return {};
  }
}

const CUT = "The reply was cut off before the arguments of this call were complete.";

/** Some servers begin with the arguments that a call has before any have come. */
const EMPTY_FIRST = /^\s*\{\s*\}(?=\s*\{)/;

/** How servers say that a call has no arguments; those in PHP know no difference between an empty list and object. */
function isNothing(value: JsonValue | undefined): boolean {
  if (typeof value === "string") return value.trim() === "";
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

function isOneObject(json: string): boolean {
  return json.trimStart().startsWith("{") && !EMPTY_FIRST.test(json);
}
