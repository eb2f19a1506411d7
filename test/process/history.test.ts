import type { Message } from "llmproc";
import { LLMProgram } from "llmproc";
import { scripted } from "llmproc/testing";
import { expect, test } from "vitest";
import { anyTool, expectWellFormed, failureOf } from "./harness.ts";

const echo = anyTool("echo", () => "ok");

function isDeeplyFrozen(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  return Object.isFrozen(value) && Object.values(value).every(isDeeplyFrozen);
}

test("messages are deeply frozen, and the list is the same until something is added", async () => {
  const proc = await new LLMProgram({
    model: scripted([{ text: "a", toolCalls: [{ name: "echo", args: { deep: { list: [1] } } }] }, { text: "b" }], {
      repeat: true,
    }),
    tools: [echo],
  }).start();
  await proc.run([
    { type: "text", text: "x" },
    { type: "image", mediaType: "image/png", data: "AAAA" },
  ]);
  const before = proc.messages;
  expect(isDeeplyFrozen(before)).toBe(true);
  expect(proc.messages).toBe(before);
  await proc.run("y");
  expect(before).toHaveLength(4);
  expect(proc.messages).toHaveLength(8);
  expect(proc.messages[0]).toBe(before[0]);
});

test("run() takes blocks, copies them, and leaves the caller's own as they are", async () => {
  const blocks = [
    { type: "text" as const, text: "what is this?" },
    { type: "image" as const, mediaType: "image/png", data: "AAAA" },
    { type: "file" as const, mediaType: "application/pdf", data: "BBBB", name: "a.pdf" },
  ];
  const given = structuredClone(blocks);
  const proc = await new LLMProgram({ model: scripted([{ text: "a" }]) }).start();
  const prompts: unknown[] = [];
  proc.on("run_start", (_process, prompt) => prompts.push(prompt));
  const run = proc.run(blocks);
  blocks.splice(1, 2);
  await run;
  expect(Object.isFrozen(blocks)).toBe(false);
  expect(prompts).toEqual([given]);
  expect(proc.messages[0]).toEqual({ role: "user", content: given });
});

test("a text prompt becomes one block of text", async () => {
  const proc = await new LLMProgram({ model: scripted([{ text: "a" }]) }).start();
  await proc.run("hello");
  expect(proc.messages[0]).toEqual({ role: "user", content: [{ type: "text", text: "hello" }] });
});

test("a process that is given messages goes on with them, with its own frozen copy", async () => {
  const first = await new LLMProgram({
    model: scripted([{ toolCalls: [{ name: "echo" }] }, { text: "a" }]),
    tools: [echo],
  }).start();
  await first.run("x");
  const stored = JSON.parse(JSON.stringify(first.messages)) as Message[];
  let sent: readonly Message[] = [];
  const model = scripted([
    ({ messages }) => {
      sent = messages;
      return { text: "b" };
    },
  ]);
  const second = await new LLMProgram({ model }).start({ messages: stored });
  expect(second.messages).toEqual(first.messages);
  expect(second.lastMessage).toBe("a");
  stored.pop();
  await second.run("y");
  expect(sent.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "assistant", "user"]);
  expect(isDeeplyFrozen(second.messages)).toBe(true);
  expect(Object.isFrozen(stored[0])).toBe(false);
  expectWellFormed(second.messages);
});

test("every request carries the whole conversation so far", async () => {
  const lengths: number[] = [];
  const model = scripted(
    [
      ({ messages }) => {
        lengths.push(messages.length);
        return lengths.length % 2 === 1 ? { toolCalls: [{ name: "echo" }] } : { text: "done" };
      },
    ],
    { repeat: true },
  );
  const proc = await new LLMProgram({ model, tools: [echo] }).start();
  await proc.run("x");
  await proc.run("y");
  expect(lengths).toEqual([1, 3, 5, 7]);
});

test("a prompt that got no reply leaves the conversation; what came before it stays", async () => {
  const model = scripted([{ text: "a" }, { error: { status: 400 } }, { text: "b" }]);
  const proc = await new LLMProgram({ model }).start();
  await proc.run("first");
  const before = proc.messages;
  await failureOf(proc.run("lost"));
  expect(proc.messages).toEqual(before);
  await proc.run("third");
  expect(JSON.stringify(proc.messages)).not.toContain("lost");
  expectWellFormed(proc.messages);
});

test("a run that fails after its first turn keeps the turns that it finished", async () => {
  const model = scripted([{ toolCalls: [{ name: "echo" }] }, { error: { status: 400 } }, { text: "on" }]);
  const proc = await new LLMProgram({ model, tools: [echo] }).start();
  await failureOf(proc.run("x"));
  expect(proc.messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool"]);
  expect((await proc.run("y")).lastMessage).toBe("on");
});

test("callbacks see complete turns only, while the process runs", async () => {
  const model = scripted([{ text: "a", toolCalls: [{ name: "echo" }] }, { text: "b" }]);
  const proc = await new LLMProgram({ model, tools: [echo] }).start();
  const seen: string[] = [];
  proc.on("turn_end", ({ messages }) => seen.push(messages.map(({ role }) => role).join(" ")));
  proc.on("tool_start", (_name, _args, { process }) => seen.push(process.messages.map(({ role }) => role).join(" ")));
  await proc.run("x");
  expect(seen).toEqual(["user", "user assistant tool", "user assistant tool assistant"]);
});
