import type { EventRecord, JsonObject, LLMProcess, RunOptions, ToolContext } from "llmproc";
import { LLMProgram, tool, Veto } from "llmproc";
import { scripted } from "llmproc/testing";
import { expect, test } from "vitest";
import { anyTool, expectWellFormed, gate, inTime, recordsOf, settled } from "./harness.ts";

/** Children at work, three of them and one of theirs: each hangs in a tool that ignores its signal. */
function family() {
  const reached = gate();
  let hanging = 0;
  const hang = anyTool("hang", () => {
    if (++hanging === 3) reached.open();
    return new Promise(() => {});
  });
  const script = {
    root: [{ toolCalls: [{ name: "fork", args: { prompts: ["a", "b"] } }] }, { text: "done" }],
    child: [
      { toolCalls: [{ name: "fork", args: { prompts: ["c"] } }, { name: "hang" }] },
      { toolCalls: [{ name: "hang" }] },
      { toolCalls: [{ name: "hang" }] },
    ],
  };
  return { reached, model: scripted(script), hang };
}

/**
 * What is out of order: a child's process_end must come before the tool_end of the call that made it, and after its own
 * run_end; and so must those of its children.
 */
function outOfOrder(records: readonly EventRecord[]): string[] {
  const place = (event: string, id: string, callId?: string) =>
    records.findIndex((one) => one.event === event && one.process.id === id && (callId ?? one.callId) === one.callId);
  return records.flatMap((record) => {
    const { parentId, id } = record.process;
    if (record.event !== "process_start" || parentId === undefined || record.callId === undefined) return [];
    const ends = [place("run_end", id), place("process_end", id), place("tool_end", parentId, record.callId)];
    const inOrder = ends.every((end, index) => end !== -1 && end > (ends[index - 1] ?? -1));
    return inOrder ? [] : [`${id}: run_end, process_end and the parent's tool_end at ${ends.join()}`];
  });
}

const WAYS: readonly [
  how: string,
  end: (proc: LLMProcess, aborter: AbortController) => unknown,
  options?: RunOptions,
][] = [
  ["an abort", (_proc, aborter) => aborter.abort()],
  ["its time limit", () => undefined, { limits: { wallMs: 400 } }],
  ["close()", (proc) => proc.close()],
];

test.each(WAYS)(
  "when %s ends a run with children at work, each has ended before its parent's tool_end",
  async (...row) => {
    const [, end, options = {}] = row;
    const { reached, model, hang } = family();
    const proc = await new LLMProgram({ model, tools: ["fork", hang] }).start();
    const records = recordsOf(proc);
    const aborter = new AbortController();
    const run = proc.run("go", { ...options, signal: aborter.signal }).catch((error: unknown) => error);
    await Promise.race([reached.opened, run]);
    const ending = end(proc, aborter);
    await inTime(run);
    await ending;
    expect(records.filter(({ event }) => event === "process_start").length).toBeGreaterThan(1);
    expect(outOfOrder(records)).toEqual([]);
    expectWellFormed(proc.messages);
  },
);

test("so it is when a run is stopped, once its children have come to their end", async () => {
  const { reached, model } = family();
  const go = gate();
  let hanging = 0;
  const wait = anyTool("hang", async () => {
    if (++hanging === 3) reached.open();
    await go.opened;
  });
  const proc = await new LLMProgram({ model, tools: ["fork", wait] }).start();
  const records = recordsOf(proc);
  const run = proc.run("go");
  await reached.opened;
  proc.stop();
  go.open();
  expect(await inTime(run)).toMatchObject({ stopReason: "stopped" });
  expect(outOfOrder(records)).toEqual([]);
});

/** A tool that starts two children, and fails in some way while one of them is at work. */
function carelessTool(fail: (context: ToolContext, reached: Promise<void>) => unknown, timeoutMs?: number) {
  const reached = gate();
  const hang = anyTool("hang", () => {
    reached.open();
    return new Promise(() => {});
  });
  const careless = tool({
    name: "careless",
    description: "Starts children.",
    parameters: { type: "object", additionalProperties: true },
    ...(timeoutMs !== undefined && { timeoutMs }),
    async execute(_args: JsonObject, context) {
      for (let count = 0; count < 2; count++) {
        const child = await context.process.forkProcess();
        child.run("go").catch(() => {});
      }
      return fail(context, reached.opened);
    },
  });
  const script = {
    root: [{ toolCalls: [{ name: "careless" }] }, { text: "done" }],
    child: [{ toolCalls: [{ name: "hang" }] }, { toolCalls: [{ name: "hang" }] }],
  };
  return { program: new LLMProgram({ model: scripted(script), tools: [careless, hang] }), reached: reached.opened };
}

