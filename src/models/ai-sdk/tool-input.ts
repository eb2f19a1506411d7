import type { JsonValue } from "../../json.ts";
import { numberLoss } from "../../process/contract/exact-json.ts";
import type { ToolArguments } from "../wire/tool-arguments.ts";
import { givenArguments } from "../wire/tool-arguments.ts";

/** Numbers of an answer that JavaScript has no room for: what they have become, and how they stood there. */
export type LostDigits = ReadonlyMap<number, string>;

export interface InputOptions {
  /** The reply was cut off. @default false */
  readonly isCut?: boolean;
  readonly lost?: LostDigits | undefined;
}

/** The arguments in the `input` of a tool call: JSON as a text, or already read. */
export function inputArguments(
  input: JsonValue | undefined,
  { isCut = false, lost }: InputOptions = {},
): ToolArguments {
  const { args, invalid } = givenArguments(input, { isCut });
  if (invalid !== undefined) return { args, invalid };
  const source = lost === undefined || lost.size === 0 ? undefined : sourceOf(args, lost);
  return source === undefined
    ? { args }
    : { args: {}, invalid: `The arguments cannot be taken: ${numberLoss(source)}` };
}

/** A package that reads the JSON of arguments before it hands them on has lost what it could not hold. */
function sourceOf(value: JsonValue, lost: LostDigits): string | undefined {
  if (typeof value === "number") return lost.get(value);
  // What is written of a number that is too large.
  if (value === null) return lost.get(Number.POSITIVE_INFINITY) ?? lost.get(Number.NEGATIVE_INFINITY);
  if (typeof value !== "object") return undefined;
  for (const item of Object.values(value)) {
    const source = item === undefined ? undefined : sourceOf(item as JsonValue, lost);
    if (source !== undefined) return source;
  }
  return undefined;
}
