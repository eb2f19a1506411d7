import { didYouMean } from "../text/did-you-mean.ts";
import type { Path } from "./path.ts";
import { showKey, showPath } from "./path.ts";
import { MOST_PROBLEMS } from "./program-error.ts";
import type { Field, Schema, SchemaNode } from "./schema.ts";
import { camelCase } from "./schema.ts";

export interface Problem {
  readonly path: Path;
  /** Begins with the path. */
  readonly message: string;
}

/** Whose spelling the keys have, and how paths are shown: `max_attempts` in a file, `maxAttempts` in code. */
export type Form = "file" | "code";

/** Adds what `found` yields, until there are enough. Its messages do not begin with their paths yet. */
export function addProblems(problems: Problem[], found: Iterable<Problem>, form: Form): void {
  for (const { path, message } of found) {
    // Nothing more is asked for, so nothing more is looked for.
    if (problems.length >= MOST_PROBLEMS) return;
    const colon = message.startsWith("found") ? ":" : "";
    problems.push({ path, message: `${showPath(path, form)}${colon} ${message}` });
  }
}

/** Checks and copies `value`: the result has `camelCase` keys and nothing but what the schema knows. */
export function checkValue<T>(schema: Schema<T>, value: unknown, form: Form, problems: Problem[]): T | undefined {
  const checker = new Checker(form, problems);
  const before = problems.length;
  const checked = checker.check(schema, value, []);
  // The schema that T was inferred from has just been walked: without problems, the copy is a T.
  return problems.length === before ? (checked as T) : undefined;
}

