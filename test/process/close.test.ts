import { LLMProgram, Veto } from "llmproc";
import { scripted } from "llmproc/testing";
import { expect, test } from "vitest";
import { anyTool, expectWellFormed, failureOf, gate, hangs, inTime, recordsOf, settled } from "./harness.ts";

const never = () => new Promise<never>(() => {});

test("a callback that refuses a root's process_start ends its first run, and the process with it", async () => {
  const model = scripted([{ text: "a" }]);
  const proc = await new LLMProgram({ model }).start();
  const records = recordsOf(proc);
  proc.on("process_start", () => {
    throw new Veto("not today");
  });
  const error = await inTime(failureOf(proc.run("x")));
  expect(error).toMatchObject({ stopReason: "callback", cause: { code: "child_denied" } });
  expect(error.message).toContain("not today");
  expect(error.result.vetoes).toMatchObject([{ event: "process_start", reason: "not today" }]);
  expect(records.map(({ event }) => event)).toEqual(["process_start", "process_end"]);
  expect(model.unused).toBe(1);
  await expect(proc.run("again")).rejects.toMatchObject({ code: "process_closed" });
});

test("an abort reaches a run whose process_start waits for an answer, and the guard's signal", async () => {
  const proc = await new LLMProgram({ model: scripted([{ text: "a" }]) }).start();
  const asked = gate();
  let signal: AbortSignal | undefined;
  const guard = {
    process_start(_process: unknown, info: { signal: AbortSignal }) {
      signal = info.signal;
      asked.open();
      return never();
    },
    callback_error() {},
  };
  proc.addCallback(guard, { timeoutMs: Number.POSITIVE_INFINITY });
  const aborter = new AbortController();
  const run = failureOf(proc.run("x", { signal: aborter.signal }));
  await asked.opened;
  aborter.abort(new Error("enough"));
  expect(signal?.aborted).toBe(true);
  expect(await inTime(run)).toMatchObject({ stopReason: "aborted", result: { apiCalls: 0 } });
  // Nobody has let it start.
  await expect(proc.run("again")).rejects.toMatchObject({ code: "process_closed" });
});

test("close() ends a process whose process_start waits for an answer", async () => {
  const proc = await new LLMProgram({ model: scripted([{ text: "a" }]) }).start();
  const asked = gate();
  proc.on("process_start", hangs(asked), { timeoutMs: Number.POSITIVE_INFINITY });
  proc.addCallback({ callback_error() {} });
  const run = failureOf(proc.run("x"));
  await asked.opened;
  await inTime(proc.close());
  expect(await run).toMatchObject({ stopReason: "aborted" });
});

test("close() cuts the time of callbacks that the end of a run waits for", async () => {
  const proc = await new LLMProgram({ model: scripted([{ text: "a" }]) }).start();
  const ended = gate();
  proc.on("run_end", hangs(ended), { observe: true, timeoutMs: 60_000 });
  proc.addCallback({ callback_error() {} });
  const run = proc.run("x");
  await ended.opened;
  // Now the run is over, and waits for the callback.
  await settled();
  await inTime(proc.close());
  expect(await run).toMatchObject({ stopReason: "end", lastMessage: "a" });
});

test("close() in the middle of a tool aborts the run, and the tool sees the signal", async () => {
  const started = gate();
  let reason: unknown;
  const hang = anyTool("hang", (_args, { signal }) => {
    signal.addEventListener("abort", () => {
      reason = signal.reason;
    });
    started.open();
    return never();
  });
  const proc = await new LLMProgram({ model: scripted([{ toolCalls: [{ name: "hang" }] }]), tools: [hang] }).start();
  const records = recordsOf(proc);
  const run = failureOf(proc.run("x"));
  await started.opened;
  await inTime(proc.close());
  expect(await run).toMatchObject({ stopReason: "aborted", cause: { code: "process_closed" } });
  expect(reason).toMatchObject({ code: "process_closed" });
  expect(records.slice(-4).map(({ event }) => event)).toEqual(["tool_end", "turn_end", "run_end", "process_end"]);
  expectWellFormed(proc.messages);
});

test("close() ends within its time while a tool, a guard and an observer never settle", async () => {
  const started = gate();
  const hang = anyTool("hang", hangs(started), { timeoutMs: Number.POSITIVE_INFINITY });
  const model = scripted([{ toolCalls: [{ name: "hang" }, { name: "hang", args: { guarded: true } }] }]);
  const proc = await new LLMProgram({ model, tools: [hang] }).start();
  proc.addCallback({ callback_error() {} });
  proc.on("tool_start", (_name, { guarded }) => (guarded === true ? never() : undefined), { timeoutMs: 60_000 });
  proc.on("response_delta", never, { observe: true, timeoutMs: 60_000 });
  proc.on("run_start", never, { observe: true, timeoutMs: 60_000 });
  const run = failureOf(proc.run("x"));
  await started.opened;
  await inTime(proc.close());
  expect((await run).stopReason).toBe("aborted");
});

test("close() ends descendants first, and all of them", async () => {
  const proc = await new LLMProgram({ model: scripted([{ text: "a" }], { repeat: true }) }).start();
  const ended: string[] = [];
  proc.on("process_end", (process) => ended.push(process.id.slice(proc.id.length)));
  await proc.run("x");
  const child = await proc.forkProcess();
  await child.forkProcess();
  await child.run("y");
  await proc.close();
  expect(ended).toEqual([".1.1", ".1", ""]);
});

test("a closed process refuses to run and to fork, and closing it again does nothing more", async () => {
  const proc = await new LLMProgram({ model: scripted([{ text: "a" }]) }).start();
  const records = recordsOf(proc);
  await proc.run("x");
  await Promise.all([proc.close(), proc.close()]);
  await proc.close();
  expect(records.filter(({ event }) => event === "process_end")).toHaveLength(1);
  await expect(proc.run("again")).rejects.toMatchObject({ code: "process_closed" });
  await expect(Promise.resolve(proc.forkProcess())).rejects.toMatchObject({ code: "process_closed" });
});

test("a process that never ran closes without an event", async () => {
  const proc = await new LLMProgram({ model: scripted([{ text: "a" }]) }).start();
  const records = recordsOf(proc);
  await proc.close();
  expect(records).toEqual([]);
});

test("`await using` closes the process at the end of its block", async () => {
  const events: string[] = [];
  {
    await using proc = await new LLMProgram({ model: scripted([{ text: "a" }]) }).start();
    proc.on("*", ({ event }) => events.push(event));
    await proc.run("x");
    expect(events).not.toContain("process_end");
  }
  expect(events.at(-1)).toBe("process_end");
});
