import type { LLMProcess } from "llmproc";
import { LLMProcError, LLMProgram } from "llmproc";
import { scripted } from "llmproc/testing";
import { describe, expect, test } from "vitest";
import { anyTool, inTime } from "./harness.ts";

/** Whatever it is asked, it throws. */
function hostile<T extends object>(target: T): T {
  const refuse = () => {
    throw new Error("not to be looked at");
  };
  return new Proxy(target, { get: refuse, has: refuse, ownKeys: refuse, getOwnPropertyDescriptor: refuse });
}

function throwing(key: string): object {
  return Object.defineProperty({}, key, {
    enumerable: true,
    get() {
      throw new TypeError("no");
    },
  });
}

const cyclic: Record<string, unknown> = {};
cyclic.self = cyclic;

// A border post: all of it is what a caller in JavaScript may give.
const OPTIONS: readonly [what: string, options: unknown, says: RegExp][] = [
  ["null", null, /options of run\(\)/],
  ["a text", "fast", /options of run\(\)/],
  ["a list", [], /options of run\(\) are an object, not \[\]/],
  ["an unknown option", { maxIteration: 3 }, /Did you mean "maxIterations"\?/],
  ["an option that throws", throwing("signal"), /cannot be read/],
  ["a proxy that throws", hostile({}), /cannot be read/],
  ["a signal that is none", { signal: {} }, /AbortSignal/],
  ["a signal that is a controller", { signal: new AbortController() }, /AbortSignal/],
  ["a signal that is a text", { signal: "stop" }, /AbortSignal/],
  ["a signal that is null", { signal: null }, /AbortSignal/],
  ["a signal that throws", { signal: hostile({}) }, /signal/],
  ["limits that are none", { limits: 5 }, /limits is an object/],
  ["limits that are null", { limits: null }, /limits is an object/],
  ["limits that throw", { limits: throwing("usd") }, /limits cannot be read/],
  ["a limit that is a text", { limits: { turns: "5" } }, /limits\.turns/],
  ["a limit that is no number", { limits: { tokens: Number.NaN } }, /limits\.tokens/],
  ["a limit that is a bigint", { limits: { wallMs: 5n } }, /limits\.wallMs/],
  ["a limit that is a list", { limits: { warnAt: [0.5] } }, /limits\.warnAt/],
  ["a limit below zero", { limits: { usd: -1 } }, /limits\.usd/],
  ["half a turn", { limits: { turns: 1.5 } }, /limits\.turns is a whole number, 0 or more, not 1\.5\.$/],
  ["half a turn in another way", { maxIterations: 2.5 }, /maxIterations is a whole number, .*not 2\.5\.$/],
  ["half a token", { limits: { tokens: 0.5 } }, /limits\.tokens is a whole number, .*not 0\.5\.$/],
  ["tokens below zero", { limits: { tokens: -3 } }, /limits\.tokens is a whole number, 0 or more, not -3\.$/],
  ["turns below zero", { limits: { turns: -1 } }, /at least one turn, not -1/],
  ["turns without an end below", { maxIterations: -Infinity }, /at least one turn, not -Infinity/],
  ["turns that are no number", { maxIterations: Number.NaN }, /maxIterations is a whole number, .*not NaN/],
  ["time below zero", { limits: { wallMs: -1 } }, /some time, not -1 ms/],
  ["no turns", { maxIterations: 0 }, /at least one turn/],
  ["turns as a text", { maxIterations: "3" }, /maxIterations/],
  ["metadata that is a text", { metadata: "m" }, /metadata/],
  ["metadata that is a list", { metadata: [1] }, /metadata/],
  ["metadata that throws", { metadata: throwing("user") }, /metadata cannot be read/],
];

const PROMPTS: readonly [what: string, prompt: unknown, says: RegExp][] = [
  ["nothing", undefined, /prompt/],
  ["a number", 5, /prompt/],
  ["an object", { type: "text", text: "x" }, /prompt/],
  ["a function", () => "x", /prompt/],
  ["a list of nothing", [null], /Block 1/],
  ["a block that throws", [throwing("text")], /cannot be read/],
  ["a proxy that throws", hostile([]), /prompt/],
  ["what refers to itself", [cyclic], /prompt/],
];

async function started(): Promise<LLMProcess> {
  const script = Array.from({ length: 3 }, () => ({ text: "fine" }));
  return new LLMProgram({ model: scripted(script) }).start();
}

/** It was refused, nothing started, and the process is as before. */
async function expectRefused(proc: LLMProcess, given: () => unknown, says: RegExp): Promise<void> {
  const events: string[] = [];
  const off = proc.on("*", ({ event }) => events.push(event));
  const thrown: unknown = await (async () => given())().catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(LLMProcError);
  expect(thrown).toMatchObject({ code: "run_invalid", message: expect.stringMatching(says) });
  expect(events).toEqual([]);
  off();
  expect(await inTime(proc.run("go"))).toMatchObject({ stopReason: "end" });
  await inTime(proc.close());
}

