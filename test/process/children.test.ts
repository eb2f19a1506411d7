import type { EventRecord, LLMProcess, Message } from "llmproc";
import { LLMProgram, Veto } from "llmproc";
import { scripted } from "llmproc/testing";
import { describe, expect, test } from "vitest";
import { anyTool, barrier, expectWellFormed, failureOf, gate, hangs, inTime, recordsOf, settled } from "./harness.ts";

const echo = anyTool("echo", ({ value }) => value ?? "ok");
const forkTwo = { toolCalls: [{ name: "fork", args: { prompts: ["a", "b"] } }] };
const pricing = { inputUsdPerMillion: 1, outputUsdPerMillion: 0 };
const short = (proc: LLMProcess, id: string) => id.slice(proc.id.length);

describe("a child forked by a tool in the middle of a turn", () => {
  test("sees the message that asked, with every call of it answered, and the parent is unharmed", async () => {
    const seen: (readonly Message[])[] = [];
    const model = scripted({
      root: [
        { text: "before" },
        {
          text: "forking",
          toolCalls: [{ name: "echo", args: { value: "e" } }, ...forkTwo.toolCalls, ...forkTwo.toolCalls],
        },
        { toolCalls: forkTwo.toolCalls },
        { text: "done" },
      ],
      child: Array.from({ length: 6 }, () => ({ messages }: { messages: readonly Message[] }) => {
        seen.push(messages);
        return { text: "c" };
      }),
    });
    const proc = await new LLMProgram({ model, tools: [echo, "fork"] }).start();
    await proc.run("first");
    expect((await proc.run("second")).lastMessage).toBe("done");
    expect(seen).toHaveLength(6);
    for (const messages of seen) expectWellFormed([...messages, { role: "assistant", content: [], text: "" }]);
    expect(seen[0]?.map(({ role }) => role)).toEqual(["user", "assistant", "user", "assistant", "tool", "user"]);
    expect(seen[0]?.[3]).toMatchObject({ text: "forking" });
    expect(seen[0]?.[4]?.content).toMatchObject([
      { callId: "call_2_1", toolName: "echo", content: expect.stringMatching(/parent/) },
      { callId: "call_2_2", toolName: "fork", content: expect.stringMatching(/child/) },
      { callId: "call_2_3", toolName: "fork", content: expect.stringMatching(/parent/) },
    ]);
    expect(seen[2]?.[4]?.content).toMatchObject([
      { content: expect.stringMatching(/parent/) },
      { content: expect.stringMatching(/parent/) },
      { content: expect.stringMatching(/child/) },
    ]);
    expect(proc.messages.map(({ role }) => role).join(" ")).toBe(
      "user assistant user assistant tool assistant tool assistant",
    );
    expect(proc.messages[4]?.content).toMatchObject([{ content: "e" }, { isError: false }, { isError: false }]);
    expectWellFormed(proc.messages);
  });

  test("shares the messages of its parent: a fork of 1,000 copies none", async () => {
    const model = scripted([{ text: "reply" }], { repeat: true });
    const proc = await new LLMProgram({ model }).start();
    for (let run = 0; run < 500; run++) await proc.run(`prompt ${run}`);
    const child = (await proc.forkProcess()) as LLMProcess;
    expect(child.messages).toHaveLength(1000);
    expect(child.messages.every((message, place) => message === proc.messages[place])).toBe(true);
    await child.run("child only");
    await proc.run("parent only");
    expect(child.messages.slice(0, 1000).every((message, place) => message === proc.messages[place])).toBe(true);
    expect(JSON.stringify(proc.messages)).not.toContain("child only");
    expect(JSON.stringify(child.messages)).not.toContain("parent only");
  });
});

