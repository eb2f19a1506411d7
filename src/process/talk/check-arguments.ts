import { describe } from "../../errors.ts";
import type { JsonObject, JsonValue } from "../../json.ts";
import { isJsonObject } from "../../json.ts";
import { readArguments } from "./spoken.ts";

/** What is wrong with a block of a conversation, and where in it. */
export class WrongArguments extends Error {
  /** Such as `.input`. */
  readonly place: string;

  constructor(place: string, given: JsonValue | undefined) {
    super(`must be a JSON object, or the text of one, not ${describe(given)}`);
    this.place = place;
  }
}

/**
 * A block as its API takes it: the arguments of a call are an object there, or the text of one, in whichever of the two
 * they were given. The block itself where they are as they must be.
 * @throws WrongArguments
 */
export function withArguments(block: JsonObject): JsonObject {
  switch (block.type) {
    case "tool_use":
      return asObject(block, "input");
    case "tool_call":
      return asObject(block, "args");
    case "function_call":
      return asText(block, "arguments", "");
    case undefined:
      return withCalls(block);
    default:
      return block;
  }
}

function withCalls(message: JsonObject): JsonObject {
  const { tool_calls: calls } = message;
  if (!Array.isArray(calls)) return message;
  // A border post: `Array.isArray` gives `any[]` for a read-only list.
  const list = (calls as readonly JsonValue[]).map((call, index) => {
    if (!isJsonObject(call) || !isJsonObject(call.function)) return call;
    const called = asText(call.function, "arguments", `.tool_calls[${index}].function`);
    return called === call.function ? call : { ...call, function: called };
  });
  return list.every((call, index) => call === calls[index]) ? message : { ...message, tool_calls: list };
}

function asObject(block: JsonObject, key: string): JsonObject {
  const given = block[key];
  const args = argumentsIn(given, `.${key}`);
  return args === given ? block : { ...block, [key]: args };
}

/** A text stays as it is: its digits are the model's. */
function asText(block: JsonObject, key: string, place: string): JsonObject {
  const given = block[key];
  const args = argumentsIn(given, `${place}.${key}`);
  const isAsItMustBe = typeof given === "string" && given.trimStart().startsWith("{");
  return isAsItMustBe ? block : { ...block, [key]: JSON.stringify(args) };
}

function argumentsIn(given: JsonValue | undefined, place: string): JsonObject {
  const args = readArguments(given);
  if (args === undefined) throw new WrongArguments(place, given);
  return args;
}
