import { type } from "arktype";
import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { JsonObject } from "../../src/json.ts";
import type { Tool } from "../../src/process/contract/tool.ts";
import { tool } from "../../src/tools/tool.ts";
import { runs } from "../support/sample.ts";

const base = { name: "order", description: "For tests.", execute: () => "done" };

const shape = {
  type: "object",
  properties: {
    name: { type: "string", minLength: 1 },
    count: { type: "integer", minimum: 1 },
    items: { type: "array", items: { type: "object", properties: { price: { type: "number" } }, required: ["price"] } },
  },
  required: ["name", "count"],
  additionalProperties: false,
} as const;

const valibot = v.strictObject({
  name: v.pipe(v.string(), v.minLength(1)),
  count: v.pipe(v.number(), v.integer(), v.minValue(1)),
  items: v.optional(v.array(v.object({ price: v.number() }))),
});

const tools: readonly (readonly [string, Tool])[] = [
  ["JSON Schema", tool({ ...base, parameters: shape })],
  [
    "zod",
    tool({
      ...base,
      parameters: z.strictObject({
        name: z.string().min(1),
        count: z.int().min(1),
        items: z.array(z.object({ price: z.number() })).optional(),
      }),
    }),
  ],
  [
    "arktype",
    tool({
      ...base,
      parameters: type({
        "+": "reject",
        name: "string >= 1",
        count: "number.integer >= 1",
        "items?": type({ price: "number" }).array(),
      }),
    }),
  ],
  // As toStandardJsonSchema of @valibot/to-json-schema returns it.
  [
    "valibot",
    tool({
      ...base,
      parameters: {
        ...valibot,
        "~standard": { ...valibot["~standard"], jsonSchema: { input: () => shape, output: () => shape } },
      },
    }),
  ],
];

async function problemOf(checked: Tool, args: JsonObject): Promise<string> {
  const result = await checked.check(args);
  if (result.ok) throw new Error(`It took ${JSON.stringify(args)}.`);
  return result.problem;
}

describe.each(tools)("arguments checked by %s", (_library, order) => {
  test("those that fit come back as they are", async () => {
    const args = Object.freeze({ name: "tea", count: 2, items: [{ price: 1.5 }] });
    expect(await order.check(args)).toEqual({ ok: true, args });
    expect(await order.check(args)).toEqual({ ok: true, args });
  });

  test.each([
    ["a missing one", { name: "tea" }, "count"],
    ["a wrong type", { name: 5, count: 1 }, "name"],
    ["a fraction", { name: "tea", count: 1.5 }, "count"],
    ["too small", { name: "tea", count: 0 }, "count"],
    ["too short", { name: "", count: 1 }, "name"],
    ["one that is not known", { name: "tea", count: 1, colour: "red" }, "colour"],
    ["one deep inside", { name: "tea", count: 1, items: [{ price: 1 }, { price: "2" }] }, "items[1].price"],
    ["null", { name: null, count: 1 }, "name"],
  ])("%s is a problem that names the field", async (_what, args, field) => {
    const problem = await problemOf(order, args);
    expect(problem).toContain("The arguments do not fit: ");
    expect(problem).toContain(field);
    expect(problem).not.toContain("\n");
  });

  test("every wrong field is named", async () => {
    const problem = await problemOf(order, { name: 5, count: "x" });
    expect(problem).toContain("name");
    expect(problem).toContain("count");
  });

  test("many problems are cut, and counted", async () => {
    const items = Array.from({ length: 100 }, () => ({ price: "free" }));
    const problem = await problemOf(order, { name: "tea", count: 1, items });
    expect(problem).toContain("; and 92 more");
    expect(problem.length).toBeLessThan(3_000);
  });

  test("whatever a model sends, the answer is ok or a problem, never a throw", async () => {
    const field = fc.constantFrom("name", "count", "items", "__proto__", "constructor", "a/b~c %");
    const value = fc.jsonValue({ maxDepth: 4 });
    const anything = fc.oneof(fc.dictionary(field, value), fc.dictionary(fc.string({ unit: "binary" }), value));
    await fc.assert(
      fc.asyncProperty(anything, async (args) => {
        const before = JSON.stringify(args);
        const result = await order.check(args as JsonObject);
        expect(result.ok ? fits(args) : result.problem.length > 20).toBe(true);
        expect(JSON.stringify(args)).toBe(before);
      }),
      runs(40, 600),
    );
  });

  test("all that fits is taken", async () => {
    const items = fc.array(fc.record({ price: fc.double({ noNaN: true, noDefaultInfinity: true }) }));
    const args = fc.record(
      { name: fc.string({ minLength: 1 }), count: fc.integer({ min: 1 }), items },
      { requiredKeys: ["name", "count"], noNullPrototype: true },
    );
    await fc.assert(
      fc.asyncProperty(args, async (given) => {
        expect(await order.check(given)).toEqual({ ok: true, args: given });
      }),
      runs(200, 600),
    );
  });
});