describe("run() refuses before anything starts", () => {
  test.each(OPTIONS)("%s", async (_what, options, says) => {
    const proc = await started();
    await expectRefused(proc, () => proc.run("go", options as never), says);
  });

  test.each(PROMPTS)("a prompt of %s", async (_what, prompt, says) => {
    const proc = await started();
    await expectRefused(proc, () => proc.run(prompt as never), says);
  });
});

test("stream() tells of the same in its result and in its loop, and the process can run", async () => {
  const proc = await started();
  const stream = proc.stream("go", { signal: {} as AbortSignal });
  await expect(inTime(stream.result)).rejects.toMatchObject({ code: "run_invalid" });
  const loop = (async () => {
    for await (const record of stream) throw new Error(record.event);
  })();
  await expect(inTime(loop)).rejects.toMatchObject({ code: "run_invalid" });
  expect(await proc.run("go")).toMatchObject({ stopReason: "end" });
});

test("a signal of another realm is one, and what it aborts ends", async () => {
  const listeners = new Set<() => void>();
  const signal = {
    aborted: false,
    reason: "stop it",
    addEventListener: (_type: string, listener: () => void) => listeners.add(listener),
    removeEventListener: (_type: string, listener: () => void) => listeners.delete(listener),
  };
  const wait = anyTool("wait", () => new Promise(() => {}));
  const proc = await new LLMProgram({ model: scripted([{ toolCalls: [{ name: "wait" }] }]), tools: [wait] }).start();
  proc.on("tool_start", () => {
    queueMicrotask(() => {
      for (const listener of listeners) listener();
    });
  });
  const run = proc.run("go", { signal: signal as unknown as AbortSignal });
  await expect(inTime(run)).rejects.toMatchObject({ stopReason: "aborted", cause: "stop it" });
  expect(listeners.size).toBe(0);
});

test("a signal that takes no listener is refused before anything starts", async () => {
  const signal = {
    aborted: false,
    addEventListener() {
      throw new Error("no listeners here");
    },
    removeEventListener() {},
  };
  const proc = await started();
  await expectRefused(proc, () => proc.run("go", { signal: signal as unknown as AbortSignal }), /no listeners here/);
});

test("options that start a run while they are read do not make two", async () => {
  const proc = await started();
  let inner: Promise<unknown> | undefined;
  const options = {
    get metadata() {
      inner = proc.run("inner");
      return {};
    },
  };
  await expect(proc.run("outer", options)).rejects.toMatchObject({ code: "process_busy" });
  expect(await inner).toMatchObject({ stopReason: "end" });
});

const STARTS: readonly [what: string, options: unknown, says: RegExp][] = [
  ["null", null, /options of start\(\)/],
  ["an unknown option", { message: [] }, /Did you mean "messages"\?/],
  ["an option that throws", throwing("callbacks"), /cannot be read/],
  ["a name that is none", { name: 5 }, /name/],
  ["callbacks that are no list", { callbacks: () => {} }, /callbacks is a list/],
];

test.each(STARTS)("start() refuses %s", async (_what, options, says) => {
  const program = new LLMProgram({ model: scripted([{ text: "x" }]) });
  const starting = (async () => program.start(options as never))();
  await expect(starting).rejects.toMatchObject({ code: "run_invalid", message: expect.stringMatching(says) });
});

const FORKS: readonly [what: string, options: unknown, says: RegExp][] = [
  ["null", null, /options of forkProcess\(\)/],
  ["an unknown option", { limit: { usd: 1 } }, /Did you mean "limits"\?/],
  ["an option that throws", throwing("limits"), /cannot be read/],
  ["a name that is none", { name: {} }, /name/],
  ["a share that is a text", { limits: { usd: "1" } }, /limits\.usd/],
  ["a share of turns", { limits: { turns: 3 } }, /limits\.turns/],
];

test.each(FORKS)("forkProcess() refuses %s", async (_what, options, says) => {
  const proc = await started();
  await expectRefused(proc, () => proc.forkProcess(options as never), says);
});

test("stop() and close() take whatever they are given, at any time", async () => {
  const proc = await started();
  for (const reason of [null, 5, hostile({}), Symbol("x")]) {
    const off = proc.on("turn_start", (process) => process.stop(reason as never));
    expect(await inTime(proc.run("go"))).toMatchObject({ stopReason: "stopped" });
    off();
  }
  await inTime((proc.close as (reason: unknown) => Promise<void>).call(proc, hostile({})));
  await inTime(proc.close());
  proc.stop(hostile({}) as never);
});
