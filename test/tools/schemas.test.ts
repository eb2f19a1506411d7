import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { JsonObject } from "../../src/json.ts";
import { scripted } from "../../src/models/scripted.ts";
import { LLMProgram } from "../../src/program/llm-program.ts";
import { tool } from "../../src/tools/tool.ts";

function toolOf(parameters: JsonObject | z.ZodType) {
  return tool({ name: "t", description: "Is tried.", parameters, execute: (args) => args });
}

/** Whether a tool with one argument of this schema takes the value. */
async function takes(schema: JsonObject, value: string): Promise<boolean> {
  const { check } = toolOf({ type: "object", properties: { a: schema } });
  return (await check({ a: value })).ok;
}

describe("a pattern that was written without the flag u means what it meant there", () => {
  test.each([
    ["^https\\:\\/\\/", "https://a", "http://a"],
    ["^\\d{3}\\-\\d{4}$", "123-4567", "1234567"],
    ["^[0-9a-f]{8}\\-[0-9a-f]{4}$", "01234567-89ab", "0123456789ab"],
    ["^[\\w\\-\\@]+$", "a-b@c", "a b"],
    ["^a{,3}$", "a{,3}", "aaa"],
    ["^}]$", "}]", "}"],
    ["^[[]\\_$", "[_", "_"],
    ["^\\p{Lu}$", "É", "e"],
    ["^.$", "😀", "ab"],
  ])("%s", async (pattern, fitting, other) => {
    expect(await takes({ type: "string", pattern }, fitting)).toBe(true);
    expect(await takes({ type: "string", pattern }, other)).toBe(false);
  });

  test("wherever it stands: in lists, definitions, and as the name of a property", async () => {
    const pattern = "^a\\-b$";
    const { check } = toolOf({
      type: "object",
      properties: {
        list: { type: "array", items: { anyOf: [{ type: "string", pattern }] } },
        defined: { $ref: "#/$defs/d" },
        pattern: { type: "string", enum: ["\\-"] },
        map: { type: "object", patternProperties: { "^x\\-": { type: "number" } }, additionalProperties: false },
      },
      $defs: { d: { type: "string", pattern } },
    });
    expect(await check({ list: ["a-b"], defined: "a-b", pattern: "\\-", map: { "x-1": 1 } })).toMatchObject({
      ok: true,
    });
    expect(await check({ list: ["ab"] })).toMatchObject({ ok: false });
    expect(await check({ defined: "ab" })).toMatchObject({ ok: false });
    expect(await check({ map: { y: 1 } })).toMatchObject({ ok: false });
  });

  test("the model reads it as it was written", () => {
    const parameters = { type: "object", properties: { a: { type: "string", pattern: "^https\\:" } } };
    expect(toolOf(parameters).parameters).toEqual(parameters);
  });

  test("what is none in either way is refused", () => {
    expect(() => toolOf({ type: "object", properties: { a: { pattern: "(" } } })).toThrow("no regular expression");
  });
});

describe("a limit that nobody would keep to is refused, by its place", () => {
  const draft4 = "http://json-schema.org/draft-04/schema#";
  test.each<[JsonObject, string, string?]>([
    [
      { minimum: 5, exclusiveMinimum: true },
      "#/properties/a/exclusiveMinimum is true. Give the limit itself; true beside",
    ],
    [{ maximum: 5, exclusiveMaximum: false }, "#/properties/a/exclusiveMaximum is false. Give the limit itself"],
    [
      { exclusiveMinimum: 5 },
      '#/properties/a/exclusiveMinimum is 5. In draft-04 it is true or false, beside a "minimum"',
      draft4,
    ],
    [{ minimum: "3" }, "#/properties/a/minimum should be a number, not 3."],
    [{ maxLength: null }, "#/properties/a/maxLength should be a number, not null."],
    [{ multipleOf: 0 }, "#/properties/a/multipleOf should be above 0."],
    [{ $dynamicRef: "#n" }, "#/properties/a has a $dynamicRef, which is not followed here. Use $ref."],
    [{ dependencies: { b: { minItems: [] } } }, "#/properties/a/dependencies/b/minItems should be a number"],
    [{ dependencies: ["b"] }, "#/properties/a/dependencies should be an object of schemas or lists of names"],
  ])("%j", (schema, message, $schema) => {
    const make = () => toolOf({ ...($schema !== undefined && { $schema }), type: "object", properties: { a: schema } });
    expect(make).toThrow(message);
  });

  test("what is one is kept to, in the drafts of before, too", async () => {
    const dependencies = { b: { properties: { c: { pattern: "^a\\-b$" } } }, d: ["e"] };
    const { check } = toolOf({ $schema: "http://json-schema.org/draft-07/schema#", type: "object", dependencies });
    expect(await check({ b: 1, c: "a-b" })).toMatchObject({ ok: true });
    expect(await check({ b: 1, c: "%" })).toMatchObject({ ok: false });
    expect(await check({ d: 1 })).toMatchObject({ ok: false });
  });
});