const FAILURES: readonly [
  how: string,
  fail: (context: ToolContext, reached: Promise<void>) => unknown,
  timeoutMs?: number,
][] = [
  [
    "throws",
    async (_context, reached) => {
      await reached;
      throw new Error("one of them failed");
    },
  ],
  ["runs out of time", () => new Promise(() => {}), 300],
];

test.each(FAILURES)("a tool that %s leaves no child at work behind its tool_end", async (_how, fail, timeoutMs) => {
  const { program } = carelessTool(fail, timeoutMs);
  const proc = await program.start();
  const records = recordsOf(proc);
  expect(await inTime(proc.run("go"))).toMatchObject({ stopReason: "end" });
  expect(records.filter(({ event }) => event === "process_start")).toHaveLength(3);
  expect(outOfOrder(records)).toEqual([]);
});

test("a tool that goes on after its time can start no child any more", async () => {
  const outcome = gate();
  let said: unknown;
  const late = tool({
    name: "late",
    description: "Asks for a child too late.",
    parameters: { type: "object" },
    timeoutMs: 20,
    async execute(_args, { signal, process }) {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      await settled();
      said = await (async () => process.forkProcess())().catch((error: unknown) => error);
      outcome.open();
    },
  });
  const wait = anyTool("wait", () => outcome.opened);
  const model = scripted([{ toolCalls: [{ name: "late" }, { name: "wait" }] }, { text: "done" }]);
  const proc = await new LLMProgram({ model, tools: [late, wait] }).start();
  const records = recordsOf(proc);
  await inTime(proc.run("go"));
  expect(said).toMatchObject({ code: "call_over" });
  expect(records.filter(({ event }) => event === "process_start")).toHaveLength(1);
});

test("a guard that refuses a child, and one that ends a child's run, leave the order as it is", async () => {
  const script = {
    root: [{ toolCalls: [{ name: "fork", args: { prompts: ["a", "b", "c"] } }] }, { text: "done" }],
    child: [{ text: "1" }, { text: "2" }, { text: "3" }],
  };
  const proc = await new LLMProgram({ model: scripted(script), tools: ["fork"] }).start();
  const records = recordsOf(proc);
  proc.on("process_start", (child) => {
    if (child.id.endsWith(".1")) throw new Error("not this one");
  });
  proc.on("turn_start", (child) => {
    if (child.id.endsWith(".2")) throw new Error("not now");
  });
  expect(await inTime(proc.run("go"))).toMatchObject({ stopReason: "end" });
  const started = records.filter(({ process: { id } }) => !id.endsWith(".1"));
  expect(outOfOrder(started)).toEqual([]);
  const refused = records.flatMap(({ event, process: { id } }) => (id.endsWith(".1") ? [event] : []));
  expect(refused).toEqual(["process_start", "process_end"]);
  const ends = records.flatMap(({ event, process: { depth } }, place) => {
    return (event === "process_end" && depth === 1) || (event === "tool_end" && depth === 0) ? [[event, place]] : [];
  });
  expect(ends.at(-1)?.[0]).toBe("tool_end");
});

test("a guard that refuses a child which was closed meanwhile counts, and no end can tell of it", async () => {
  const asked = gate();
  const go = gate();
  const impatient = anyTool("impatient", async (_args, { process }) => {
    void Promise.resolve(process.forkProcess()).catch(() => {});
    await asked.opened;
    throw new Error("no more time");
  });
  const model = scripted([{ toolCalls: [{ name: "impatient" }] }, { text: "done" }]);
  const proc = await new LLMProgram({ model, tools: [impatient] }).start();
  proc.on("process_start", async ({ depth }) => {
    if (depth === 0) return;
    asked.open();
    await go.opened;
    throw new Veto("too late");
  });
  const ended: string[] = [];
  proc.on("process_end", ({ depth }, info) => {
    ended.push(`${depth} ${info.veto?.reason}`);
    go.open();
  });
  const result = await proc.run("go");
  expect(ended).toEqual(["1 undefined"]);
  expect(result.vetoes).toMatchObject([{ event: "process_start", reason: "too late" }]);
});
