import { type } from "arktype";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { LLMProcError } from "../../src/errors.ts";
import { renamed } from "../../src/tools/renamed.ts";
import { tool } from "../../src/tools/tool.ts";
import { toolContext } from "./tool-context.ts";

const execute = () => "done";
const description = "For tests.";
const parameters = { type: "object", properties: {} } as const;

function errorOf(make: () => unknown): LLMProcError {
  try {
    make();
  } catch (thrown) {
    if (thrown instanceof LLMProcError) return thrown;
    throw thrown;
  }
  throw new Error("Nothing was thrown.");
}

/** `tool()` as it is called from JavaScript. */
const untyped = tool as (definition: unknown) => unknown;

describe("a definition that cannot work is refused at once", () => {
  test.each([
    ["no definition", undefined, "not undefined"],
    ["an empty name", { name: "", description, parameters, execute }, '""'],
    ["a name with a space", { name: "add numbers", description, parameters, execute }, '"add numbers"'],
    ["a name of 65 letters", { name: "a".repeat(65), description, parameters, execute }, "1 to 64"],
    ["a name with a line break", { name: "add\n", description, parameters, execute }, '"add\\n"'],
    ["a name that is no text", { name: 5, description, parameters, execute }, "called 5"],
    ["no description", { name: "add", parameters, execute }, 'Tool "add" needs a description'],
    ["no execute", { name: "add", description, parameters }, 'Tool "add" needs an execute function, not undefined'],
    ["a time limit of 0", { name: "add", description, parameters, execute, timeoutMs: 0 }, "is 0"],
    ["a time limit of NaN", { name: "add", description, parameters, execute, timeoutMs: Number.NaN }, "timeoutMs"],
    [
      "a time limit in a text",
      { name: "add", description, parameters, execute, timeoutMs: "5" },
      'is the text "5". Give',
    ],
    [
      "a time limit that no timer holds",
      { name: "add", description, parameters, execute, timeoutMs: 2 ** 31 },
      "at most 2147483647",
    ],
    [
      "a limit of results in a text",
      { name: "add", description, parameters, execute, maxResultCharacters: "300" },
      'is the text "300"',
    ],
    ["no parameters", { name: "add", description, execute }, "must describe an object"],
    ["a list of parameters", { name: "add", description, parameters: ["a"], execute }, '["a"]'],
    ["parameters that are a string", { name: "add", description, parameters: { type: "string" }, execute }, "string"],
    ["a zod string", { name: "add", description, parameters: z.string(), execute }, "Wrap other types"],
  ])("%s", (_what, definition, says) => {
    const error = errorOf(() => untyped(definition));
    expect(error.code).toBe("tool_invalid");
    expect(error.message).toContain(says);
  });
});

test.each([0.5, 2 ** 31 - 1, Infinity])("a time limit of %d ms is one", (timeoutMs) => {
  expect(tool({ name: "add", description, parameters, execute, timeoutMs }).timeoutMs).toBe(timeoutMs);
});

describe("a schema that cannot work is refused with its place", () => {
  const circle: Record<string, unknown> = { type: "object" };
  circle.properties = { self: circle };
  let deep: unknown = { type: "string" };
  for (let depth = 0; depth < 100; depth += 1) deep = { type: "array", items: deep };
  let abyss: unknown = {};
  for (let depth = 0; depth < 100_000; depth += 1) abyss = [abyss];
  const throwing = {
    get type() {
      throw new Error("no schema today");
    },
  };
  test.each([
    ["a circle", circle, "hold themselves"],
    ["100 levels", { type: "object", properties: { deep } }, "more than 64 deep"],
    ["100,000 levels", { type: "object", properties: { abyss } }, "too deep"],
    ["a getter that throws", throwing, "no schema today"],
    ["a bigint", { type: "object", properties: { a: { const: 5n } } }, "not JSON"],
    ["a misspelt type", { type: "object", properties: { a: { type: "strng" } } }, "#/properties/a/type is strng"],
    [
      "a type instead of a schema",
      { type: "object", properties: { a: "string" } },
      "#/properties/a should be a schema",
    ],
    ["a list of properties", { type: "object", properties: [{ a: 1 }] }, "#/properties should be an object"],
    ["required: true", { type: "object", properties: {}, required: true }, "#/required should be a list"],
    ["a broken pattern", { type: "object", properties: { a: { type: "string", pattern: "(" } } }, "regular expression"],
    ["a broken name pattern", { type: "object", patternProperties: { "[": {} } }, "regular expression"],
    ["a reference to nowhere", { type: "object", properties: { a: { $ref: "#/$defs/a" } } }, "#/$defs/a"],
    [
      "a reference to a server",
      { type: "object", properties: { a: { $ref: "https://example.com/a" } } },
      "example.com",
    ],
    ["an enum that is no list", { type: "object", properties: { a: { enum: "x" } } }, "#/properties/a/enum"],
  ])("%s", (_what, schema, says) => {
    const error = errorOf(() => untyped({ name: "add", description, parameters: schema, execute }));
    expect(error.code).toBe("tool_invalid");
    expect(error.message).toContain('tool "add"');
    expect(error.message).toContain(says);
  });

  test("a zod type that JSON has not is named", () => {
    const error = errorOf(() => untyped({ name: "at", description, parameters: z.object({ at: z.date() }), execute }));
    expect(error.message).toContain("Date cannot be represented");
    expect(error.cause).toBeInstanceOf(Error);
  });

  test("valibot alone has no JSON Schema, and the error says what to install", () => {
    const error = errorOf(() => tool({ name: "a", description, parameters: v.object({ a: v.number() }), execute }));
    expect(error.code).toBe("tool_invalid");
    expect(error.message).toContain("@valibot/to-json-schema");
    expect(error.message).toContain("toStandardJsonSchema(schema)");
  });
});

