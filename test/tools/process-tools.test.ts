import { describe, expect, test } from "vitest";
import type { Tool } from "../../src/process/contract/tool.ts";
import { BUILT_IN_TOOL_NAMES } from "../../src/tools/built-in-tool-names.ts";
import { builtInTool } from "../../src/tools/built-in-tools.ts";
import { fork as forkOf } from "../../src/tools/fork.ts";
import { spawn } from "../../src/tools/spawn.ts";
import { writeStderr } from "../../src/tools/write-stderr.ts";
import { toolContext } from "./tool-context.ts";

async function problemOf(tool: Tool, args: Record<string, never[] | string | string[] | number>): Promise<string> {
  const checked = await tool.check(args);
  return checked.ok ? "none" : checked.problem;
}

const fork = forkOf();

/** A run that ends when its process is closed, and not before. */
const untilClosed = (_prompt: string, closed: Promise<never>) => closed;

describe("fork", () => {
  test("answers in the order of the prompts, whichever child is done first", async () => {
    const turns = ["c", "a", "b"];
    const { context, log } = toolContext(async (prompt) => {
      while (turns[0] !== prompt) await new Promise(setImmediate);
      turns.shift();
      return `did ${prompt}`;
    });
    expect(await fork.execute({ prompts: ["a", "b", "c"] }, context)).toEqual([
      { id: 0, message: "did a" },
      { id: 1, message: "did b" },
      { id: 2, message: "did c" },
    ]);
    expect(log).toMatchObject({ started: 3, closed: 3, running: 0 });
  });

  test("all children run at the same time", async () => {
    const { context, log } = toolContext(async (prompt) => {
      while (log.peak < 20) await new Promise(setImmediate);
      return prompt;
    });
    const prompts = Array.from({ length: 20 }, (_, index) => `task ${index}`);
    await fork.execute({ prompts }, context);
    expect(log.peak).toBe(20);
  });

  test("a child that fails has an error in its place, and every child is closed", async () => {
    const { context, log } = toolContext(async (prompt) => {
      if (prompt === "bad") throw new Error("it went wrong");
      return prompt;
    });
    expect(await fork.execute({ prompts: ["good", "bad"] }, context)).toEqual([
      { id: 0, message: "good" },
      { id: 1, error: "it went wrong" },
    ]);
    expect(log).toMatchObject({ started: 2, closed: 2 });
  });

  test("a child that may not start has an error in its place", async () => {
    let starts = 0;
    const start = () => {
      starts += 1;
      if (starts === 1) throw new Error("no more children");
    };
    const { context, log } = toolContext(undefined, { start });
    expect(await fork.execute({ prompts: ["a", "b"] }, context)).toEqual([
      { id: 0, error: "no more children" },
      { id: 1, message: "done: b" },
    ]);
    expect(log).toMatchObject({ started: 1, closed: 1 });
  });

  test("if all fail the call is an error, with what each failed by", async () => {
    const { context, log } = toolContext(async (prompt) => {
      throw new Error(`no ${prompt}`);
    });
    const error = await Promise.resolve(fork.execute({ prompts: ["a", "b"] }, context)).catch(
      (thrown: Error) => thrown,
    );
    expect(error).toMatchObject({ code: "tool_failed" });
    expect(JSON.parse(error instanceof Error ? error.message : "")).toEqual([
      { id: 0, error: "no a" },
      { id: 1, error: "no b" },
    ]);
    expect(log.closed).toBe(2);
  });

  test("an abort closes the children that run, and rejects with its reason", async () => {
    const controller = new AbortController();
    const { context, log } = toolContext(untilClosed, { signal: controller.signal });
    const forking = fork.execute({ prompts: ["a", "b"] }, context);
    while (log.running < 2) await new Promise(setImmediate);
    const reason = new Error("enough");
    controller.abort(reason);
    await expect(forking).rejects.toBe(reason);
    expect(log).toMatchObject({ started: 2, closed: 2 });
    await expect.poll(() => log.running).toBe(0);
  });

  test("after an abort no child runs", async () => {
    const { context, log } = toolContext(async (prompt) => prompt, { signal: AbortSignal.abort(new Error("enough")) });
    await expect(fork.execute({ prompts: ["a"] }, context)).rejects.toThrow("enough");
    expect(log).toMatchObject({ peak: 0, running: 0 });
    expect(log.closed).toBe(log.started);
  });

  test("it has no time limit, and takes 1 to 50 prompts", async () => {
    expect(fork.timeoutMs).toBe(Infinity);
    expect(await problemOf(fork, { prompts: [] })).toContain("prompts: Array has too few items");
    expect(await problemOf(fork, { prompts: [""] })).toContain("prompts[0]: String is too short");
    expect(await problemOf(fork, { prompts: "a" })).toContain("prompts: expected array, got string");
    expect(await problemOf(fork, { prompts: Array.from({ length: 51 }, () => "a") })).toContain("51 > 50");
    expect(await problemOf(fork, { prompts: Array.from({ length: 50 }, () => "a") })).toBe("none");
  });
});