/** The rules of `shape`, said once more by hand. */
function fits(args: Readonly<Record<string, unknown>>): boolean {
  const { name, count, items, ...rest } = args;
  const priced = (item: unknown) =>
    typeof item === "object" && item !== null && "price" in item && typeof item.price === "number";
  return (
    Object.keys(rest).length === 0 &&
    typeof name === "string" &&
    name.length > 0 &&
    typeof count === "number" &&
    Number.isInteger(count) &&
    count >= 1 &&
    (items === undefined || (Array.isArray(items) && items.every(priced)))
  );
}

describe("what a JSON Schema tool tells the model", () => {
  const [, order] = tools[0] ?? ["", tool({ ...base, parameters: shape })];

  test.each([
    [{ name: "tea" }, "The arguments do not fit: count: required, but missing"],
    [{ name: 5, count: 1 }, "The arguments do not fit: name: expected string, got number"],
    [{ name: "tea", count: 1, x: 1 }, "The arguments do not fit: x: not allowed here"],
    [{ name: "tea", count: 0 }, "The arguments do not fit: count: 0 is less than 1"],
    [{ name: "tea", count: 1, items: [{}] }, "The arguments do not fit: items[0].price: required, but missing"],
  ])("%o", async (args, problem) => {
    expect(await problemOf(order, args)).toBe(problem);
  });

  test("a field with an odd name is quoted", async () => {
    const odd = tool({ ...base, parameters: { type: "object", properties: { "a/b~c %": { type: "null" } } } });
    expect(await problemOf(odd, { "a/b~c %": 1 })).toBe(
      'The arguments do not fit: ["a/b~c %"]: expected null, got number',
    );
  });

  test("200,000 wrong items are still a problem", async () => {
    const list = tool({
      ...base,
      parameters: { type: "object", properties: { n: { type: "array", items: { type: "null" } } } },
    });
    expect(await problemOf(list, { n: Array.from({ length: 200_000 }, () => 1) })).toContain(
      "n[0]: expected null, got number",
    );
  });

  test("arguments 100,000 deep against a schema that refers to itself are a problem", async () => {
    const tree = tool({ ...base, parameters: { type: "object", properties: { child: { $ref: "#" } } } });
    let args: JsonObject = {};
    for (let depth = 0; depth < 100_000; depth += 1) args = { child: args };
    expect(await tree.check({ child: { child: {} } })).toMatchObject({ ok: true });
    expect(await problemOf(tree, args)).toContain("cannot be checked");
  });

  test("a schema that refers to itself without end is a problem, not a hang", async () => {
    const loop = tool({ ...base, parameters: { type: "object", allOf: [{ $ref: "#" }] } });
    expect(await problemOf(loop, {})).toContain("cannot be checked");
  });

  test("the draft that $schema names is kept to", async () => {
    const above5 = { type: "object", properties: { n: { type: "number", minimum: 5, exclusiveMinimum: true } } };
    const draft4 = { $schema: "http://json-schema.org/draft-04/schema#", ...above5 };
    expect(await problemOf(tool({ ...base, parameters: draft4 }), { n: 5 })).toContain("n: 5 is less than or equal to");
    const beside = {
      type: "object",
      properties: { s: { $ref: "#/definitions/s", maxLength: 1 } },
      definitions: { s: { type: "string" } },
    };
    for (const draft of ["draft-04", "draft-06", "draft-07"]) {
      const old = tool({ ...base, parameters: { $schema: `http://json-schema.org/${draft}/schema#`, ...beside } });
      expect.soft(await old.check({ s: "ab" }), draft).toMatchObject({ ok: true });
    }
    for (const parameters of [beside, { $schema: "https://json-schema.org/draft/2019-09/schema", ...beside }]) {
      expect(await problemOf(tool({ ...base, parameters }), { s: "ab" })).toContain("s: String is too long");
    }
  });
});

describe("a schema that misbehaves", () => {
  const jsonSchema = { input: () => ({ type: "object" }), output: () => ({ type: "object" }) };
  const broken = (validate: (value: unknown) => unknown): Tool =>
    (tool as (definition: unknown) => Tool)({
      ...base,
      parameters: { "~standard": { version: 1, vendor: "broken", validate, jsonSchema } },
    });

  test.each<readonly [string, (value: unknown) => unknown]>([
    ["throws", () => JSON.parse("{")],
    ["rejects", () => Promise.reject(new Error("no"))],
    ["rejects with undefined", () => Promise.reject(undefined)],
    ["returns nothing", () => undefined],
    ["has issues that are no list", () => ({ issues: 5 })],
    ["has an empty issue", () => ({ issues: [null] })],
  ])("that %s gives a problem", async (_what, validate) => {
    expect(await problemOf(broken(validate), {})).toContain("cannot be checked");
  });

  test("an asynchronous schema is waited for, and its values are what execute gets", async () => {
    const slow = z.object({ a: z.string() }).transform(async ({ a }) => ({ length: a.length }));
    const parameters = { "~standard": { ...slow["~standard"], jsonSchema } };
    const length = tool({ ...base, parameters });
    expect(await length.check({ a: "four" })).toEqual({ ok: true, args: { length: 4 } });
    expect(await problemOf(length, { a: 4 })).toContain("a: ");
  });
});
