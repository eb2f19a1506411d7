import { getEventListeners } from "node:events";
import type { EventName, LLMProcess, RunError } from "llmproc";
import { LLMProgram } from "llmproc";
import { checkEvents, scripted } from "llmproc/testing";
import { describe, expect, test } from "vitest";
import {
  anyTool,
  customModel,
  expectWellFormed,
  failureOf,
  gate,
  hangs,
  inTime,
  recordsOf,
  settled,
} from "./harness.ts";

const echo = anyTool("echo", async ({ value }) => {
  await null;
  return value ?? "ok";
});

/** Two tools in parallel, a fork whose child calls a tool, and two turns: something of everything. */
const busyScript = () =>
  scripted({
    root: [
      {
        text: "let me see",
        toolCalls: [
          { name: "echo", args: { value: "1" } },
          { name: "fork", args: { prompts: ["a"] } },
          { name: "echo" },
        ],
      },
      { text: "and now", toolCalls: [{ name: "echo" }] },
      { text: "done" },
      { text: "on" },
      { text: "spare" },
    ],
    child: [{ toolCalls: [{ name: "echo" }] }, { text: "child done" }],
  });

const busyProcess = async (): Promise<LLMProcess> =>
  await new LLMProgram({ model: busyScript(), tools: [echo, "fork"] }).start();

/** The events of a run that nobody disturbs, and the place (from 1) of the reply that is its answer. */
async function undisturbed(): Promise<{ total: number; answered: number }> {
  const proc = await busyProcess();
  const records = recordsOf(proc);
  await proc.run("x");
  return { total: records.length, answered: records.findLastIndex(({ event }) => event === "api_response") + 1 };
}

/** Aborts right after the k-th event, and checks that nothing is left half done. */
async function abortAfter(k: number): Promise<string> {
  const proc = await busyProcess();
  const aborter = new AbortController();
  const records = recordsOf(proc);
  let heard = 0;
  const off = proc.on("*", () => {
    if (++heard === k) aborter.abort(new Error(`after ${k}`));
  });
  const outcome = await inTime(
    proc.run("x", { signal: aborter.signal }).then(
      ({ stopReason }) => String(stopReason),
      (error: RunError) => `${error.stopReason} ${(error.cause as Error).message}`,
    ),
  );
  off();
  expect(checkEvents(records, { partial: true })).toEqual([]);
  for (const [start, end] of [
    ["run_start", "run_end"],
    ["tool_start", "tool_end"],
    ["turn_start", "turn_end"],
  ] as const) {
    expect(records.filter(({ event }) => event === end)).toHaveLength(
      records.filter(({ event }) => event === start).length,
    );
  }
  const children = records.filter(({ event, process }) => event === "process_start" && process.depth > 0);
  expect(records.filter(({ event }) => event === "process_end")).toHaveLength(children.length);
  expectWellFormed(proc.messages);
  const before = records.length;
  await settled();
  expect(records).toHaveLength(before);
  await inTime(proc.run("go on"));
  expectWellFormed(proc.messages);
  await proc.close();
  expect(checkEvents(records)).toEqual([]);
  return outcome;
}

test("an abort right after the k-th event, for every k, leaves pairs complete and a conversation that goes on", async () => {
  const { total, answered } = await undisturbed();
  expect(answered).toBeGreaterThan(40);
  // Once the answer is there, there is nothing left to abort.
  const expected = Array.from({ length: total }, (_, k) => (k + 1 < answered ? `aborted after ${k + 1}` : "end"));
  const outcomes: string[] = [];
  for (let k = 1; k <= total; k++) outcomes.push(await abortAfter(k));
  expect(outcomes).toEqual(expected);
});

test("an abort at any event of the child ends its run as aborted, too", async () => {
  for (const event of ["run_start", "turn_start", "api_request", "api_response", "tool_start", "tool_end"] as const) {
    const proc = await busyProcess();
    const aborter = new AbortController();
    const reasons: unknown[] = [];
    proc.on(event, (...args: unknown[]) => {
      const info = args.at(-1) as { process: { depth: number } };
      if (info.process.depth === 1) aborter.abort();
    });
    proc.on("run_end", ({ depth }, { stopReason }) => reasons.push([depth, stopReason]));
    await inTime(failureOf(proc.run("x", { signal: aborter.signal })));
    expect(reasons).toEqual([
      [1, "aborted"],
      [0, "aborted"],
    ]);
  }
});

