import type { LLMProcess, ToolReply } from "llmproc";
import { LLMProgram } from "llmproc";
import type { ScriptedReply, ScriptedStep } from "llmproc/testing";
import { checkEvents, scripted } from "llmproc/testing";
import { describe, expect, test } from "vitest";
import { isExhaustive } from "../support/sample.ts";
import { anyTool, expectWellFormed, failureOf, inTime, recordsOf } from "./harness.ts";

const forks = (count: number): ScriptedReply => {
  const prompts = Array.from({ length: count }, (_, place) => `part ${place}`);
  return { toolCalls: [{ name: "fork", args: { prompts } }] };
};
const repliesOf = (proc: LLMProcess) => proc.messages.flatMap(({ role, content }) => (role === "tool" ? content : []));
const starts = (proc: LLMProcess) => {
  const ids: string[] = [];
  proc.on("process_start", ({ id, depth }) => depth > 0 && ids.push(id));
  return ids;
};

describe("children of a run", () => {
  test("over the limit are refused with words that the model can act on, and the others do their part", async () => {
    const model = scripted({ root: [forks(4), { text: "done" }], child: [{ text: "c" }, { text: "c" }] });
    const proc = await new LLMProgram({ model, tools: ["fork"], limits: { children: 2 } }).start();
    const records = recordsOf(proc);
    expect((await proc.run("x")).lastMessage).toBe("done");
    const [reply] = repliesOf(proc) as ToolReply[];
    const refused = `Run ${proc.id}.r1 may make 2 children, theirs among them, and has made them: do the rest yourself. ([limits] children = 2)`;
    expect(JSON.parse(reply?.content ?? "")).toEqual([
      { id: 0, message: "c" },
      { id: 1, message: "c" },
      { id: 2, error: refused },
      { id: 3, error: refused },
    ]);
    expect(reply?.isError).toBe(false);
    await proc.close();
    expect(checkEvents(records)).toEqual([]);
  });

  test("count until the run is over, also when they are closed; the next run may make as many", async () => {
    const model = scripted({
      root: [forks(2), forks(2), { text: "a" }, forks(2), forks(2), { text: "b" }],
      child: Array.from({ length: 6 }, () => ({ text: "c" })),
    });
    const proc = await new LLMProgram({ model, tools: ["fork"], limits: { children: 3 } }).start();
    const made = starts(proc);
    await proc.run("x");
    expect(made).toHaveLength(3);
    await proc.run("y");
    expect(made).toHaveLength(6);
  });

  test("count with theirs: the limit is that of the whole tree below the run", async () => {
    const child: ScriptedStep = ({ depth, messages }) =>
      depth === 1 && messages.at(-1)?.role === "user" ? forks(1) : { text: "c" };
    const model = scripted({ root: [forks(2), { text: "done" }], child: [child, child, child, child, child] });
    const proc = await new LLMProgram({ model, tools: ["fork"], limits: { children: 3 } }).start();
    const made = starts(proc);
    await proc.run("x");
    expect(made.map((id) => id.slice(proc.id.length))).toEqual([".1", ".2", ".1.1"]);
    expect(model.unused).toBe(0);
  });

  test("a tool of the host reads the same error, with its code", async () => {
    const codes: unknown[] = [];
    const make = anyTool("make", async (_args, { process }) => {
      for (const child of [() => process.forkProcess(), () => process.spawnProcess()]) {
        await Promise.resolve(child()).catch((error: { code?: unknown }) => codes.push(error.code));
      }
    });
    const model = scripted([{ toolCalls: [{ name: "make" }] }, { text: "done" }]);
    const proc = await new LLMProgram({ model, tools: [make], limits: { children: 0 } }).start();
    await proc.run("x");
    expect(codes).toEqual(["child_limit", "child_limit"]);
  });

  test("a spawned program's own limit holds for it, and that of the program that spawned it, too", async () => {
    const made = async (outer: number, inner: number) => {
      const linked = new LLMProgram({
        name: "inner",
        model: scripted([forks(3), { text: "c" }, { text: "c" }, { text: "c" }, { text: "c" }]),
        tools: ["fork"],
        limits: { children: inner },
      });
      const program = new LLMProgram({
        model: scripted([
          { toolCalls: [{ name: "spawn", args: { prompt: "go", program_name: "inner" } }] },
          { text: "done" },
        ]),
        tools: ["spawn"],
        limits: { children: outer },
        linkedPrograms: { inner: linked },
      });
      const proc = await program.start();
      const ids = starts(proc);
      await proc.run("x");
      return ids.length - 1;
    };
    expect(await made(10, 2)).toBe(2);
    expect(await made(3, 10)).toBe(2);
  });
});