test("children run at the same time, and the parent's callbacks hear each of them under its own name", async () => {
  const all = barrier(3);
  const meet = anyTool("meet", () => all());
  const prompts = ["a", "b", "c"];
  const model = scripted({
    root: [{ toolCalls: [{ name: "fork", args: { prompts } }] }, { text: "done" }],
    child: [...prompts.map(() => ({ toolCalls: [{ name: "meet" }] })), ...prompts.map((text) => ({ text }))],
  });
  const proc = await new LLMProgram({ model, tools: ["fork", meet] }).start();
  const heard = new Map<string, string[]>();
  proc.addCallback((event, ...args) => {
    const { process } = args.at(-1) as { process: { id: string } };
    heard.set(short(proc, process.id), [...(heard.get(short(proc, process.id)) ?? []), event]);
  });
  await inTime(proc.run("x"));
  expect([...heard.keys()]).toEqual(["", ".1", ".2", ".3"]);
  for (const id of [".1", ".2", ".3"]) {
    expect(heard.get(id)?.at(0)).toBe("process_start");
    expect(heard.get(id)?.at(-1)).toBe("process_end");
    expect(heard.get(id)).toContain("tool_end");
  }
});

test("a child's process_end reaches a slow callback before the tool_end of the call that made it", async () => {
  const model = scripted({ root: [forkTwo, { text: "done" }], child: [{ text: "1" }, { text: "2" }] });
  const proc = await new LLMProgram({ model, tools: ["fork"] }).start();
  const order: string[] = [];
  const calls = new Set<unknown>();
  proc.on(
    "*",
    async ({ event, process, callId }) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      if (event === "process_end" || event === "tool_end") order.push(`${event}${short(proc, process.id)}`);
      if (event === "process_end" || event === "tool_end") calls.add(callId);
    },
    { observe: true },
  );
  await proc.run("x");
  expect(order.toSorted().slice(0, 2)).toEqual(["process_end.1", "process_end.2"]);
  expect(order.at(-1)).toBe("tool_end");
  expect([...calls]).toEqual(["call_1_1"]);
});

test("a run's result holds the cost of its children, by process, and its vetoes", async () => {
  const usage = (inputTokens: number) => ({ usage: { inputTokens } });
  const model = scripted({
    root: [
      { ...forkTwo, ...usage(1000) },
      { text: "done", ...usage(2000) },
    ],
    child: [
      { toolCalls: [{ name: "echo" }], ...usage(100) },
      { toolCalls: [{ name: "echo" }], ...usage(200) },
      { text: "1", ...usage(10) },
      { text: "2", ...usage(20) },
    ],
  });
  const proc = await new LLMProgram({ model, tools: ["fork", echo], pricing }).start();
  proc.on("tool_start", (name) => {
    if (name === "echo") throw new Veto("no echo");
  });
  const result = await proc.run("x");
  expect(result).toMatchObject({ inputTokens: 3330, apiCalls: 6, toolCalls: 3 });
  expect(result.usdCost).toBeCloseTo(3330 / 1e6, 12);
  expect(result.processes.map(({ processId }) => short(proc, processId))).toEqual(["", ".1", ".2"]);
  expect(result.processes[0]).toMatchObject({ inputTokens: 3000, apiCalls: 2, toolCalls: 1 });
  const children = result.processes.slice(1);
  expect(children.reduce((sum, one) => sum + one.inputTokens, 0)).toBe(330);
  expect(children.reduce((sum, one) => sum + one.usdCost, 0)).toBeCloseTo(330 / 1e6, 12);
  expect(result.vetoes.map(({ processId, reason, toolName }) => [short(proc, processId), reason, toolName])).toEqual([
    [".1", "no echo", "echo"],
    [".2", "no echo", "echo"],
  ]);
  expect(proc.usage).toMatchObject({ inputTokens: 3330, apiCalls: 6, toolCalls: 3 });
});

test("children that the host makes count for the process's life, not for a run of it", async () => {
  const model = scripted([{ text: "a", usage: { inputTokens: 7 } }], { repeat: true });
  const proc = await new LLMProgram({ model, pricing }).start();
  expect(await proc.run("x")).toMatchObject({ inputTokens: 7 });
  const child = (await proc.forkProcess({ name: "helper" })) as LLMProcess;
  expect(child).toMatchObject({ name: "helper", parentId: proc.id, depth: 1, id: `${proc.id}.1` });
  expect(await child.run("y")).toMatchObject({ inputTokens: 7, runId: `${proc.id}.1.r1` });
  expect(proc.usage.inputTokens).toBe(14);
  expect(await proc.run("z")).toMatchObject({ inputTokens: 7, runId: `${proc.id}.r2` });
  expect(proc.usage.inputTokens).toBe(21);
});