describe("spawn", () => {
  const programs = [
    { name: "reader", description: "Reads long files." },
    { name: "writer", description: "" },
  ];

  test("returns the last message of a child of the program that was named, and closes it", async () => {
    const { context, log } = toolContext(async (prompt) => prompt.toUpperCase());
    expect(await spawn(programs).execute({ prompt: "hello", program_name: "reader" }, context)).toBe("HELLO");
    expect(log).toMatchObject({ spawned: ["reader"], started: 1, closed: 1 });
  });

  test.each([[{ prompt: "x" }], [{ prompt: "x", program_name: "" }]])("%o runs the program itself", async (args) => {
    const { context, log } = toolContext();
    expect(await spawn().execute(args, context)).toBe("done: x");
    expect(log.spawned).toEqual([undefined]);
  });

  test("a child that fails or may not start is an error", async () => {
    const failing = toolContext(async () => {
      throw new Error("it went wrong");
    });
    await expect(spawn().execute({ prompt: "x" }, failing.context)).rejects.toThrow("it went wrong");
    expect(failing.log.closed).toBe(1);
    const refused = toolContext(undefined, {
      start: () => {
        throw new Error("no such program");
      },
    });
    await expect(spawn().execute({ prompt: "x" }, refused.context)).rejects.toThrow("no such program");
  });

  test("an abort closes the child", async () => {
    const controller = new AbortController();
    const { context, log } = toolContext(untilClosed, { signal: controller.signal });
    const spawning = spawn().execute({ prompt: "x" }, context);
    while (log.running < 1) await new Promise(setImmediate);
    controller.abort(new Error("enough"));
    await expect(spawning).rejects.toThrow("enough");
    expect(log.closed).toBe(1);
  });

  test("its description lists the linked programs", () => {
    expect(spawn(programs).description).toMatch(/- reader: Reads long files\.\n- writer$/);
    expect(spawn().description).toContain("No other programs are linked");
    expect(spawn().timeoutMs).toBe(Infinity);
  });
});

test("write_stderr hands its message to the process", async () => {
  const { context, log } = toolContext();
  expect(await writeStderr.execute({ message: "half done" }, context)).toBe("written");
  expect(log.stderr).toEqual(["half done"]);
  expect(await problemOf(writeStderr, { message: "" })).toContain("message: String is too short");
});

describe("the built-in tools by name", () => {
  const options = { root: ".", linkedPrograms: [{ name: "reader", description: "Reads." }] };

  test("there are these, each under its own name, with a description and an object schema", () => {
    expect(BUILT_IN_TOOL_NAMES).toEqual([
      "calculator",
      "read_file",
      "list_dir",
      "write_stderr",
      "fork",
      "spawn",
      "budget",
    ]);
    for (const name of BUILT_IN_TOOL_NAMES) {
      const tool = builtInTool(name, options);
      expect(tool).toMatchObject({ name, parameters: { type: "object", additionalProperties: false } });
      expect(Object.isFrozen(tool)).toBe(true);
    }
    expect(builtInTool("spawn", options)?.description).toContain("- reader: Reads.");
  });

  test.each(["", "Calculator", "constructor", "__proto__", "toString", "rm"])("%j is none", (name) => {
    expect(builtInTool(name, options)).toBeUndefined();
  });
});