test("true and false are schemas of arguments, of items and of what is not named", async () => {
  const properties = { any: true, none: false, list: { type: "array", items: false } };
  const { check } = toolOf({ type: "object", properties, additionalProperties: false });
  for (const args of [{ any: [1] }, {}, { list: [] }]) expect.soft(await check(args)).toMatchObject({ ok: true });
  for (const args of [{ none: 1 }, { list: [1] }, { other: 1 }]) {
    expect.soft(await check(args)).toEqual({ ok: false, problem: expect.stringContaining("not allowed here") });
  }
});

test("a format that is known is kept to, another is only told to the model", async () => {
  for (const format of ["date-time", "date", "time", "email", "uri", "uuid", "ipv4", "ipv6", "hostname", "duration"]) {
    expect.soft(await takes({ type: "string", format }, "% %"), format).toBe(false);
  }
  for (const format of ["int32", "password", "nonsense", "constructor"]) {
    expect.soft(await takes({ type: "string", format }, "% %"), format).toBe(true);
  }
});

test("what a zod schema makes of arguments is what execute gets: defaults, coercion, transforms, codecs", async () => {
  const day = z.codec(z.iso.date(), z.date(), {
    decode: (text) => new Date(text),
    encode: (date) => date.toISOString(),
  });
  const parameters = z.object({
    many: z.number().default(5),
    count: z.coerce.number(),
    length: z.string().transform((text) => text.length),
    text: z.preprocess(String, z.string()),
    yes: z.stringbool(),
    caught: z.number().catch(3),
    day,
  });
  const seen: unknown[] = [];
  const execute = (args: z.output<typeof parameters>) => void seen.push(args);
  const given = { count: "7", length: "abc", text: 5, yes: "on", caught: "?", day: "2026-01-02" };
  const calls = [{ args: given }, { args: { ...given, count: "x", day: "soon" } }];
  const model = scripted([{ toolCalls: calls.map((call) => ({ name: "t", ...call })) }, { text: "Done." }]);
  const tools = [tool({ name: "t", description: "Is tried.", parameters, execute })];
  const proc = await new LLMProgram({ model, tools }).start();
  const told: string[] = [];
  proc.on("tool_end", (_name, { content, isError }) => void (isError && told.push(String(content))));
  await proc.run("Try.");
  const made = { many: 5, count: 7, length: 3, text: "5", yes: true, caught: 3, day: new Date("2026-01-02") };
  expect(seen).toEqual([made]);
  expect(told).toEqual([expect.stringMatching(/count: .*NaN; day: /)]);
});

test("a zod schema that JSON Schema cannot say is refused with the reason", () => {
  for (const odd of [z.date(), z.bigint(), z.map(z.string(), z.number()), z.symbol()]) {
    expect
      .soft(() => toolOf(z.object({ odd })))
      .toThrow(/cannot be written as JSON Schema for the model: .* cannot be/);
  }
});

describe("a schema whose root is a reference is read at its root", () => {
  test("zod's, with an id of its own", async () => {
    const { parameters, check } = toolOf(z.object({ city: z.string() }).meta({ id: "SchemaOfPlace" }));
    expect(parameters).toMatchObject({ type: "object", properties: { city: { type: "string" } } });
    expect(await check({ city: "Oslo" })).toEqual({ ok: true, args: { city: "Oslo" } });
    expect(await check({})).toMatchObject({ ok: false });
  });

  test("JSON Schema's, one that refers to itself among them", async () => {
    const tree = { type: "object", properties: { below: { type: "array", items: { $ref: "#/$defs/tree" } } } };
    const { parameters, check } = toolOf({ $ref: "#/$defs/tree", $defs: { tree } });
    expect(parameters).toEqual({ ...tree, $defs: { tree } });
    expect(await check({ below: [{ below: [] }] })).toMatchObject({ ok: true });
    expect(await check({ below: [{ below: 1 }] })).toMatchObject({ ok: false });
  });

  test("one that leads nowhere, or round, is refused", () => {
    expect(() => toolOf({ $ref: "#/$defs/no" })).toThrow("must describe an object");
    expect(() => toolOf({ $ref: "#/$defs/a", $defs: { a: { $ref: "#/$defs/a" } } })).toThrow("must describe an object");
  });
});

test("a slip in an option's name is refused, with what was meant", () => {
  const definition = { name: "t", description: "Is tried.", parameters: { type: "object" }, execute: () => "" };
  const slips = [
    [{ nmae: "t" }, 'tool() has no option "nmae". Did you mean "name"?'],
    [{ timeoutms: 1 }, 'tool() has no option "timeoutms". Did you mean "timeoutMs"?'],
    [{ strict: true }, 'tool() has no option "strict". It has name, description,'],
  ] as const;
  for (const [slip, message] of slips) expect(() => tool({ ...definition, ...slip })).toThrow(message);
});
