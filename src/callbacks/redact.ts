import { describe, describeGiven, LLMProcError } from "../errors.ts";
import type { ObjectCallback } from "../events/callback.ts";
import { callbackFactory } from "../events/callback-factory.ts";
import { replaceArgs, replaceResult } from "../events/verdict.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import { define } from "../json.ts";
import { checkFactoryOptions } from "./factory-options.ts";

export interface RedactOptions {
  /** What stands in their place. @default "[redacted]" */
  readonly replacement?: string;
  /** Replaces them in the arguments of calls as well, before the tool gets them. @default false */
  readonly args?: boolean;
}

const OPTIONS = ["replacement", "args"] as const satisfies (keyof RedactOptions)[];

/**
 * Keeps what is secret from the model: replaces these texts, and what these patterns match, in all that tools return or
 * throw, before it is cut and before the model reads it. What they had returned is in no event, record or line behind
 * that. It does not touch prompts, what the model itself says, nor what a vendor's own tools find.
 *
 * @throws LLMProcError `callback_invalid`, at once, for what is no pattern, or matches an empty text
 * @example
 * const proc = await program.start().addCallback(redact([/sk-[\w-]{20,}/, process.env.DB_PASSWORD ?? /(?!)/]));
 */
export function redact(patterns: readonly (string | RegExp)[], options: RedactOptions = {}): ObjectCallback {
  checkFactoryOptions(options, OPTIONS, "redact()");
  const { replacement = "[redacted]", args = false } = options;
  if (typeof replacement !== "string") throw invalid(`replacement must be a text, not ${describe(replacement)}.`);
  if (typeof args !== "boolean") throw invalid(`args must be true or false, not ${describeGiven(args)}.`);
  const matchers = checkPatterns(patterns);
  const clean = (text: string) => without(text, rangesOf(text, matchers), replacement);
  return {
    callbackOptions: { name: "redact" },
    tool_start(_toolName, toolArgs) {
      if (!args) return undefined;
      const cleaned = cleanValue(toolArgs, clean) as JsonObject;
      return JSON.stringify(cleaned) === JSON.stringify(toolArgs) ? undefined : replaceArgs(cleaned);
    },
    tool_result(_toolName, { content }) {
      return clean(content) === content ? undefined : replaceResult(clean);
    },
  };
}

callbackFactory(redact);

type Range = readonly [start: number, end: number];

/** All matches in the text as it is, so that none hides a part of another: where they overlap, they are one. */
function rangesOf(text: string, matchers: readonly RegExp[]): readonly Range[] {
  const all = matchers.flatMap((matcher) =>
    Array.from(text.matchAll(matcher), ({ 0: match, index }): Range => [index, index + match.length]),
  );
  const merged: Range[] = [];
  for (const [start, end] of all.toSorted(([a], [b]) => a - b)) {
    const last = merged.at(-1);
    if (start === end) continue;
    if (last !== undefined && start < last[1]) merged[merged.length - 1] = [last[0], Math.max(last[1], end)];
    else merged.push([start, end]);
  }
  return merged;
}

function without(text: string, ranges: readonly Range[], replacement: string): string {
  let left = "";
  let from = 0;
  for (const [start, end] of ranges) {
    left += text.slice(from, start) + replacement;
    from = end;
  }
  return left + text.slice(from);
}

function cleanValue(value: JsonValue | undefined, clean: (text: string) => string): JsonValue | undefined {
  if (typeof value === "string") return clean(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item: JsonValue) => cleanValue(item, clean) ?? null);
  const copy = {};
  for (const [key, item] of Object.entries(value)) define(copy, key, cleanValue(item, clean));
  return copy;
}

function checkPatterns(patterns: unknown): readonly RegExp[] {
  if (!Array.isArray(patterns) || patterns.length === 0) {
    throw invalid(`give a list of texts and patterns, as in [/sk-\\w+/], not ${describeGiven(patterns)}.`);
  }
  return patterns.flatMap((pattern: unknown) => {
    if (typeof pattern === "string" && pattern !== "") return formsOf(pattern);
    if (!(pattern instanceof RegExp)) throw invalid(`${describe(pattern)} is no text and no pattern.`);
    const own = new RegExp(pattern.source, [...new Set(`${pattern.flags.replace("y", "")}g`)].join(""));
    if ("".match(own) !== null) throw invalid(`${String(pattern)} matches an empty text, and so would be everywhere.`);
    return own;
  });
}

/** As it is, and as it stands in JSON, where results that are objects are written. */
function formsOf(text: string): readonly RegExp[] {
  const inJson = JSON.stringify(text).slice(1, -1);
  return [...new Set([text, inJson])].map((form) => new RegExp(form.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&"), "g"));
}

function invalid(problem: string): LLMProcError {
  return new LLMProcError("callback_invalid", `redact(): ${problem}`);
}