test("a child that the host makes during a run sees the last complete turn only", async () => {
  const forks: Promise<string>[] = [];
  const model = scripted([{ toolCalls: [{ name: "echo" }] }, { text: "a" }]);
  const proc = await new LLMProgram({ model, tools: [echo] }).start();
  const fork = async () => (await proc.forkProcess()).messages.map(({ role }) => role).join(" ");
  proc.on("api_request", () => void forks.push(fork()));
  proc.on("tool_start", () => void forks.push(fork()));
  proc.on("turn_end", () => void forks.push(fork()));
  await proc.run("x");
  expect(await Promise.all(forks)).toEqual([
    "",
    "",
    "user assistant tool",
    "user assistant tool",
    "user assistant tool assistant",
  ]);
});

test("a spawned child has a conversation of its own", async () => {
  let seen: readonly Message[] = [];
  const model = scripted({
    root: [{ text: "secret", toolCalls: [{ name: "spawn", args: { prompt: "alone" } }] }, { text: "done" }],
    child: [
      ({ messages }) => {
        seen = messages;
        return { text: "from the child" };
      },
    ],
  });
  const proc = await new LLMProgram({ model, tools: ["spawn"] }).start();
  await proc.run("x");
  expect(seen).toMatchObject([{ role: "user", content: [{ text: "alone" }] }]);
  expect(proc.messages[2]?.content).toMatchObject([{ content: "from the child", isError: false }]);
});

describe("a child that may not start, or fails", () => {
  test("a veto of process_start denies it: the tool gets the error, the host too, and the parent goes on", async () => {
    const model = scripted({ root: [forkTwo, { text: "done" }], child: [{ text: "only" }] });
    const proc = await new LLMProgram({ model, tools: ["fork"] }).start();
    let asked = 0;
    proc.on(
      "process_start",
      async ({ depth }) => {
        if (depth > 0 && ++asked !== 2) throw new Veto("one child is enough");
      },
      { name: "keeper" },
    );
    const result = await proc.run("x");
    expect(result).toMatchObject({
      lastMessage: "done",
      vetoes: [
        { processId: `${proc.id}.1`, event: "process_start", callback: "keeper", reason: "one child is enough" },
      ],
    });
    expect(proc.messages[2]?.content).toMatchObject([{ content: expect.stringMatching(/one child is enough.*only/s) }]);
    await expect(Promise.resolve(proc.forkProcess())).rejects.toMatchObject({
      code: "child_denied",
      cause: { reason: "one child is enough" },
    });
  });

  for (const event of ["run_start", "turn_start", "api_request"] as const) {
    test(`a guard that throws at the child's ${event} gives the tool an error, and the parent goes on`, async () => {
      const model = scripted({ root: [forkTwo, { text: "done" }], child: [] });
      const proc = await new LLMProgram({ model, tools: ["fork"] }).start();
      proc.on(event, (...args: unknown[]) => {
        if ((args.at(-1) as { process: { depth: number } }).process.depth > 0) throw new Error("not below");
      });
      const result = await proc.run("x");
      expect(result).toMatchObject({ stopReason: "end", lastMessage: "done", vetoes: [{ event }, { event }] });
      expect(proc.messages[2]?.content).toMatchObject([
        { isError: true, content: expect.stringContaining("not below") },
      ]);
    });
  }

  test("a child whose request fails gives the tool an error, and the parent goes on", async () => {
    const model = scripted({
      root: [forkTwo, { text: "done" }],
      child: [{ error: { status: 400, message: "bad" } }, { text: "fine" }],
    });
    const proc = await new LLMProgram({ model, tools: ["fork"] }).start();
    expect((await proc.run("x")).lastMessage).toBe("done");
    expect(proc.messages[2]?.content).toMatchObject([{ isError: false, content: expect.stringMatching(/bad.*fine/s) }]);
  });
});

