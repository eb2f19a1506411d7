import { describe, describeGiven, LLMProcError } from "../errors.ts";
import { unknownOption } from "../text/unknown-option.ts";
import type { ScriptedOptions, ScriptedReply, ScriptedToolCall } from "./script.ts";

type Kind = "text" | "flag" | "amount" | "count" | "table" | "list" | "reason" | "any";
type Kinds<T> = { readonly [K in keyof Required<T>]: Kind };

const REPLY: Kinds<ScriptedReply> = {
  text: "text",
  toolCalls: "list",
  usage: "table",
  delayMs: "amount",
  error: "table",
  cutAfter: "amount",
  stopReason: "reason",
  stopDetail: "text",
};
const CALL: Kinds<ScriptedToolCall> = { id: "text", name: "text", args: "any" };
const USAGE: Kinds<NonNullable<ScriptedReply["usage"]>> = {
  inputTokens: "count",
  outputTokens: "count",
  reasoningTokens: "count",
  cacheReadTokens: "count",
  cacheWriteTokens: "count",
  cacheWrite1hTokens: "count",
};
const ERROR: Kinds<NonNullable<ScriptedReply["error"]>> = { status: "count", message: "text", retryAfterMs: "amount" };
const OPTIONS: Kinds<ScriptedOptions> = { name: "text", provider: "text", repeat: "flag" };

const REASONS = ["end", "tool_use", "max_tokens", "refusal", "other"] as const satisfies ScriptedReply["stopReason"][];

const FITS: Readonly<Record<Kind, (value: unknown) => boolean>> = {
  text: (value) => typeof value === "string",
  flag: (value) => typeof value === "boolean",
  amount: (value) => typeof value === "number" && value >= 0,
  count: (value) => Number.isInteger(value) && Number(value) >= 0,
  table: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  list: Array.isArray,
  // A test may want to see what becomes of arguments that are none.
  any: () => true,
  reason: (value) => REASONS.some((reason) => reason === value),
};

const EXPECTED: Readonly<Record<Kind, string>> = {
  text: "a text",
  flag: "true or false",
  amount: "a number, 0 or more",
  count: "a whole number, 0 or more",
  table: "an object",
  list: "a list",
  any: "anything",
  reason: `one of ${REASONS.join(", ")}`,
};

const SCRIPTED = "scripted()";
const USAGE_OF_SCRIPTED = 'scripted() takes a list of replies, as in scripted([{ text: "Hello" }])';

/**
 * Plain JavaScript has no types: a slip in a script would be a reply without what it should have.
 * @throws LLMProcError `program_invalid` that names the reply
 */
export function checkScript(script: unknown, options: unknown): void {
  checkTable(options, OPTIONS, SCRIPTED);
  if (Array.isArray(script)) {
    checkList(script, "of the script");
    return;
  }
  if (!isLists(script)) {
    throw invalid(
      `${USAGE_OF_SCRIPTED}, or { root: [...], child: [...] }, one for roots and one for children, not ${describeGiven(script)}.`,
    );
  }
  const { root, child } = checkTable(script, { root: "list", child: "list" }, "the script");
  for (const [list, whose] of [
    [root, "root"],
    [child, "child"],
  ] as const) {
    if (!Array.isArray(list)) throw invalid(`The script has no list ${whose}: it needs { root: [...], child: [...] }.`);
    checkList(list, `of the script's ${whose}`);
  }
}

function isLists(script: unknown): script is object {
  return typeof script === "object" && script !== null && ("root" in script || "child" in script);
}

function checkList(steps: readonly unknown[], whose: string): void {
  steps.forEach((step, index) => {
    if (typeof step !== "function") checkReply(step, `reply ${index + 1} ${whose}`);
  });
}

/** @throws LLMProcError `program_invalid` */
export function checkReply(reply: unknown, place: string): asserts reply is ScriptedReply {
  if (typeof reply === "string") {
    throw invalid(`${capital(place)} is ${describeGiven(reply)}: write { text: ${describe(JSON.stringify(reply))} }.`);
  }
  const { toolCalls = [], usage = {}, error = {} } = checkTable(reply, REPLY, place);
  checkTable(usage, USAGE, `the usage of ${place}`);
  checkTable(error, ERROR, `the error of ${place}`);
  for (const [index, call] of (toolCalls as readonly unknown[]).entries()) {
    const called = `call ${index + 1} of ${place}`;
    const { name } = checkTable(call, CALL, called);
    if (name === undefined) throw invalid(`${capital(called)} has no name: write { name: "calculator", args: { … } }.`);
  }
}

/** What it has, each of the kind that it must be. */
function checkTable(
  table: unknown,
  kinds: Readonly<Record<string, Kind>>,
  place: string,
): { readonly [key: string]: unknown } {
  if (typeof table !== "object" || table === null || Array.isArray(table)) {
    throw invalid(`${capital(place)} must be an object, not ${describeGiven(table)}.`);
  }
  const keys = Object.keys(kinds);
  const unknown = unknownOption(Object.keys(table), keys, capital(place));
  if (unknown !== undefined) throw invalid(unknown);
  const values = Object.fromEntries(keys.map((key) => [key, Reflect.get(table, key) as unknown]));
  for (const [key, kind] of Object.entries(kinds)) {
    const value = values[key];
    if (value === undefined || FITS[kind](value)) continue;
    throw invalid(`The ${key} of ${place} must be ${EXPECTED[kind]}, not ${describeGiven(value)}.`);
  }
  return values;
}

function capital(text: string): string {
  return text === SCRIPTED ? text : `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

function invalid(message: string): LLMProcError {
  return new LLMProcError("program_invalid", message);
}
