import type { EventRecord } from "llmproc";
import { answer, LLMProgram, RunError, replaceArgs, tool, Veto } from "llmproc";
import { scripted } from "llmproc/testing";
import { expect, test } from "vitest";
import { failureOf } from "./harness.ts";

const add = tool({
  name: "add",
  description: "Adds two numbers.",
  parameters: { type: "object", properties: { a: { type: "number" }, b: { type: "number" } }, required: ["a", "b"] },
  execute: ({ a, b }) => a + b,
});

// The checker of plain JSON Schema is loaded with the first call, which comes later for it.
await add.check({ a: 1, b: 1 });

const twoSums = () =>
  scripted([
    {
      text: "adding",
      toolCalls: [
        { name: "add", args: { a: 1, b: 2 } },
        { name: "add", args: { a: 3, b: 4 } },
      ],
    },
    { text: "3 and 7", usage: { inputTokens: 900, outputTokens: 12 } },
  ]);

const priced = { inputUsdPerMillion: 3, outputUsdPerMillion: 15 };

test("a run calls the tools that the model asks for and ends with its answer", async () => {
  const program = new LLMProgram({ model: twoSums(), tools: [add], pricing: priced });
  const proc = await program.start();
  const result = await proc.run("Add.");
  expect(result).toMatchObject({
    stopReason: "end",
    lastMessage: "3 and 7",
    apiCalls: 2,
    toolCalls: 2,
    totalTokens: 912,
  });
  expect(result.usdCost).toBeCloseTo((900 * 3 + 12 * 15) / 1e6, 12);
  expect(proc.messages.map((message) => message.role)).toEqual(["user", "assistant", "tool", "assistant"]);
  expect(proc.messages[2]?.content).toMatchObject([{ content: "3", isError: false }, { content: "7" }]);
});

test("the events of a run come in the order of the grammar", async () => {
  const program = new LLMProgram({ model: twoSums(), tools: [add] });
  const proc = await program.start();
  const events: string[] = [];
  proc.on("*", ({ event }) => events.push(event));
  await proc.run("Add.");
  await proc.close();
  expect(events.filter((event) => event !== "response_delta")).toEqual([
    ...["process_start", "run_start"],
    ...["turn_start", "api_request", "api_response", "response"],
    ...["tool_start", "tool_result", "tool_end", "tool_start", "tool_result", "tool_end", "turn_end"],
    ...["turn_start", "api_request", "api_response", "response", "turn_end"],
    ...["run_end", "process_end"],
  ]);
});

test("a second run() while one is under way rejects at once", async () => {
  const program = new LLMProgram({ model: scripted([{ text: "a", delayMs: 20 }]) });
  const proc = await program.start();
  const first = proc.run("one");
  await expect(proc.run("two")).rejects.toMatchObject({ code: "process_busy" });
  expect((await first).lastMessage).toBe("a");
});

test("a run that reaches its turns rejects with the partial result", async () => {
  const program = new LLMProgram({
    model: scripted([{ toolCalls: [{ name: "add", args: { a: 1, b: 1 } }] }], { repeat: true }),
    tools: [add],
  });
  const proc = await program.start();
  const error = await proc.run("loop", { maxIterations: 3 }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(RunError);
  expect(error).toMatchObject({
    stopReason: "turn_limit",
    result: { apiCalls: 3, toolCalls: 3, stopReason: "turn_limit" },
  });
});

for (const how of ["sync", "async"] as const) {
  test(`the specification's cost monitor, ${how}, stops the run before the next request`, async () => {
    const model = scripted(
      [{ toolCalls: [{ name: "add", args: { a: 1, b: 1 } }], usage: { inputTokens: 1_000_000, outputTokens: 0 } }],
      { repeat: true },
    );
    const program = new LLMProgram({ model, tools: [add], pricing: priced });
    const limit = new Error("cost");
    const check = (cost: number) => {
      if (cost > 5) throw limit;
    };
    const monitor =
      how === "sync"
        ? { turn_start: (_process: unknown, runResult: { usdCost: number }) => check(runResult.usdCost) }
        : {
            turn_start: async (_process: unknown, runResult: { usdCost: number }) => {
              await null;
              check(runResult.usdCost);
            },
          };
    const proc = await program.start().addCallback(monitor);
    const error = await proc.run("spend").catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ stopReason: "callback", cause: limit, result: { apiCalls: 2, usdCost: 6 } });
  });
}

test("a veto of a tool gives the model its reason, and the run goes on", async () => {
  const program = new LLMProgram({ model: twoSums(), tools: [add] });
  const proc = await program.start();
  proc.addCallback(
    {
      tool_start(_name: string, args: { readonly a?: unknown }) {
        if (args.a === 1) throw new Veto("not one");
      },
    },
    { name: "guard" },
  );
  const result = await proc.run("Add.");
  expect(proc.messages[2]?.content).toMatchObject([
    { content: "not one", isError: true },
    { content: "7", isError: false },
  ]);
  expect(result.vetoes).toMatchObject([
    { event: "tool_start", callback: "guard", reason: "not one", toolName: "add", callId: "call_1_1" },
  ]);
});

test("a guard may answer in the tool's place, or change its arguments", async () => {
  const program = new LLMProgram({ model: twoSums(), tools: [add] });
  const proc = await program.start();
  const ends: EventRecord[] = [];
  proc.on("tool_start", (_name, { a }) => (a === 1 ? answer({ cached: 99 }) : replaceArgs({ a: 10, b: 20 })), {
    name: "cache",
  });
  proc.on("*", (record) => record.event === "tool_end" && ends.push(record));
  await proc.run("Add.");
  expect(proc.messages[2]?.content).toMatchObject([{ content: '{"cached":99}' }, { content: "30" }]);
  expect(ends).toMatchObject([{ answeredBy: "cache" }, { replacedBy: "cache", replacedArgs: { a: 10, b: 20 } }]);
});

test("a call that cannot run has its pair, and guards' answers to it are ignored", async () => {
  const model = scripted([{ toolCalls: [{ name: "nope" }, { name: "add", args: { a: "x", b: 1 } }] }, { text: "ok" }]);
  const proc = await new LLMProgram({ model, tools: [add] }).start();
  const invalid: unknown[] = [];
  proc.on("tool_start", (_name, _args, info) => {
    invalid.push(info.invalid);
    return answer("no");
  });
  await proc.run("go");
  expect(invalid).toHaveLength(2);
  expect(invalid[0]).toContain("nope");
  const [, , results] = proc.messages;
  expect(results?.content).toMatchObject([{ isError: true }, { isError: true }]);
});

test("what run_end says and what run() settles with are one object, however the run ends", async () => {
  const results: unknown[] = [];
  const model = scripted([{ text: "fine" }, { error: { status: 400 } }, { text: "cut", stopReason: "max_tokens" }]);
  const proc = await new LLMProgram({ model }).start();
  proc.on("run_end", async (_process, result) => {
    // Draining takes time, and is in no duration.
    await new Promise((resolve) => setTimeout(resolve, 5));
    results.push(result);
  });
  const settled: unknown[] = [await proc.run("a")];
  settled.push((await failureOf(proc.run("b"))).result, await proc.run("c"));
  const off = proc.on("turn_start", () => {
    throw new Error("no");
  });
  settled.push((await failureOf(proc.run("d"))).result);
  off();
  const abort = new AbortController();
  abort.abort();
  settled.push((await failureOf(proc.run("e", { signal: abort.signal }))).result);
  expect(results).toHaveLength(5);
  for (const [place, result] of results.entries()) expect(result).toBe(settled[place]);
});
