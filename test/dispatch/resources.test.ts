import { getEventListeners } from "node:events";
import { LLMProgram } from "llmproc";
import { scripted } from "llmproc/testing";
import { expect, test } from "vitest";
import { anyTool, customModel, failureOf, gate, hangs, inTime, settled, textReply } from "../process/harness.ts";
import { watchTimers } from "../support/timers.ts";

/** What keeps Node alive: timers are what a process could leave. */
const timers = watchTimers();

test("after close() no timer is left, whatever was under way", async () => {
  await settled();
  const before = timers();
  const reached = gate();
  const model = scripted({
    root: [
      { toolCalls: [{ name: "quick" }, { name: "fork", args: { prompts: ["a"] } }] },
      { error: { status: 529 } },
      { text: "slow text here", delayMs: 5, toolCalls: [{ name: "hang" }] },
    ],
    child: [{ text: "c" }],
  });
  const tools = [anyTool("quick", async () => "ok"), anyTool("hang", hangs(reached)), "fork"];
  const retry = { maxAttempts: 2, initialDelayMs: 1, maxDelayMs: 1 };
  const proc = await new LLMProgram({ model, tools, retry }).start();
  proc.addCallback({ callback_error() {} });
  proc.on("turn_end", async () => {
    await null;
  });
  proc.on("tool_start", async () => {
    await null;
  });
  const run = failureOf(proc.run("x"));
  await inTime(reached.opened);
  expect(timers()).toBeGreaterThan(0);
  await proc.close();
  await run;
  await settled();
  expect(timers()).toBeLessThanOrEqual(before);
});

test("a run that is over leaves no timer, though the process is still open", async () => {
  await settled();
  const before = timers();
  const model = scripted([{ toolCalls: [{ name: "quick" }] }, { text: "a" }]);
  const proc = await new LLMProgram({ model, tools: [anyTool("quick", async () => "ok")] }).start();
  proc.on("*", async () => {
    await settled();
  });
  await proc.run("x");
  expect(timers()).toBeLessThanOrEqual(before);
});

test("an abort during a retry's wait takes its timer away", async () => {
  await settled();
  const before = timers();
  const model = scripted([{ error: { status: 429, retryAfterMs: 300_000 } }]);
  const proc = await new LLMProgram({ model }).start();
  const aborter = new AbortController();
  proc.on("api_error", () => setImmediate(() => aborter.abort()));
  await inTime(failureOf(proc.run("x", { signal: aborter.signal })));
  await settled();
  expect(timers()).toBeLessThanOrEqual(before);
});

test("handlers and tools leave no listener at the user's signal, however many ask for theirs", async () => {
  const aborter = new AbortController();
  const toolCalls = Array.from({ length: 30 }, () => ({ name: "ask" }));
  const model = scripted([{ toolCalls }, { toolCalls }, { text: "done" }]);
  const ask = anyTool("ask", async (_args, { signal }) => signal.aborted);
  const proc = await new LLMProgram({ model, tools: [ask] }).start();
  let most = 0;
  proc.addCallback({
    tool_start: (_name: string, _args: unknown, { signal }: { signal: AbortSignal }) => {
      most = Math.max(most, getEventListeners(aborter.signal, "abort").length);
      return Promise.resolve(signal.aborted);
    },
  });
  await proc.run("x", { signal: aborter.signal });
  expect(most).toBe(1);
  expect(getEventListeners(aborter.signal, "abort")).toEqual([]);
});

test("whoever asks for a signal, sync or async, leaves no listener at the run's own once it has settled", async () => {
  const asks: Record<string, (ask: () => unknown) => unknown> = {
    sync: (ask) => void ask(),
    "sync with a value": (ask) => ({ asked: typeof ask() }),
    "sync that throws": (ask) => {
      ask();
      throw new Error("no matter");
    },
    async: async (ask) => {
      ask();
      await null;
      ask();
    },
    "too late": (ask) => void setImmediate(ask),
  };
  for (const [name, ask] of Object.entries(asks)) {
    const counts: number[] = [];
    let step = 0;
    const model = customModel(async (io) => {
      await io.beforeSend({});
      for (let piece = 0; piece < 1000; piece++) void io.onText("x");
      await settled();
      counts.push(getEventListeners(io.signal, "abort").length);
      if (step++ > 0) return textReply("done");
      const toolCalls = Array.from({ length: 20 }, (_, place) => ({ id: `c${place}`, name: "ask", args: {} }));
      return { ...textReply(""), texts: [], content: [], toolCalls, stopReason: "tool_use" };
    });
    const tool = anyTool("ask", (_args, context) => ask(() => context.signal));
    const proc = await new LLMProgram({ model, tools: [tool] }).start();
    proc.on("*", (_record, info) => ask(() => info.signal), { observe: true });
    proc.on("tool_start", (_name, _args, info) => {
      if (name !== "sync that throws") return ask(() => info.signal);
    });
    proc.on("callback_error", () => {});
    await proc.run("x");
    expect([name, counts]).toEqual([name, [0, 0]]);
  }
});

test("a signal aborts while its handler works, and says nothing any more when it has returned", async () => {
  const aborter = new AbortController();
  const model = scripted([{ toolCalls: [{ name: "stop" }] }]);
  const stop = anyTool("stop", () => aborter.abort(new Error("enough")));
  const proc = await new LLMProgram({ model, tools: [stop] }).start();
  const signals: AbortSignal[] = [];
  proc.on("run_start", (_process, _prompt, { signal }) => void signals.push(signal));
  proc.on(
    "turn_start",
    (_process, _result, { signal }) => {
      signals.push(signal);
      // An observer that is still under way when the run is aborted.
      return new Promise((resolve) => signal.addEventListener("abort", resolve));
    },
    { observe: true },
  );
  await failureOf(proc.run("x", { signal: aborter.signal }));
  expect(signals.map(({ aborted }) => aborted)).toEqual([false, true]);
});
