import type { CallbackFault, CallbackOptions, LLMProcess, ObjectCallback, ShadowReport } from "llmproc";
import { answer, LLMProgram, Veto } from "llmproc";
import type { ScriptedStep } from "llmproc/testing";
import { scripted } from "llmproc/testing";
import { expect, test } from "vitest";
import { anyTool, gate } from "../process/harness.ts";

const CALL: ScriptedStep = { text: "so", toolCalls: [{ name: "echo" }] };
const DONE: ScriptedStep = { text: "done" };
const never = () => new Promise<never>(() => {});
const refuse = () => {
  throw new Veto("no");
};

/** A process whose tool answers `ran`, with what others hear of it. */
async function started(...script: readonly ScriptedStep[]) {
  return await startedWith(() => "ran", script);
}

async function startedWith(execute: () => unknown, script: readonly ScriptedStep[]) {
  const proc = await new LLMProgram({ model: scripted(script), tools: [anyTool("echo", execute)] }).start();
  const results: string[] = [];
  const faults: CallbackFault[] = [];
  proc.on("tool_end", (_toolName, { content }) => results.push(content));
  proc.on("callback_error", (fault) => faults.push(fault));
  return { proc, results, faults };
}

/** The reports of a guard on trial. */
function tried(proc: LLMProcess, guard: ObjectCallback, options: CallbackOptions = {}): readonly ShadowReport[] {
  const reports: ShadowReport[] = [];
  proc.addCallback(guard, { name: "strict", ...options, trial: (report) => reports.push(report) });
  return reports;
}

test("what one on trial would have done is a callback_error to the others, and nothing comes of it", async () => {
  const { proc, results, faults } = await started(CALL, DONE);
  proc.addCallback({ tool_start: refuse }, { name: "strict", trial: true });
  proc.on("tool_start", () => answer("cached"), { name: "cache", trial: true });
  const { vetoes } = await proc.run("go");
  expect([results, vetoes]).toEqual([["ran"], []]);
  expect(faults).toMatchObject([
    {
      callback: "shadow of strict",
      reason: "throw",
      error: { guard: "strict", verdict: { would: "deny", reason: "no" } },
    },
    { callback: "shadow of cache", error: { guard: "cache", verdict: { would: "answer", content: "cached" } } },
  ]);
});

test("a function is called with each report in place of that, and run() hears all that it has to say", async () => {
  const { proc, faults } = await started(CALL, CALL, DONE);
  const kept: string[] = [];
  const keep = async ({ message, turn }: ShadowReport) => {
    await new Promise((resolve) => setImmediate(resolve));
    kept.push(`${turn}: ${message}`);
  };
  proc.on("tool_start", refuse, { trial: keep });
  await proc.run("go");
  expect([kept, faults]).toEqual([["1: would have denied echo: no", "2: would have denied echo: no"], []]);
});

test("who is told the reports, and never settles, holds up neither the guard nor the run", async () => {
  const { proc, faults } = await started(CALL, CALL, DONE);
  const heard: (number | undefined)[] = [];
  proc.on("tool_start", (_toolName, _args, { turn }) => heard.push(turn) && refuse(), { timeoutMs: 20, trial: never });
  expect((await proc.run("go")).stopReason).toBe("end");
  expect(heard).toEqual([1, 2]);
  expect(faults).toMatchObject([{ event: "tool_start", reason: "timeout", missed: 1 }]);
});

test("one that merely observes has nothing to try", async () => {
  const { proc, faults } = await started(CALL, DONE);
  const reports = tried(proc, { tool_start: refuse }, { observe: true });
  await proc.run("go");
  expect([reports, faults]).toMatchObject([[], [{ callback: "shadow of strict", error: { code: "veto" } }]]);
});

test("its signal aborts when a guard denies, and to give up then is no answer", async () => {
  const { proc, results } = await started(CALL, DONE);
  const by: (string | undefined)[] = [];
  const reports = tried(proc, {
    async tool_start(_toolName, _args, info) {
      const aborted = new Promise((resolve) => info.signal.addEventListener("abort", resolve));
      await aborted;
      by.push(info.deniedBy);
      info.signal.throwIfAborted();
    },
  });
  proc.on("tool_start", refuse, { name: "late" });
  await proc.run("go");
  expect([results, by, reports]).toEqual([["no"], ["late"], []]);
});