describe("children made by the host", () => {
  const program = (children: number) => new LLMProgram({ model: scripted([]), limits: { children } });

  test("count while they are open: closing one makes room for another", async () => {
    const proc = await program(2).start();
    const first = await proc.forkProcess();
    await proc.forkProcess();
    await expect(Promise.resolve(proc.forkProcess())).rejects.toMatchObject({
      name: "LLMProcError",
      code: "child_limit",
      message: `Process ${proc.id} may have 2 children open at once, theirs among them, and has them. Close some, or raise [limits] children.`,
    });
    await first.close();
    const third = await proc.forkProcess();
    await expect(Promise.resolve(third.forkProcess())).rejects.toMatchObject({ code: "child_limit" });
    await proc.close();
  });

  test("asked for all at once, no more are made than there may be", async () => {
    const proc = await program(5).start();
    const made = await Promise.allSettled(Array.from({ length: 20 }, () => proc.forkProcess()));
    expect(made.filter(({ status }) => status === "fulfilled")).toHaveLength(5);
  });

  test("a child that a callback refuses takes no room", async () => {
    const proc = await program(1).start();
    const off = proc.on("process_start", () => {
      throw new Error("no");
    });
    await expect(Promise.resolve(proc.forkProcess())).rejects.toMatchObject({ code: "child_denied" });
    off();
    await proc.forkProcess();
  });

  test("1,000 forks of one process, run at the same time, and the next is refused", async () => {
    const model = scripted([{ text: "c" }], { repeat: true });
    const proc = await new LLMProgram({ model, limits: { children: 1000 } }).start();
    const children = await Promise.all(Array.from({ length: 1000 }, () => proc.forkProcess()));
    const results = await inTime(Promise.all(children.map((child, place) => child.run(`task ${place}`))), 15_000);
    expect(results.every(({ lastMessage }) => lastMessage === "c")).toBe(true);
    expect(proc.usage.apiCalls).toBe(1000);
    await expect(Promise.resolve(proc.forkProcess())).rejects.toMatchObject({ code: "child_limit" });
    await proc.close();
  });
});

describe("depth", () => {
  test("fifty deep, each child made by a tool of the one above it, and no deeper", async () => {
    const model = scripted([({ depth }) => (depth < 60 ? forks(1) : { text: "the bottom" })], { repeat: true });
    const limits = { depth: 50, turns: 1 };
    const proc = await new LLMProgram({ model, tools: ["fork"], limits }).start();
    const records = recordsOf(proc);
    await inTime(failureOf(proc.run("x")), 15_000);
    expect(Math.max(...records.map(({ process }) => process.depth))).toBe(50);
    expect(JSON.stringify(records.findLast(({ process }) => process.depth === 50))).toContain("process_end");
    const refused = records.find(({ event, process }) => event === "tool_end" && process.depth === 50);
    expect(JSON.stringify(refused)).toContain(`Children may be 50 deep below process ${proc.id}`);
    await proc.close();
    expect(checkEvents(records)).toEqual([]);
  });

  test("counts from the process whose limit it is, and the strictest above holds", async () => {
    const proc = await new LLMProgram({ model: scripted([]), limits: { depth: 2 } }).start();
    const child = await proc.forkProcess();
    const grandchild = await child.forkProcess();
    await expect(Promise.resolve(grandchild.forkProcess())).rejects.toMatchObject({
      code: "child_limit",
      message: expect.stringContaining(`2 deep below process ${proc.id}`),
    });
  });
});

test("a model that does nothing but fork comes to an end by the limits, and leaves nothing", async () => {
  const model = scripted([forks(2)], { repeat: true });
  // The soak tries the limits that hold without any: 200 children take their time.
  const children = isExhaustive ? 200 : 50;
  const limits = isExhaustive ? {} : { children, depth: 6 };
  const proc = await new LLMProgram({ model, tools: ["fork"], limits }).start();
  const records = recordsOf(proc);
  const error = await inTime(failureOf(proc.run("x")), 50_000);
  expect(error.stopReason).toBe("turn_limit");
  const started = records.filter(({ event }) => event === "process_start");
  expect(started).toHaveLength(children + 1);
  expect(records.filter(({ event }) => event === "process_end")).toHaveLength(children);
  expect(error.result.processes).toHaveLength(children + 1);
  const contents = repliesOf(proc).map(({ content }) => content);
  expect(contents.at(-1)).toContain(`may make ${children} children`);
  expectWellFormed(proc.messages);
  await proc.close();
  expect(checkEvents(records)).toEqual([]);
});

test.each(["children", "depth"] as const)("no %s at all is said in words that make sense", async (key) => {
  const proc = await new LLMProgram({ model: scripted([]), limits: { [key]: 0 } }).start();
  await expect(proc.forkProcess()).rejects.toMatchObject({
    code: "child_limit",
    message: `Process ${proc.id} may have no children: do it yourself. ([limits] ${key} = 0)`,
  });
});