test("children that a tool abandons are aborted, and have ended before run_end", async () => {
  const under = gate();
  const runs: Promise<unknown>[] = [];
  const careless = anyTool("careless", async (_args, { process }) => {
    const busy = await process.forkProcess();
    runs.push(failureOf(busy.run("go")));
    await process.spawnProcess();
    await under.opened;
    return "left";
  });
  const model = scripted({
    root: [{ toolCalls: [{ name: "careless" }] }, { text: "done" }],
    child: [{ toolCalls: [{ name: "hang" }] }],
  });
  const proc = await new LLMProgram({ model, tools: [careless, anyTool("hang", hangs(under))] }).start();
  const records = recordsOf(proc);
  expect((await inTime(proc.run("x"))).stopReason).toBe("end");
  expect(await Promise.all(runs)).toMatchObject([{ stopReason: "aborted" }]);
  const ended = records.filter(({ event }) => event === "process_end" || event === "run_end");
  expect(ended.map(({ event, process }) => `${event}${short(proc, process.id)}`)).toEqual([
    "process_end.2",
    "run_end.1",
    "process_end.1",
    "run_end",
  ]);
});

describe("inheritance is live", () => {
  const program = () => new LLMProgram({ model: scripted([{ text: "a" }], { repeat: true }) });

  test("a callback added after the fork hears the child, until it is removed", async () => {
    const proc = await program().start();
    const child = (await proc.forkProcess()) as LLMProcess;
    const heard: string[] = [];
    const callback = {
      response: (_text: string, { process }: { process: { id: string } }) => heard.push(short(proc, process.id)),
    };
    proc.addCallback(callback);
    await child.run("x");
    proc.removeCallback(callback);
    await child.run("y");
    expect(heard).toEqual([".1"]);
  });

  test("inherit: false keeps a callback to its own process, and a child's is not heard above it", async () => {
    const proc = await program().start();
    const own: string[] = [];
    const below: string[] = [];
    proc.addCallback({ run_start: ({ id }) => own.push(short(proc, id)) }, { inherit: false });
    const child = (await proc.forkProcess()) as LLMProcess;
    child.addCallback({ run_start: ({ id }) => below.push(short(proc, id)) });
    const grandchild = (await child.forkProcess()) as LLMProcess;
    for (const one of [proc, child, grandchild]) await one.run("x");
    expect(own).toEqual([""]);
    expect(below).toEqual([".1", ".1.1"]);
  });
});

describe("ids", () => {
  test("are derived from the parent's, in the order of the calls, however long the starts take", async () => {
    const model = scripted([{ text: "a" }], { repeat: true });
    const proc = await new LLMProgram({ model }).start();
    let asked = 0;
    proc.on("process_start", async () => {
      for (let wait = asked++; wait < 3; wait++) await settled();
    });
    const [first, second] = (await Promise.all([proc.forkProcess(), proc.forkProcess()])) as LLMProcess[];
    const nested = (await second?.forkProcess()) as LLMProcess;
    expect([first, second, nested].map((one) => short(proc, one?.id ?? ""))).toEqual([".1", ".2", ".2.1"]);
    expect(nested).toMatchObject({ parentId: `${proc.id}.2`, rootId: proc.id, depth: 2 });
    expect((await nested.run("x")).runId).toBe(`${proc.id}.2.1.r1`);
    expect((await nested.run("x")).runId).toBe(`${proc.id}.2.1.r2`);
  });

  test("of roots sort by time and are never the same", async () => {
    const program = new LLMProgram({ model: scripted([]) });
    const ids: string[] = [];
    for (let root = 0; root < 200; root++) {
      ids.push((await program.start()).id);
      if (root % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(new Set(ids).size).toBe(200);
    const apart = [0, 1, 51, 101, 151].map((place) => ids[place] as string);
    expect(apart.toSorted()).toEqual(apart);
  });
});

test("a child's events name the root, its depth and its parent", async () => {
  const model = scripted({ root: [forkTwo, { text: "done" }], child: [{ text: "1" }, { text: "2" }] });
  const proc = await new LLMProgram({ name: "boss", model, tools: ["fork"] }).start();
  const records: EventRecord[] = recordsOf(proc);
  await proc.run("x");
  const child = records.find(({ process }) => process.depth === 1);
  expect(child?.process).toEqual({ id: `${proc.id}.1`, parentId: proc.id, rootId: proc.id, depth: 1, name: "boss" });
});