test("what it says after a guard has denied is reported all the same", async () => {
  const { proc } = await started(CALL, DONE);
  proc.on("tool_start", refuse);
  const reports = tried(proc, {
    tool_start: async () => {
      throw new Veto("I too");
    },
  });
  await proc.run("go");
  expect(reports.map(({ message }) => message)).toEqual(["would have denied echo: I too"]);
});

test("a run that is aborted waits for it no longer than for a guard, and its time is not reported", async () => {
  const { proc, faults } = await started(CALL, DONE);
  const reports = tried(proc, { tool_start: never }, { timeoutMs: 600_000 });
  const aborter = new AbortController();
  proc.on("tool_end", () => aborter.abort());
  await expect(proc.run("go", { signal: aborter.signal })).rejects.toMatchObject({ stopReason: "aborted" });
  expect([reports, faults]).toMatchObject([[], [{ callback: "shadow of strict", reason: "timeout", missed: 0 }]]);
});

test("one that waits behind slow handlers of its own for too long is reported once, also if it answers then", async () => {
  const open = gate();
  // The run goes on as long: at its end everything would have to be over sooner.
  const { proc } = await startedWith(() => open.opened, [CALL, DONE]);
  const reports: string[] = [];
  const guard = {
    // Each settles in its own time, but the two take longer than the one that waits for them may.
    api_response: () => new Promise((resolve) => setTimeout(resolve, 50)),
    response: () => open.opened,
    tool_start: () => answer("late"),
  };
  proc.addCallback(guard, {
    timeoutMs: 100,
    trial({ message }) {
      reports.push(message);
      open.open();
    },
  });
  await proc.run("go");
  expect(reports).toEqual(["would have denied echo: did not settle within 100 ms"]);
});

test("while it is stalled it would deny each call, and no more is said of those", async () => {
  const open = gate();
  const { proc, faults } = await startedWith(() => open.opened, [CALL, CALL, DONE]);
  const turns: (number | undefined)[] = [];
  const trial = ({ turn }: ShadowReport) => {
    turns.push(turn);
    open.open();
  };
  proc.on("tool_start", never, { timeoutMs: 20, trial });
  await proc.run("go");
  expect([turns, faults]).toEqual([[1, 2], []]);
});

test("what goes past it while it is stalled is counted, but for what it is reported to have denied", async () => {
  const { proc, faults } = await started(CALL, DONE);
  const reports = tried(proc, { tool_start: never, tool_end() {}, response() {} }, { timeoutMs: 20 });
  await proc.run("go");
  expect(reports).toHaveLength(1);
  expect(faults).toMatchObject([{ callback: "shadow of strict", event: "tool_start", reason: "timeout", missed: 2 }]);
});

test("it hears children, and an outer registration of the same holds", async () => {
  const { proc, results } = await started(CALL, DONE);
  const guard = { tool_start: refuse };
  const reports = tried(proc, guard);
  const child = await proc.forkProcess();
  child.addCallback(guard);
  child.on("tool_end", (_toolName, { content }) => results.push(content));
  await child.run("go");
  expect(results).toEqual(["ran", "ran"]);
  expect(reports.map(({ processId }) => processId)).toEqual([child.id]);
});

test("registered again without it, it is a guard", async () => {
  const { proc, results } = await started(CALL, DONE);
  const guard = { callbackOptions: { trial: true }, tool_start: refuse };
  proc.addCallback(guard).addCallback(guard, { trial: false });
  await proc.run("go");
  expect(results).toEqual(["no"]);
});

test("one that brings along where its reports go keeps that where it is put on trial once more", async () => {
  const { proc, faults } = await started(CALL, DONE);
  const reports: string[] = [];
  const guard = {
    callbackOptions: { trial: (report: ShadowReport) => reports.push(report.guard) },
    tool_start: refuse,
  };
  proc.addCallback(guard, { name: "strict", trial: true });
  await proc.run("go");
  expect([reports, faults]).toEqual([["strict"], []]);
});
