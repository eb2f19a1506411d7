import type { EventRecord, JsonObject, LLMProcess, Model } from "llmproc";
import { answer, LLMProgram, replaceArgs, tool } from "llmproc";
import { scripted } from "llmproc/testing";
import { describe, expect, test } from "vitest";
import { anyTool, customModel, expectWellFormed, inTime, recordsOf, textReply } from "./harness.ts";

const DEPTHS = [300, 5000, 100_000];

/** Nested so deep, lists and objects in turn. */
function deep(levels: number): JsonObject {
  let value: JsonObject | readonly JsonObject[] = { end: true };
  for (let level = levels - 1; level > 0; level--) value = level % 2 === 0 ? [value as JsonObject] : { a: value };
  // The outermost is an object.
  return value as JsonObject;
}

interface Outcome {
  readonly proc: LLMProcess;
  readonly ran: unknown[];
  readonly records: readonly EventRecord[];
}

async function play(model: Model, prepare: (proc: LLMProcess) => unknown = () => {}): Promise<Outcome> {
  const ran: unknown[] = [];
  const checked = tool({
    name: "checked",
    description: "Has a schema that refers to itself.",
    parameters: {
      type: "object",
      properties: { a: { $ref: "#/$defs/any" } },
      $defs: { any: { anyOf: [{ type: "array", items: { $ref: "#/$defs/any" } }, { type: "object" }] } },
    } as never,
    execute: (args) => ran.push(args),
  });
  const work = anyTool("work", (args) => ran.push(args));
  const proc = await new LLMProgram({ model, tools: [work, checked], retry: { maxAttempts: 1 } }).start();
  const records = recordsOf(proc);
  prepare(proc);
  expect(await inTime(proc.run("go"), 20_000)).toMatchObject({ stopReason: "end", lastMessage: "done" });
  // Whoever stores them writes them as JSON, and the conversation goes on.
  JSON.stringify(records);
  JSON.stringify(proc.messages);
  expectWellFormed(proc.messages);
  expect(await inTime(proc.run("and on"), 20_000)).toMatchObject({ stopReason: "end" });
  return { proc, ran, records };
}

const calling = (args: JsonObject) => [
  { toolCalls: ["work", "checked", "unknown"].map((name) => ({ name, args })) },
  { text: "done" },
  { text: "more" },
];

describe.each(DEPTHS)("nested %i levels deep", (levels) => {
  test("arguments are an error that the model reads, and the conversation goes on", async () => {
    const { ran, proc, records } = await play(scripted(calling(deep(levels))));
    expect(ran).toEqual([]);
    const starts = records.flatMap((record) => (record.event === "tool_start" ? [record.invalid] : []));
    expect(starts.slice(0, 2)).toEqual(Array(2).fill(expect.stringContaining("nested more than 256 levels")));
    expect(JSON.stringify(proc.messages[2])).toContain("Nest them less");
  });

  test("whatever a model written by hand replies with breaks nothing", async () => {
    const replies = [
      {
        ...textReply("so deep"),
        content: [deep(levels), { type: "tool_call", id: "c1", name: "work", args: deep(levels) }],
        response: deep(levels),
        toolCalls: [{ id: "c1", name: "work", args: deep(levels) }],
        stopReason: "tool_use" as const,
      },
      textReply("done"),
      textReply("more"),
    ];
    const model = customModel(async (io) => {
      await io.beforeSend({});
      return replies.shift() ?? textReply("no more");
    });
    const { ran } = await play(model);
    expect(ran).toEqual([]);
  });

  test("what a guard puts in a call's place is refused, or cut like a result", async () => {
    const call = [{ toolCalls: [{ name: "work" }] }, { text: "done" }, { text: "more" }];
    const replaced = await play(scripted(call), (proc) => proc.on("tool_start", () => replaceArgs(deep(levels))));
    expect(replaced.ran).toEqual([]);
    expect(JSON.stringify(replaced.proc.messages[2])).toContain("nested more than 256 levels");
    const answered = await play(scripted(call), (proc) => proc.on("tool_start", () => answer(deep(levels))));
    expect(answered.proc.messages[2]?.content).toMatchObject([{ isError: false }]);
  });

  test("a tool may return or throw it", async () => {
    for (const execute of [
      () => deep(levels),
      () => Promise.reject(deep(levels)),
      () => [new Map([["m", deep(levels)]])],
    ]) {
      const model = scripted([{ toolCalls: [{ name: "gives" }] }, { text: "done" }]);
      const proc = await new LLMProgram({ model, tools: [anyTool("gives", execute)] }).start();
      expect(await inTime(proc.run("go"), 20_000)).toMatchObject({ stopReason: "end" });
    }
  });

  test("a prompt, and a conversation to go on with, are refused by name", async () => {
    const program = new LLMProgram({ model: scripted([{ text: "fine" }]) });
    const proc = await program.start();
    const block = { type: "text", text: "x", more: deep(levels) };
    await expect(proc.run([block] as never)).rejects.toMatchObject({ code: "run_invalid" });
    const messages = [{ role: "user", content: [block] }] as never;
    const starting = (async () => program.start({ messages }))();
    await expect(starting).rejects.toMatchObject({ code: "conversation_invalid" });
    expect(await proc.run("go", { metadata: { deep: deep(levels) } })).toMatchObject({ stopReason: "end" });
  });
});

test("arguments of 250 levels are passed on as they are", async () => {
  const args = deep(250);
  const model = scripted([{ toolCalls: [{ name: "work", args }] }, { text: "done" }, { text: "more" }]);
  const { ran } = await play(model);
  expect(ran).toEqual([args]);
});
