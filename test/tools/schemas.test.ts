import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { JsonObject } from "../../src/json.ts";
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