describe("an abort ends the run at once", () => {
  test("during a request, whose model sees the signal", async () => {
    const sent = gate();
    let seen: unknown;
    const model = customModel(async (io) => {
      await io.beforeSend({});
      io.signal.addEventListener("abort", () => {
        seen = io.signal.reason;
      });
      sent.open();
      return new Promise(() => {});
    });
    const proc = await new LLMProgram({ model }).start();
    const records = recordsOf(proc);
    const aborter = new AbortController();
    const run = failureOf(proc.run("x", { signal: aborter.signal }));
    await sent.opened;
    aborter.abort("no error");
    expect(await inTime(run)).toMatchObject({ stopReason: "aborted", cause: "no error", result: { apiCalls: 1 } });
    expect(seen).toBe("no error");
    expect(records.map(({ event }) => event).slice(-3)).toEqual(["api_error", "turn_end", "run_end"]);
    expect(proc.messages).toEqual([]);
  });

  test("in the middle of a text, which stays in the conversation, marked", async () => {
    const model = scripted([{ text: "hello there", delayMs: 20 }, { text: "back" }]);
    const proc = await new LLMProgram({ model }).start();
    const aborter = new AbortController();
    proc.on("response_delta", () => aborter.abort());
    expect(await inTime(failureOf(proc.run("x", { signal: aborter.signal })))).toMatchObject({
      stopReason: "aborted",
      result: { lastMessage: "hello" },
    });
    expect(proc.messages.at(-1)).toMatchObject({ role: "assistant", text: "hello", interrupted: true });
    expect((await proc.run("y")).lastMessage).toBe("back");
    expectWellFormed(proc.messages);
  });

  test("during tools: those that returned are kept, the others are interrupted, and all see the signal", async () => {
    const reached = gate();
    let reason: unknown;
    const wait = hangs(reached);
    const hang = anyTool("hang", (_args, { signal }) => {
      signal.addEventListener("abort", () => {
        reason = signal.reason;
      });
      return wait();
    });
    const model = scripted([{ toolCalls: [{ name: "echo" }, { name: "hang" }] }, { text: "back" }]);
    const proc = await new LLMProgram({ model, tools: [echo, hang] }).start();
    const records = recordsOf(proc);
    const aborter = new AbortController();
    const run = failureOf(proc.run("x", { signal: aborter.signal }));
    await reached.opened;
    await settled();
    aborter.abort(new Error("enough"));
    await inTime(run);
    expect(reason).toMatchObject({ message: "enough" });
    expect(proc.messages[2]?.content).toMatchObject([
      { content: "ok", isError: false },
      { content: expect.stringContaining("interrupted"), isError: true },
    ]);
    expect(records.filter(({ event }) => event === "tool_end")).toHaveLength(2);
    expect((await proc.run("y")).lastMessage).toBe("back");
  });

  test("between calls one after the other: the rest never starts, and is answered as interrupted", async () => {
    const toolCalls = [{ name: "echo" }, { name: "echo" }, { name: "echo" }];
    const proc = await new LLMProgram({
      model: scripted([{ toolCalls }]),
      tools: [echo],
      parallelToolCalls: false,
    }).start();
    const records = recordsOf(proc);
    const aborter = new AbortController();
    proc.on("tool_end", () => aborter.abort());
    await inTime(failureOf(proc.run("x", { signal: aborter.signal })));
    expect(records.filter(({ event }) => event === "tool_start")).toHaveLength(1);
    expect(proc.messages[2]?.content).toMatchObject([{ isError: false }, { isError: true }, { isError: true }]);
    expectWellFormed(proc.messages);
  });

  const guarded: readonly EventName[] = ["run_start", "turn_start", "api_request", "tool_start"];
  for (const event of guarded) {
    test(`while a guard of ${event} waits for a person, whose signal aborts`, async () => {
      const asked = gate();
      let signal: AbortSignal | undefined;
      const model = scripted([{ toolCalls: [{ name: "echo" }] }, { text: "back" }]);
      const proc = await new LLMProgram({ model, tools: [echo] }).start();
      const records = recordsOf(proc);
      const wait = hangs(asked);
      const off = proc.on(
        event,
        (...args: unknown[]) => {
          signal = (args.at(-1) as { signal: AbortSignal }).signal;
          return wait();
        },
        { timeoutMs: Number.POSITIVE_INFINITY, name: "person" },
      );
      proc.addCallback({ callback_error() {} });
      const aborter = new AbortController();
      const run = failureOf(proc.run("x", { signal: aborter.signal }));
      await asked.opened;
      aborter.abort();
      expect(signal?.aborted).toBe(true);
      expect(await inTime(run)).toMatchObject({ stopReason: "aborted" });
      expect(checkEvents(records, { partial: true })).toEqual([]);
      expectWellFormed(proc.messages);
      off();
      await proc.run("y");
      expectWellFormed(proc.messages);
    });
  }
});

test("an abort after the run does nothing, and the signal has no listener left", async () => {
  const proc = await new LLMProgram({
    model: scripted([{ toolCalls: [{ name: "echo" }] }, { text: "a" }]),
    tools: [echo],
  }).start();
  const aborter = new AbortController();
  let during = 0;
  proc.on("tool_start", () => {
    during = getEventListeners(aborter.signal, "abort").length;
  });
  await proc.run("x", { signal: aborter.signal });
  expect(during).toBe(1);
  expect(getEventListeners(aborter.signal, "abort")).toEqual([]);
  aborter.abort();
  expect(proc.lastMessage).toBe("a");
});

test("one signal may abort the runs of many processes", async () => {
  const aborter = new AbortController();
  const reached = Array.from({ length: 20 }, gate);
  const runs = reached.map(async (one) => {
    const model = scripted([{ toolCalls: [{ name: "hang" }] }]);
    const proc = await new LLMProgram({ model, tools: [anyTool("hang", hangs(one))] }).start();
    return failureOf(proc.run("x", { signal: aborter.signal }));
  });
  await Promise.all(reached.map(({ opened }) => opened));
  aborter.abort();
  for (const error of await inTime(Promise.all(runs))) expect(error.stopReason).toBe("aborted");
  expect(getEventListeners(aborter.signal, "abort")).toEqual([]);
});