/** What a value is, for messages: `the text "ten"`. */
export function showValue(value: unknown, isHidden = false): string {
  if (value === undefined || value === null) return "nothing";
  if (value === "") return "an empty text";
  if (typeof value === "string") return isHidden ? "a text" : `the text ${showText(value)}`;
  if (typeof value === "number" || typeof value === "bigint") return isHidden ? "a number" : `the number ${value}`;
  if (typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "a table" : `a ${typeof value}`;
}

export function showText(value: string): string {
  const short = value.length > 40 ? `${value.slice(0, 40)}…` : value;
  return JSON.stringify(short).replace(/\p{C}/gu, "\uFFFD");
}

/** What is written there may be a key. */
function isSecret(key: Path[number]): boolean {
  return key === "headers" || key === "env";
}

class Checker {
  readonly #form: Form;
  readonly #problems: Problem[];

  constructor(form: Form, problems: Problem[]) {
    this.#form = form;
    this.#problems = problems;
  }

  check(schema: SchemaNode, value: unknown, path: Path): unknown {
    if (schema.kind === "data") return value;
    if (schema.kind === "not_yet") return this.#report(path, schema.reason);
    if (schema.kind === "either") {
      const fitting = schema.of.find((option) => fits(option, value));
      return fitting === undefined ? this.#wrong(schema, value, path) : this.check(fitting, value, path);
    }
    if (!fits(schema, value)) return this.#wrong(schema, value, path);
    if (schema.kind === "list") return this.#list(schema, value as readonly unknown[], path);
    // `fits` has seen that it is an object.
    if (schema.kind === "table") return this.#table(schema.keys, value as Record<string, unknown>, path);
    if (schema.kind === "record") return this.#record(schema.of, value as Record<string, unknown>, path);
    return value;
  }

  #list(schema: SchemaNode & { kind: "list" }, items: readonly unknown[], path: Path): unknown {
    if (items.length < schema.min) return this.#wrong(schema, items, path);
    const checked: unknown[] = [];
    for (const [index, item] of items.entries()) {
      if (this.#problems.length >= MOST_PROBLEMS) break;
      checked.push(this.check(schema.of, item, [...path, index]));
    }
    return checked;
  }

  #record(of: Schema, values: Record<string, unknown>, path: Path): unknown {
    const checked: [string, unknown][] = [];
    for (const key of Object.keys(values)) {
      if (this.#problems.length >= MOST_PROBLEMS) break;
      checked.push([key, this.check(of, values[key], [...path, key])]);
    }
    return Object.fromEntries(checked);
  }

  #table(fields: Readonly<Record<string, Field>>, values: Record<string, unknown>, path: Path): unknown {
    const checked: Record<string, unknown> = {};
    const known = new Set<string>();
    for (const [name, field] of Object.entries(fields)) {
      const key = this.#spell(name);
      const alias = field.alias === undefined ? undefined : this.#spell(field.alias);
      known.add(key);
      if (alias !== undefined) known.add(alias);
      const given = [key, alias].filter((spelling) => spelling !== undefined && present(values, spelling));
      if (given.length === 2 && (this.#form === "file" || values[key] !== values[alias ?? key])) {
        this.#report([...path, alias ?? key], `is another spelling of ${showKey(key)}, which is there too. Keep one.`);
      }
      const used = given[0];
      if (used !== undefined) checked[camelCase(name)] = this.check(field.schema, values[used], [...path, used]);
      else if (!field.optional) {
        this.#report([...path, key], `is missing, expected ${expectation(field.schema)}.`);
      }
    }
    for (const key of Object.keys(values)) {
      if (this.#problems.length >= MOST_PROBLEMS) break;
      if (!known.has(key) && values[key] !== undefined) this.#unknown(fields, key, path);
    }
    return checked;
  }

  #unknown(fields: Readonly<Record<string, Field>>, key: string, path: Path): void {
    const usable = Object.entries(fields).filter(([, field]) => field.schema.kind !== "not_yet");
    const names = usable.map(([name]) => this.#spell(name));
    const section = this.#form === "file" && path.length === 0;
    const what = section ? "section" : this.#form === "code" && path.length === 0 ? "option" : "key";
    const show = (name: string) => (section ? `[${name}]` : `"${name}"`);
    const aliases = usable.flatMap(([, { alias }]) => (alias === undefined ? [] : [this.#spell(alias)]));
    const hint = didYouMean(key, [...names, ...aliases], show);
    const listed = hint === "" ? ` Known are ${names.map((name) => (section ? `[${name}]` : name)).join(", ")}.` : hint;
    this.#report([...path, key], `is not a known ${what}.${listed}`);
  }

  #wrong(schema: SchemaNode, value: unknown, path: Path): undefined {
    const known = schema.kind === "choice" && typeof value === "string" ? didYouMean(value, schema.values) : "";
    const found = Array.isArray(value) && value.length === 0 ? "an empty list" : showValue(value, path.some(isSecret));
    return this.#report(path, `found ${found}, expected ${expectation(schema)}.${known}`);
  }

  #report(path: Path, message: string): undefined {
    addProblems(this.#problems, [{ path, message }], this.#form);
  }

  #spell(name: string): string {
    return this.#form === "file" ? name : camelCase(name);
  }
}

/** YAML's empty value counts as absent, as a section whose keys are all commented out should. */
function present(values: Record<string, unknown>, key: string): boolean {
  return Object.hasOwn(values, key) && values[key] !== undefined && values[key] !== null;
}

function fits(schema: SchemaNode, value: unknown): boolean {
  switch (schema.kind) {
    case "text":
      return typeof value === "string" && (schema.allowEmpty || value.trim() !== "");
    case "flag":
      return typeof value === "boolean";
    case "number":
      return (
        typeof value === "number" &&
        (schema.whole ? Number.isInteger(value) : Number.isFinite(value)) &&
        value >= schema.min &&
        value <= schema.max
      );
    case "choice":
      return typeof value === "string" && schema.values.includes(value);
    case "list":
      return Array.isArray(value);
    case "record":
    case "table":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    case "either":
      return schema.of.some((option) => fits(option, value));
    case "instance":
      return schema.is(value);
    case "data":
    case "not_yet":
      return true;
  }
}

function expectation(schema: SchemaNode): string {
  switch (schema.kind) {
    case "text":
      return schema.allowEmpty ? "a text" : "a text that is not empty";
    case "flag":
      return "true or false";
    case "number": {
      const kind = schema.whole ? "a whole number" : "a number";
      return schema.max < Number.MAX_VALUE
        ? `${kind} from ${schema.min} to ${schema.max}`
        : `${kind}, at least ${schema.min}`;
    }
    case "choice":
      return `one of ${schema.values.map((value) => `"${value}"`).join(", ")}`;
    case "list":
      return schema.min > 0 ? "a list that is not empty" : "a list";
    case "record":
      return "a table";
    case "table": {
      const required = Object.entries(schema.keys).filter(([, field]) => !field.optional);
      return required.length === 0 ? "a table" : `a table with ${required.map(([name]) => name).join(" and ")}`;
    }
    case "either":
      return schema.of.map(expectation).join(", or ");
    case "instance":
      return schema.expected;
    case "data":
    case "not_yet":
      return "a value";
  }
}
