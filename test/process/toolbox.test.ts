import type { LLMProcess, OpenToolbox, Tool, Toolbox } from "llmproc";
import { LLMProgram } from "llmproc";
import { scripted } from "llmproc/testing";
import { describe, expect, test } from "vitest";
import { anyTool, gate, settled } from "./harness.ts";

/** A toolbox that writes down what becomes of it. */
function boxOf(name: string, log: string[], tools: readonly Tool[] = [], more: Partial<OpenToolbox> = {}): Toolbox {
  return {
    name,
    open() {
      log.push(`${name} open`);
      return { tools, close: () => void log.push(`${name} closed`), ...more };
    },
  };
}

const look = anyTool("look", () => "seen");
const ends = (proc: LLMProcess, log: string[]) =>
  proc.on("*", ({ event, process }) => {
    if (event === "process_start" || event === "process_end") log.push(`${event} ${process.depth}`);
  });

describe("a toolbox opens and closes with a process", () => {
  test("before its first event, and behind its descendants; a fork uses the same", async () => {
    const log: string[] = [];
    const model = scripted([{ toolCalls: [{ name: "look" }] }, { text: "done" }], { repeat: true });
    const program = new LLMProgram({ model, toolboxes: [boxOf("eyes", log, [look])] });
    const proc = await program.start();
    ends(proc, log);
    await proc.run("go");
    const child = (await proc.forkProcess()) as LLMProcess;
    await child.run("go on");
    expect(child.messages.at(-2)).toMatchObject({ content: [{ toolName: "look", content: "seen" }] });
    await proc.close();
    expect(log).toEqual([
      "eyes open",
      "process_start 0",
      "process_start 1",
      "process_end 1",
      "eyes closed",
      "process_end 0",
    ]);
  });

  test("each process has its own", async () => {
    const log: string[] = [];
    const program = new LLMProgram({ model: scripted([]), toolboxes: [boxOf("eyes", log)] });
    const procs = [await program.start(), await program.start()];
    for (const proc of procs) await proc.close();
    expect(log).toEqual(["eyes open", "eyes open", "eyes closed", "eyes closed"]);
  });

  test("a child of another program opens and closes its own", async () => {
    const log: string[] = [];
    const helper = new LLMProgram({ model: scripted([{ text: "found" }]), toolboxes: [boxOf("maps", log)] });
    const model = scripted([
      { toolCalls: [{ name: "spawn", args: { program_name: "helper", prompt: "x" } }] },
      { text: "ok" },
    ]);
    const program = new LLMProgram({
      model,
      tools: ["spawn"],
      toolboxes: [boxOf("eyes", log)],
      linkedPrograms: { helper },
    });
    const proc = await program.start();
    await proc.run("go");
    await proc.close();
    expect(log).toEqual(["eyes open", "maps open", "maps closed", "eyes closed"]);
  });
});

describe("what goes wrong", () => {
  const failing: Toolbox = {
    name: "broken",
    open: () => Promise.reject(new Error("no such server")),
  };

  test("one that cannot be opened keeps the process from starting, and the others are closed", async () => {
    const log: string[] = [];
    const program = new LLMProgram({ model: scripted([]), toolboxes: [boxOf("a", log), failing, boxOf("b", log)] });
    await expect(program.start()).rejects.toMatchObject({
      code: "toolbox_failed",
      message: 'The toolbox "broken" could not be opened: no such server',
    });
    expect(log.toSorted()).toEqual(["a closed", "a open", "b closed", "b open"]);
  });

  test("one that is still opening hears that nobody needs it any more, and is closed if it opens regardless", async () => {
    const log: string[] = [];
    const go = gate();
    const slow: Toolbox = {
      name: "slow",
      async open(signal) {
        signal.addEventListener("abort", () => go.open());
        await go.opened;
        return { tools: [], close: () => void log.push("slow closed") };
      },
    };
    const program = new LLMProgram({ model: scripted([]), toolboxes: [slow, failing] });
    await expect(program.start()).rejects.toMatchObject({ code: "toolbox_failed" });
    expect(log).toEqual(["slow closed"]);
  });

  test("in a child, it is the call's error, and the parent goes on", async () => {
    const helper = new LLMProgram({ model: scripted([]), toolboxes: [failing] });
    const model = scripted([
      { toolCalls: [{ name: "spawn", args: { program_name: "helper", prompt: "x" } }] },
      { text: "ok" },
    ]);
    const proc = await new LLMProgram({ model, tools: ["spawn"], linkedPrograms: { helper } }).start();
    await proc.run("go");
    expect(proc.messages[2]).toMatchObject({ content: [{ isError: true, content: /broken.*no such server/ }] });
    expect(proc.lastMessage).toBe("ok");
  });

  test("two tools of one name are an error that says whose they are", async () => {
    const log: string[] = [];
    const box = boxOf("eyes", log, [look]);
    await expect(new LLMProgram({ model: scripted([]), tools: [look], toolboxes: [box] }).start()).rejects.toThrow(
      'The toolbox "eyes" brings a tool "look", and so does the program: rename one of them.',
    );
    const twice = new LLMProgram({ model: scripted([]), toolboxes: [box, boxOf("ears", log, [look])] });
    await expect(twice.start()).rejects.toThrow('and so does the toolbox "eyes"');
    expect(log.filter((line) => line.endsWith("closed"))).toHaveLength(3);
  });

  test("one that cannot be closed, or hangs, is a line on stderr, and holds up nobody", async () => {
    const log: string[] = [];
    const angry = boxOf("angry", log, [], { close: () => Promise.reject(new Error("not now")) });
    const hanging = boxOf("hanging", log, [], { close: () => new Promise(() => {}) });
    const proc = await new LLMProgram({
      model: scripted([{ text: "ok" }]),
      toolboxes: [hanging, angry, boxOf("good", log)],
    }).start();
    await proc.run("go");
    await proc.close();
    expect(proc.stderrLog).toEqual([
      'The toolbox "hanging" was not closed in time: what it holds may be left behind.',
      'The toolbox "angry" could not be closed: not now',
    ]);
    expect(log).toContain("good closed");
  });

  test("what is no toolbox is refused by name", () => {
    const toolboxes = [{ name: "eyes" }] as unknown as readonly Toolbox[];
    expect(() => new LLMProgram({ model: scripted([]), toolboxes })).toThrow(/toolboxes\[0\].*open\(\)/);
  });
});