describe("what the model is shown", () => {
  test("zod and arktype give the JSON Schema of the input", () => {
    const expected = { type: "object", properties: { a: { type: "number" }, b: { type: "string" } }, required: ["a"] };
    const byZod = z.object({ a: z.number(), b: z.string().optional() });
    const byArk = type({ a: "number", "b?": "string" });
    expect(tool({ name: "t", description, parameters: byZod, execute }).parameters).toEqual(expected);
    expect(tool({ name: "t", description, parameters: byArk, execute }).parameters).toEqual(expected);
  });

  test("a schema that refers to itself is allowed", () => {
    const node = { type: "object", properties: { child: { $ref: "#" }, x: { $ref: "#/$defs/n" } }, $defs: { n: true } };
    expect(tool({ name: "tree", description, parameters: node, execute }).parameters).toEqual(node);
  });

  test("the tool is frozen all the way down, and shares nothing with the author's schema", () => {
    const schema = { type: "object", properties: { a: { type: "number" } }, required: ["a"] };
    const made = tool({ name: "t", description, parameters: schema, execute, timeoutMs: 5 });
    expect(Object.isFrozen(made)).toBe(true);
    expect(Object.isFrozen(made.parameters)).toBe(true);
    expect(Object.isFrozen(made.parameters.properties)).toBe(true);
    expect(Object.isFrozen(made.parameters.required)).toBe(true);
    schema.properties.a.type = "string";
    expect(made.parameters).toEqual({ type: "object", properties: { a: { type: "number" } }, required: ["a"] });
    expect(Object.isFrozen(schema)).toBe(false);
    expect(made.timeoutMs).toBe(5);
  });

  test("execute gets the arguments and the context, and keeps its `this`", async () => {
    const { context } = toolContext();
    const made = tool({
      name: "t",
      description: "hello",
      parameters,
      execute(args, given) {
        return [this.description, args, given.callId];
      },
    });
    expect(await made.execute({ a: 1 }, context)).toEqual(["hello", { a: 1 }, "call_1"]);
  });
});

describe("renamed", () => {
  const add = tool({
    name: "add",
    description: "Adds.",
    parameters: z.object({ a: z.number() }),
    execute: ({ a }) => a + 1,
    timeoutMs: 7,
  });

  test("another name and description, the same tool", async () => {
    const plus = renamed(add, { alias: "plus", description: "One more." });
    expect([plus.name, plus.description, plus.timeoutMs]).toEqual(["plus", "One more.", 7]);
    expect(plus.parameters).toBe(add.parameters);
    expect(await plus.check({ a: 1 })).toEqual({ ok: true, args: { a: 1 } });
    expect(await plus.execute({ a: 1 }, toolContext().context)).toBe(2);
    expect(Object.isFrozen(plus)).toBe(true);
    expect(add.name).toBe("add");
  });

  test("what is left out stays", () => {
    expect(renamed(add, { alias: "plus" }).description).toBe("Adds.");
    expect(renamed(add, { description: "Other." }).name).toBe("add");
  });

  test("an alias that cannot be a name is refused", () => {
    expect(errorOf(() => renamed(add, { alias: "a b" }))).toMatchObject({ code: "tool_invalid" });
    expect(errorOf(() => renamed(add, { description: " " }))).toMatchObject({ code: "tool_invalid" });
  });
});
