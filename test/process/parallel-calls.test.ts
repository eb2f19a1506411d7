import type { ToolReply } from "llmproc";
import { LLMProgram, tool } from "llmproc";
import { scripted } from "llmproc/testing";
import { expect, test } from "vitest";
import { anyTool, expectWellFormed, failureOf, inTime, recordsOf, settled } from "./harness.ts";

const calls = (count: number) => ({
  toolCalls: Array.from({ length: count }, (_, place) => ({ name: "work", args: { place } })),
});

/** A tool that counts how many of it are under way; later calls are quicker. */
function worker() {
  const seen = { now: 0, most: 0 };
  const work = anyTool("work", async ({ place }) => {
    seen.most = Math.max(seen.most, ++seen.now);
    for (let wait = 0; wait < 3 - (Number(place) % 3); wait++) await settled();
    seen.now--;
    return `result ${Number(place)}`;
  });
  return { seen, work };
}

test("no more calls of a reply run at once than parallelCalls says, and results go back in the order asked", async () => {
  const { seen, work } = worker();
  const model = scripted([calls(20), { text: "done" }]);
  const proc = await new LLMProgram({ model, tools: [work], limits: { parallelCalls: 4 } }).start();
  let open = 0;
  let mostOpen = 0;
  proc.on("tool_start", () => {
    mostOpen = Math.max(mostOpen, ++open);
  });
  proc.on("tool_end", () => {
    open--;
  });
  const records = recordsOf(proc);
  expect(await inTime(proc.run("x"))).toMatchObject({ toolCalls: 20 });
  expect(seen.most).toBe(4);
  // The start of a call that waits comes when it starts.
  expect(mostOpen).toBe(4);
  const starts = records.flatMap(({ event, callId }) => (event === "tool_start" ? [callId] : []));
  expect(starts).toEqual(Array.from({ length: 20 }, (_, place) => `call_1_${place + 1}`));
  const replies = proc.messages[2]?.content as readonly ToolReply[];
  expect(replies.map(({ content }) => content)).toEqual(Array.from({ length: 20 }, (_, place) => `result ${place}`));
});

test("where a program says nothing, 50 calls run at once", async () => {
  const { seen, work } = worker();
  const model = scripted([calls(200), { text: "done" }]);
  await (await new LLMProgram({ model, tools: [work] }).start()).run("x");
  expect(seen.most).toBe(50);
});

test("an abort leaves the calls that wait unstarted, answered as interrupted", async () => {
  const { work } = worker();
  const model = scripted([calls(10), { text: "back" }]);
  const proc = await new LLMProgram({ model, tools: [work], limits: { parallelCalls: 3 } }).start();
  const records = recordsOf(proc);
  const aborter = new AbortController();
  const off = proc.on("tool_end", () => aborter.abort());
  await inTime(failureOf(proc.run("x", { signal: aborter.signal })));
  off();
  expect(records.filter(({ event }) => event === "tool_start")).toHaveLength(3);
  expect(records.filter(({ event }) => event === "tool_end")).toHaveLength(3);
  const replies = proc.messages[2]?.content as readonly ToolReply[];
  expect(replies.filter(({ content }) => content.startsWith("interrupted"))).toHaveLength(9);
  expectWellFormed(proc.messages);
  expect((await proc.run("y")).lastMessage).toBe("back");
  await proc.close();
});

test("stop() lets the calls that wait run to the last of them", async () => {
  const { work } = worker();
  const proc = await new LLMProgram({
    model: scripted([calls(10)]),
    tools: [work],
    limits: { parallelCalls: 3 },
  }).start();
  proc.on("tool_end", () => proc.stop());
  expect(await inTime(proc.run("x"))).toMatchObject({ stopReason: "stopped", toolCalls: 10 });
});

test("the limit of a process binds the programs that it spawns", async () => {
  const { seen, work } = worker();
  const inner = new LLMProgram({ model: scripted([calls(9), { text: "c" }]), tools: [work] });
  const proc = await new LLMProgram({
    model: scripted([{ toolCalls: [{ name: "spawn", args: { prompt: "go", program_name: "inner" } }] }, { text: "d" }]),
    tools: ["spawn"],
    limits: { parallelCalls: 2 },
    linkedPrograms: { inner },
  }).start();
  await proc.run("x");
  expect(seen.most).toBe(2);
});

/** A call whose arguments take so many turns of the event loop to be checked. */
function slowlyChecked(name: string, turns: number) {
  const validate = async (value: unknown) => {
    for (let turn = 0; turn < turns; turn++) await settled();
    return { value: value as { readonly [key: string]: unknown } };
  };
  const jsonSchema = { input: () => ({ type: "object" }), output: () => ({ type: "object" }) };
  return tool({
    name,
    description: name,
    parameters: { "~standard": { version: 1, vendor: "test", validate, jsonSchema } },
    execute: () => name,
  });
}

test.each([1, 2, 3, 50])(
  "calls begin in the order asked, whatever their checks take, %i at once",
  async (parallelCalls) => {
    const names = ["slow", "list_dir", "quick", "unknown", "slower", "calculator", "echo", "slow", "quick"];
    const toolCalls = names.map((name) => ({
      name,
      args: name === "quick" ? {} : { path: ".", expression: "1", x: 1 },
    }));
    const tools = [
      slowlyChecked("slow", 3),
      slowlyChecked("slower", 6),
      slowlyChecked("quick", 0),
      anyTool("echo", () => ""),
    ];
    const program = new LLMProgram({
      model: scripted([{ toolCalls }, { text: "done" }]),
      tools: [...tools, "list_dir", "calculator"],
      limits: { parallelCalls },
    });
    const proc = await program.start();
    const records = recordsOf(proc);
    await inTime(proc.run("go"));
    const starts = records.flatMap((record) => (record.event === "tool_start" ? [record.toolName] : []));
    expect(starts).toEqual(names);
    expect(records.filter(({ event }) => event === "tool_end")).toHaveLength(names.length);
  },
);
