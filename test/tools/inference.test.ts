import { type } from "arktype";
import * as v from "valibot";
import { expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import type { JsonObject } from "../../src/json.ts";
import { tool } from "../../src/tools/tool.ts";
import type { ToolArgs } from "../../src/tools/tool-parameters.ts";
import { toolContext } from "./tool-context.ts";

// What is claimed of types here is checked when the tests are compiled.
const base = { name: "t", description: "For tests." };
const { context } = toolContext();

test("from zod", async () => {
  const made = tool({
    ...base,
    parameters: z.object({
      a: z.number(),
      b: z.string().optional(),
      kind: z.enum(["x", "y"]),
      n: z.number().default(3),
    }),
    execute(args, { callId }) {
      expectTypeOf(args).toEqualTypeOf<{ a: number; b?: string | undefined; kind: "x" | "y"; n: number }>();
      expectTypeOf(callId).toBeString();
      // @ts-expect-error there is no such argument
      return [args.a, args.zzz];
    },
  });
  const checked = await made.check({ a: 1, kind: "x" });
  expect(checked).toEqual({ ok: true, args: { a: 1, kind: "x", n: 3 } });
  expect(made.execute({ a: 1 }, context)).toEqual([1, undefined]);
});

test("from valibot", () => {
  const schema = v.object({ a: v.number(), b: v.optional(v.string()) });
  const jsonSchema = { input: () => ({ type: "object" }), output: () => ({ type: "object" }) };
  const made = tool({
    ...base,
    parameters: { ...schema, "~standard": { ...schema["~standard"], jsonSchema } },
    execute: (args) => {
      expectTypeOf(args).toEqualTypeOf<{ a: number; b?: string | undefined }>();
      return args.a;
    },
  });
  expect(made.execute({ a: 1 }, context)).toBe(1);
});

test("from arktype", () => {
  const made = tool({
    ...base,
    parameters: type({ a: "number", "b?": "string" }),
    execute: (args) => {
      expectTypeOf(args).toEqualTypeOf<{ a: number; b?: string }>();
      return args.a;
    },
  });
  expect(made.execute({ a: 1 }, context)).toBe(1);
});

test("from JSON Schema that is written in place", () => {
  const made = tool({
    ...base,
    parameters: {
      type: "object",
      properties: {
        a: { type: "number" },
        b: { type: "array", items: { enum: ["x", "y"] } },
        c: { type: "integer", default: 3 },
        d: { type: ["string", "null"] },
      },
      required: ["a"],
    },
    execute(args) {
      expectTypeOf(args.a).toEqualTypeOf<number>();
      expectTypeOf(args.b).toEqualTypeOf<("x" | "y")[] | undefined>();
      expectTypeOf(args.c).toEqualTypeOf<number | undefined>();
      expectTypeOf(args.d).toEqualTypeOf<string | null | undefined>();
      // @ts-expect-error there is no such argument
      return [args.a, args.zzz];
    },
  });
  expect(made.execute({ a: 1 }, context)).toEqual([1, undefined]);
});

test("from JSON Schema with `as const`, with references, and of unknown content", () => {
  const constant = { type: "object", properties: { a: { type: "string" } }, required: ["a"] } as const;
  const numbers = { type: "object", additionalProperties: { type: "number" } } as const;
  const recursive = { type: "object", properties: { child: { $ref: "#" } } } as const;
  expectTypeOf<ToolArgs<typeof constant>>().toEqualTypeOf<{ a: string }>();
  expectTypeOf<ToolArgs<typeof numbers>>().toEqualTypeOf<{ [name: string]: number }>();
  expectTypeOf<ToolArgs<typeof recursive>>().toEqualTypeOf<JsonObject>();
  expectTypeOf<ToolArgs<JsonObject>>().toEqualTypeOf<JsonObject>();
  const made = tool({ ...base, parameters: recursive, execute: (args) => args.child });
  expect(made.execute({ child: 5 }, context)).toBe(5);
});

test("what does not fit does not compile", () => {
  const parameters = z.object({ a: z.number() });
  // @ts-expect-error execute wants another argument than the schema gives
  tool({ ...base, parameters, execute: (args: { b: string }) => args.b });
  // @ts-expect-error there is no execute
  expect(() => tool({ ...base, parameters })).toThrow("execute");
  // @ts-expect-error a number is no schema
  expect(() => tool({ ...base, parameters: 5, execute: () => 1 })).toThrow("must describe an object");
  // @ts-expect-error the time limit is a number
  expect(() => tool({ ...base, parameters, execute: () => 1, timeoutMs: "5s" })).toThrow("timeoutMs");
});
