// isolated: it turns on the collector of its worker, and waits for it to collect.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { LLMProcess } from "llmproc";
import { LLMProgram } from "llmproc";
import { scripted } from "llmproc/testing";
import { describe, expect, test } from "vitest";
import { anyTool, failureOf, gate, inTime, recordsOf, settled } from "./harness.ts";

interface Slow {
  readonly proc: LLMProcess;
  /** The tool's own promise, to be settled by the test. */
  readonly outcome: PromiseWithResolvers<unknown>;
  readonly reached: Promise<void>;
  readonly signal: () => AbortSignal | undefined;
}

/** A process whose tool `slow` settles when the test says so. */
async function slowTool(timeoutMs = 10): Promise<Slow> {
  const outcome = Promise.withResolvers<unknown>();
  const reached = gate();
  let signal: AbortSignal | undefined;
  const slow = anyTool(
    "slow",
    (_args, context) => {
      signal = context.signal;
      reached.open();
      return outcome.promise;
    },
    { timeoutMs },
  );
  const model = scripted([{ toolCalls: [{ name: "slow" }] }, { text: "done" }, { text: "again" }]);
  const proc = await new LLMProgram({ model, tools: [slow] }).start();
  return { proc, outcome, reached: reached.opened, signal: () => signal };
}

/** After a run in which the tool was too slow. */
async function timedOut(): Promise<Slow> {
  const slow = await slowTool();
  await inTime(slow.proc.run("x"));
  return slow;
}

async function aborted(): Promise<Slow> {
  const slow = await slowTool(Infinity);
  const controller = new AbortController();
  const run = failureOf(slow.proc.run("x", { signal: controller.signal }));
  await slow.reached;
  controller.abort(new Error("enough"));
  await inTime(run);
  return slow;
}

test("a tool past its limit: its signal aborts for that reason, and the model reads what to do", async () => {
  const { proc, signal } = await timedOut();
  expect(signal()?.reason).toMatchObject({ code: "tool_timeout" });
  const content = expect.stringMatching(/within its limit of 10 ms.*may have done part.*less at once, or go on/s);
  expect(proc.messages[2]?.content).toMatchObject([{ isError: true, content }]);
});

describe("what comes too late is dropped, and the stderr log says so", () => {
  const cases = [
    ["its time limit", timedOut],
    ["its run was aborted", aborted],
  ] as const;
  for (const [after, begin] of cases) {
    test(`a result after ${after}`, async () => {
      const { proc, outcome } = await begin();
      const records = recordsOf(proc);
      outcome.resolve("late");
      await settled();
      expect(proc.stderrLog).toHaveLength(1);
      expect(proc.stderrLog[0]).toMatch(
        new RegExp(`^The tool slow returned \\d+\\.\\d s after ${after}; its result was dropped\\.$`),
      );
      expect(records).toMatchObject([{ event: "stderr_write", callId: "call_1_1", runId: `${proc.id}.r1`, turn: 1 }]);
      expect(JSON.stringify(proc.messages)).not.toContain('"late"');
    });

    test(`an error after ${after}`, async () => {
      const { proc, outcome } = await begin();
      outcome.reject(new Error("too late"));
      await settled();
      expect(proc.stderrLog).toEqual([
        expect.stringMatching(new RegExp(`^The tool slow failed \\d+\\.\\d s after ${after}: too late$`)),
      ]);
    });

    test(`not when it ends because its signal aborted, after ${after}`, async () => {
      for (const answer of [
        (reason: unknown) => reason,
        (cause: unknown) => new Error("stopped", { cause }),
        () => new DOMException("This operation was aborted", "AbortError"),
      ]) {
        const { proc, outcome, signal } = await begin();
        outcome.reject(answer(signal()?.reason));
        await settled();
        expect(proc.stderrLog).toEqual([]);
      }
    });

    test(`not when the process is closed, after ${after}`, async () => {
      const { proc, outcome } = await begin();
      const records = recordsOf(proc);
      await proc.close();
      outcome.resolve("late");
      await settled();
      expect(proc.stderrLog).toEqual([]);
      expect(records.at(-1)?.event).toBe("process_end");
    });
  }

  test("during the next run of the process, too", async () => {
    const { proc, outcome } = await aborted();
    proc.on("run_start", () => outcome.resolve("late"));
    await proc.run("y");
    expect(proc.stderrLog).toEqual([expect.stringContaining("returned")]);
  });

  test("whatever the late error is", async () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    for (const error of [undefined, "text", proxy]) {
      const { proc, outcome } = await timedOut();
      outcome.reject(error);
      await settled();
      expect(proc.stderrLog).toEqual([
        expect.stringMatching(/^The tool slow failed \d+\.\d s after its time limit: ./),
      ]);
    }
  });

  test("also what a tool returns because its signal aborted", async () => {
    const { proc, outcome, reached, signal } = await slowTool();
    void reached.then(() => signal()?.addEventListener("abort", () => outcome.resolve("partial")));
    await inTime(proc.run("x"));
    expect(proc.stderrLog).toEqual([expect.stringContaining("its result was dropped")]);
  });
});

for (const timeoutMs of [10, Infinity]) {
  test(`a tool that never settles keeps nothing of a closed process in memory, with a limit of ${timeoutMs} ms`, async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const held: Promise<unknown>[] = [];
    const reached = gate();
    const execute = () => {
      reached.open();
      held.push(new Promise(() => {}));
      return held[0];
    };
    const begin = async () => {
      const model = scripted([{ toolCalls: [{ name: "hang" }] }, { text: "done" }]);
      const proc = await new LLMProgram({ model, tools: [anyTool("hang", execute, { timeoutMs })] }).start();
      const run = proc.run("x").catch(() => {});
      await reached.opened;
      if (timeoutMs < Infinity) await inTime(run);
      await proc.close();
      return new WeakRef(proc);
    };
    const gone = await begin();
    const look = async () => {
      await settled();
      collect();
      return gone.deref();
    };
    await expect.poll(look).toBeUndefined();
    expect(held).toHaveLength(1);
  });
}