describe("what was reported of servers elsewhere", () => {
  test("one that hangs as it opens, and never hears that nobody needs it, does not hold up a start that has failed", async () => {
    const log: string[] = [];
    const go = gate();
    const deaf: Toolbox = {
      name: "deaf",
      async open() {
        await go.opened;
        return { tools: [], close: () => void log.push("deaf closed") };
      },
    };
    const failing: Toolbox = { name: "broken", open: () => Promise.reject(new Error("no such server")) };
    const program = new LLMProgram({ model: scripted([]), toolboxes: [deaf, failing] });
    await expect(program.start()).rejects.toMatchObject({
      code: "toolbox_failed",
      message: expect.stringContaining('"broken"'),
    });
    expect(log).toEqual([]);
    go.open();
    await settled();
    expect(log).toEqual(["deaf closed"]);
  });

  test("one that is opening for a child hears that its run was aborted, and is closed if it opens regardless", async () => {
    const log: string[] = [];
    const asked = gate();
    const go = gate();
    const slow: Toolbox = {
      name: "slow",
      async open(signal) {
        signal.addEventListener("abort", () => log.push("heard"));
        asked.open();
        await go.opened;
        return { tools: [], close: () => void log.push("slow closed") };
      },
    };
    const helper = new LLMProgram({ model: scripted([]), toolboxes: [slow] });
    const model = scripted([{ toolCalls: [{ name: "spawn", args: { program_name: "helper", prompt: "x" } }] }]);
    const proc = await new LLMProgram({ model, tools: ["spawn"], linkedPrograms: { helper } }).start();
    const running = proc.run("go").catch((error: unknown) => error);
    await asked.opened;
    await proc.close();
    expect(log).toEqual(["heard"]);
    expect(await running).toMatchObject({ stopReason: "aborted" });
    go.open();
    await settled();
    expect(log).toEqual(["heard", "slow closed"]);
  });

  const close = () => {};
  const thrower = {
    get tools(): never {
      throw new Error("not ready");
    },
    close,
  };
  test.each<readonly [what: string, given: unknown, says: string]>([
    ["undefined", undefined, "open() gave undefined; it is to give { tools, close }."],
    ["null", null, "open() gave null"],
    ["a text", "tools", "open() gave tools"],
    ["nothing", {}, "open() gave something without close()"],
    ["no close()", { tools: [look] }, "open() gave something without close()"],
    ["no tools", { close }, "open() gave undefined for tools"],
    ["a number for tools", { tools: 7, close }, "open() gave 7 for tools"],
    ["null among tools", { tools: [look, null], close }, "open() gave null for tool 2, which tool() has not made"],
    ["no tool among tools", { tools: [{ name: "x" }], close }, 'open() gave {"name":"x"} for tool 1'],
    ["a getter that throws", thrower, "not ready"],
  ])("what is no toolbox when it has opened is refused by its name: %s", async (_what, given, says) => {
    const log: string[] = [];
    // What JavaScript may give.
    const odd = { name: "odd", open: () => given } as unknown as Toolbox;
    const program = new LLMProgram({ model: scripted([]), toolboxes: [boxOf("a", log), odd] });
    await expect(program.start()).rejects.toMatchObject({
      code: "toolbox_failed",
      message: expect.stringContaining(`The toolbox "odd" could not be opened: ${says}`),
    });
    expect(log).toEqual(["a open", "a closed"]);
  });

  test("a failed connection is told as it failed, though it is a TypeError", async () => {
    const far: Toolbox = { name: "far", open: () => Promise.reject(new TypeError("fetch failed")) };
    await expect(new LLMProgram({ model: scripted([]), toolboxes: [far] }).start()).rejects.toMatchObject({
      message: 'The toolbox "far" could not be opened: fetch failed',
    });
  });

  test("one that brings what is no tool is closed", async () => {
    const log: string[] = [];
    const odd = {
      name: "odd",
      open: () => ({ tools: [1], close: () => void log.push("closed") }),
    } as unknown as Toolbox;
    await expect(new LLMProgram({ model: scripted([]), toolboxes: [odd] }).start()).rejects.toThrow("for tool 1");
    expect(log).toEqual(["closed"]);
  });

  test("closed once, however many close the process at the same time", async () => {
    const log: string[] = [];
    const proc = await new LLMProgram({ model: scripted([]), toolboxes: [boxOf("eyes", log)] }).start();
    await Promise.all([proc.close(), proc.close(), proc[Symbol.asyncDispose]()]);
    expect(log).toEqual(["eyes open", "eyes closed"]);
  });
});
