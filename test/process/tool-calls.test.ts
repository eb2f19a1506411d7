import type { EventRecord, JsonObject, ToolReply } from "llmproc";
import { LLMProgram, tool } from "llmproc";
import { scripted } from "llmproc/testing";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { anyTool, customModel, expectWellFormed, failureOf, inTime, recordsOf, textReply } from "./harness.ts";

const order = {
  type: "object",
  properties: {
    town: { type: "string", minLength: 2 },
    count: { type: "integer", minimum: 1 },
    lines: { type: "array", items: { type: "object", properties: { price: { type: "number" } }, required: ["price"] } },
  },
  required: ["town"],
  additionalProperties: false,
} as const;

const zodOrder = z.strictObject({
  town: z.string().min(2),
  count: z.int().min(1).optional(),
  lines: z.array(z.object({ price: z.number() })).optional(),
});

/** What a model says in place of `{ "town": "Oslo" }`, and what it reads in return. */
const WRONG: readonly [what: string, args: unknown, names: RegExp][] = [
  ["a field that is missing", {}, /town/],
  ["a field of another type", { town: 7 }, /town.*string/],
  ["a value out of range", { town: "Oslo", count: 0 }, /count/],
  ["a field deep inside", { town: "Oslo", lines: [{ price: 1 }, { price: "two" }] }, /lines\[1\]\.price/],
  ["a field that there is not", { town: "Oslo", twon: 1 }, /twon/],
  ["a list", [1], /arguments do not fit/],
  ["a text", "Oslo", /arguments do not fit/],
  ["null", null, /arguments do not fit/],
  ["a field __proto__", JSON.parse('{"town":"Oslo","__proto__":{"count":1}}'), /__proto__/],
  ["a field constructor", { town: "Oslo", constructor: 1 }, /constructor/],
];

/** Runs one reply with these calls, then a text. */
async function run(
  toolCalls: { name: string; args?: unknown; id?: string }[],
  tools: Parameters<typeof anyTool>[1][] = [],
) {
  const heard: JsonObject[] = [];
  const execute = (args: unknown) => {
    heard.push(args as JsonObject);
    return "ran";
  };
  const all = [
    tool({ name: "order", description: "Orders.", parameters: order, execute }),
    tool({ name: "zod_order", description: "Orders.", parameters: zodOrder, execute }),
    ...tools.map((each, place) => anyTool(`tool_${place}`, each)),
  ];
  // A model says what it likes, whatever the types of a script.
  const model = scripted([{ toolCalls: toolCalls as { name: string; args?: JsonObject }[] }, { text: "done" }]);
  const proc = await new LLMProgram({ model, tools: all }).start();
  const records = recordsOf(proc);
  const result = await inTime(proc.run("x"));
  expect(result.lastMessage).toBe("done");
  expectWellFormed(proc.messages);
  return { heard, records, replies: proc.messages[2]?.content as readonly ToolReply[] };
}

function expectRefused(records: readonly EventRecord[], replies: readonly ToolReply[], names: RegExp): void {
  expect(replies).toMatchObject([{ isError: true, content: expect.stringMatching(names) }]);
  const calls = records.filter(({ event }) => event === "tool_start" || event === "tool_end");
  expect(calls).toMatchObject([
    { event: "tool_start", invalid: replies[0]?.content },
    { event: "tool_end", result: { content: replies[0]?.content, isError: true } },
  ]);
}

describe("a call that cannot be made is answered with what is wrong, and the run goes on", () => {
  for (const name of ["order", "zod_order"]) {
    for (const [what, args, names] of WRONG) {
      test(`${name}: ${what}`, async () => {
        const { heard, records, replies } = await run([{ name, args }]);
        expectRefused(records, replies, names);
        expect(heard).toEqual([]);
      });
    }
  }

  const names = { empty: "", blank: " ", misspelt: "oder", proto: "__proto__", long: "x".repeat(10_000) };
  test.each(Object.entries({ ...names, inherited: "constructor" }))(
    "a tool that there is not: %s",
    async (_what, name) => {
      const { records, replies } = await run([{ name, args: { town: "Oslo" } }]);
      expectRefused(records, replies, /^There is no tool .*\. Tools: order, zod_order\.$/);
      expect(replies[0]?.content.length).toBeLessThan(300);
    },
  );

  test("the calls beside it run", async () => {
    const { heard, replies } = await run([
      { name: "order", args: { town: "Oslo" } },
      { name: "order" },
      { name: "none" },
    ]);
    expect(replies.map(({ isError }) => isError)).toEqual([false, true, true]);
    expect(heard).toEqual([{ town: "Oslo" }]);
  });
});

test("a field __proto__ that a schema allows arrives as a field, and changes no prototype", async () => {
  const seen: unknown[] = [];
  const args = JSON.parse('{"__proto__":{"polluted":1}}') as JsonObject;
  const { replies } = await run([{ name: "tool_0", args }], [(given) => void seen.push(given)]);
  expect(replies).toMatchObject([{ isError: false }]);
  expect(JSON.stringify(seen)).toBe('[{"__proto__":{"polluted":1}}]');
  expect(Object.getPrototypeOf(seen[0])).toBe(Object.prototype);
  expect(({} as { polluted?: number }).polluted).toBeUndefined();
});

describe("two calls of one reply with the same id", () => {
  const doubled = [
    { id: "one", name: "tool", args: {} },
    { id: "one", name: "tool", args: {} },
  ];

  test("no provider would take the reply back: it is asked for again", async () => {
    let ran = 0;
    const model = scripted([{ toolCalls: doubled, usage: { inputTokens: 5 } }, { text: "better" }]);
    const tools = [anyTool("tool", () => ++ran)];
    const proc = await new LLMProgram({ model, tools, retry: { initialDelayMs: 0 } }).start();
    const records = recordsOf(proc);
    const result = await inTime(proc.run("x"));
    expect([result.lastMessage, ran, result.inputTokens]).toEqual(["better", 0, 5]);
    expect(records.filter(({ event }) => event === "api_error")).toMatchObject([
      { error: { code: "model_failed", message: expect.stringContaining("same id, one") }, retry: { attempt: 2 } },
    ]);
    expectWellFormed(proc.messages);
  });

  test("a model that keeps saying so ends the run", async () => {
    const model = customModel(async (io) => {
      await io.beforeSend({});
      return { ...textReply("x"), toolCalls: doubled, stopReason: "tool_use" };
    });
    const proc = await new LLMProgram({ model, retry: { maxAttempts: 2, initialDelayMs: 0 } }).start();
    expect((await failureOf(proc.run("x"))).stopReason).toBe("api_error");
    expect(proc.messages).toEqual([]);
  });
});

test("10,000 calls in one reply are all answered, in the order asked", async () => {
  const toolCalls = Array.from({ length: 10_000 }, (_, n) => ({ name: n % 10 === 0 ? "none" : "tool_0", args: { n } }));
  const { records, replies } = await run(toolCalls, [async ({ n }: JsonObject) => n]);
  expect(
    replies.map(({ content }, n) => content === String(n) || (n % 10 === 0 && content.startsWith("There is no"))),
  ).toEqual(toolCalls.map(() => true));
  expect(records.filter(({ event }) => event === "tool_end")).toHaveLength(10_000);
});
