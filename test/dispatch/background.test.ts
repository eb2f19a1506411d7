import type { EventRecord, LLMProcess } from "llmproc";
import { answer, LLMProgram } from "llmproc";
import { scripted } from "llmproc/testing";
import { describe, expect, test } from "vitest";
import { anyTool, gate, inTime, settled } from "../process/harness.ts";

const look = anyTool("look", () => "seen");
const SCRIPT = [{ text: "a", toolCalls: [{ name: "look" }] }, { text: "done" }];
const started = async (script: Parameters<typeof scripted>[0] = SCRIPT) =>
  await new LLMProgram({ model: scripted(script, { repeat: true }), tools: [look, "fork"] }).start();

/** Takes all events, one by one, once it is let. */
function slowly(proc: LLMProcess, options: object = { background: true }) {
  const go = gate();
  const heard: string[] = [];
  proc.on(
    "*",
    async ({ event, process: { id } }) => {
      await go.opened;
      heard.push(`${event} ${id.slice(proc.rootId.length)}`.trim());
    },
    options,
  );
  return { go, heard };
}

/** What one that only watches hears. */
function watched(proc: LLMProcess) {
  const records: EventRecord[] = [];
  proc.on("*", (record) => void records.push(record), { observe: true });
  return () => records.map(({ event, process: { id } }) => `${event} ${id.slice(proc.rootId.length)}`.trim());
}

test("run() settles without a callback that works in the background, which hears everything by itself", async () => {
  const proc = await started();
  const all = watched(proc);
  const { go, heard } = slowly(proc);
  expect((await inTime(proc.run("go"))).lastMessage).toBe("done");
  expect(heard).toEqual([]);
  go.open();
  await inTime(proc.flush());
  expect(heard).toEqual(all());
  expect(heard).toContain("run_end");
  await proc.run("again");
  await proc.close();
  expect(heard).toEqual(all());
  expect(heard.at(-1)).toBe("process_end");
});

test("the others are waited for as ever: one that observes, and a guard", async () => {
  const proc = await started();
  const observer = slowly(proc, { observe: true });
  const background = slowly(proc);
  const running = proc.run("go");
  const came = await Promise.race([
    running.then(() => "settled"),
    new Promise((resolve) => setTimeout(resolve, 30, "waits")),
  ]);
  expect(came).toBe("waits");
  observer.go.open();
  await inTime(running);
  expect(background.heard).toEqual([]);
  background.go.open();
  await proc.close();
});

describe("flush()", () => {
  /** Whether it has settled once everything that can happen has happened. */
  async function isOpen(promise: Promise<unknown>): Promise<boolean> {
    let isSettled = false;
    const note = () => {
      isSettled = true;
    };
    promise.then(note, note);
    await settled();
    return !isSettled;
  }

  test("waits for what is under way, though nothing is queued behind it", async () => {
    const proc = await started([{ text: "done" }]);
    const go = gate();
    proc.on("run_end", () => go.opened, { background: true });
    await proc.run("go");
    const flushing = proc.flush();
    expect(await isOpen(flushing)).toBe(true);
    go.open();
    expect(await inTime(flushing)).toBe(true);
    await proc.close();
  });

  test("waits for children that are closed already", async () => {
    const fork = { toolCalls: [{ name: "fork", args: { prompts: ["a"] } }] };
    const proc = await started({ root: [fork, { text: "done" }], child: [{ text: "x" }] });
    const go = gate();
    let ended = 0;
    proc.on(
      "process_end",
      async () => {
        await go.opened;
        ended++;
      },
      { background: true },
    );
    await inTime(proc.run("go"));
    const flushing = proc.flush();
    expect(await isOpen(flushing)).toBe(true);
    go.open();
    expect(await inTime(flushing)).toBe(true);
    expect(ended).toBe(1);
    await proc.close();
    expect(ended).toBe(2);
  });

  test("covers children, those that are closed as well, and their closing holds up no run", async () => {
    const fork = { toolCalls: [{ name: "fork", args: { prompts: ["a", "b"] } }] };
    const proc = await started({ root: [fork, { text: "done" }], child: [{ text: "x" }, { text: "y" }] });
    const all = watched(proc);
    const { go, heard } = slowly(proc);
    const startMs = performance.now();
    await inTime(proc.run("go"));
    expect(performance.now() - startMs).toBeLessThan(1900);
    const kept = (await proc.forkProcess()) as LLMProcess;
    await kept.run("more");
    expect(heard).toEqual([]);
    go.open();
    expect(await inTime(proc.flush())).toBe(true);
    expect(heard.toSorted()).toEqual(all().toSorted());
    expect(heard.filter((event) => event === "process_end .1")).toHaveLength(1);
    await proc.close();
    expect(heard.toSorted()).toEqual(all().toSorted());
  });

  test("a grandchild is heard to its end, though its parent is closed meanwhile", async () => {
    const proc = await started([{ text: "done" }]);
    const all = watched(proc);
    const go = gate();
    const heard: string[] = [];
    proc.on(
      "*",
      ({ event, process: { depth } }) => {
        if (depth < 2) return undefined;
        return go.opened.then(() => void heard.push(`${event} .1.1`));
      },
      { background: true },
    );
    const child = (await proc.forkProcess()) as LLMProcess;
    const grandchild = (await child.forkProcess()) as LLMProcess;
    await grandchild.run("go");
    await grandchild.close();
    await child.close();
    go.open();
    expect(await inTime(proc.flush())).toBe(true);
    expect(heard).toEqual(all().filter((event) => event.endsWith(".1.1")));
    await proc.close();
  });

  test("one that fails keeps nobody from the others, and the others hear of its fault", async () => {
    const proc = await started([{ text: "done" }]);
    const faults: string[] = [];
    proc.on("callback_error", ({ callback, event }) => void faults.push(`${callback} ${event}`));
    proc.on("run_end", async () => Promise.reject(new Error("no such host")), { background: true, name: "webhook" });
    const { go, heard } = slowly(proc);
    await proc.run("go");
    go.open();
    expect(await proc.flush()).toBe(true);
    expect(heard).toContain("run_end");
    expect(faults).toEqual(["webhook run_end"]);
    await proc.close();
  });

  test("says false where its time is up, and two at once are both answered", async () => {
    const proc = await started([{ text: "done" }]);
    const { go } = slowly(proc);
    await proc.run("go");
    expect(await Promise.all([proc.flush({ timeoutMs: 10 }), proc.flush({ timeoutMs: 20 })])).toEqual([false, false]);
    go.open();
    expect(await inTime(Promise.all([proc.flush(), proc.flush()]))).toEqual([true, true]);
    expect(await proc.flush()).toBe(true);
    await proc.close();
  });

  test("does not chase a process that goes on: what comes after it was called is not waited for", async () => {
    const proc = await started([{ text: "done" }]);
    const gates = [gate(), gate()];
    let count = 0;
    proc.on(
      "run_end",
      async () => {
        await gates[count++]?.opened;
      },
      { background: true },
    );
    await proc.run("go");
    const flushing = proc.flush();
    await proc.run("again");
    gates[0]?.open();
    expect(await inTime(flushing)).toBe(true);
    expect(count).toBe(2);
    gates[1]?.open();
    await proc.close();
  });

  test("says false where a callback that is stalled missed some", async () => {
    const proc = await started([{ text: "done" }]);
    proc.on("*", () => new Promise(() => {}), { background: true, timeoutMs: 20 });
    await proc.run("go");
    expect(await inTime(proc.flush())).toBe(false);
    expect(await inTime(proc.flush())).toBe(false);
    const closing = await started([{ text: "done" }]);
    const { go } = slowly(closing);
    await closing.run("go");
    const flushing = closing.flush();
    await closing.close();
    expect(await inTime(flushing)).toBe(false);
    go.open();
    await proc.close();
  });

  test.each([{ timeout: 5 }, 5, null])("flush(%j) is refused", async (options) => {
    const proc = await started();
    await expect(proc.flush(options as never)).rejects.toMatchObject({
      code: "run_invalid",
      message: expect.stringContaining("flush()"),
    });
  });

  test("what is registered as a guard is one, whatever it carries", async () => {
    const proc = await started();
    const guard = {
      callbackOptions: { background: true },
      turn_start() {
        throw new Error("no");
      },
    };
    proc.addCallback(guard, { observe: false });
    await expect(proc.run("go")).rejects.toMatchObject({ stopReason: "callback" });
  });

  test.each([0, -1, Number.NaN, "5", null])("flush({ timeoutMs: %j }) is refused", async (timeoutMs) => {
    const proc = await started();
    await expect(proc.flush({ timeoutMs: timeoutMs as number })).rejects.toMatchObject({
      code: "run_invalid",
      message: expect.stringContaining("flush()"),
    });
  });

  test("of one process waits for no other, and closing one takes nothing from another", async () => {
    const program = new LLMProgram({ model: scripted([{ text: "done" }], { repeat: true }) });
    const heard: string[] = [];
    const go = gate();
    let waits: string | undefined;
    const shared = {
      async run_end({ id }: { id: string }) {
        if (id === waits) await go.opened;
        heard.push(id);
      },
      callbackOptions: { background: true },
    };
    const one = await program.start().addCallback(shared);
    const two = await program.start().addCallback(shared);
    waits = one.id;
    await one.run("go");
    await two.run("go");
    expect(await inTime(two.flush())).toBe(true);
    await two.close();
    expect(heard).toEqual([two.id]);
    go.open();
    await one.close();
    expect(heard).toEqual([two.id, one.id]);
  });
});

test("close() waits two seconds at most, and what was missed is told", async () => {
  const proc = await started([{ text: "done" }]);
  const faults: { reason: string; missed: number }[] = [];
  proc.on("callback_error", ({ reason, missed }) => void faults.push({ reason, missed }));
  slowly(proc);
  await proc.run("go");
  const startMs = performance.now();
  await proc.close();
  expect(performance.now() - startMs).toBeGreaterThan(1500);
  expect(faults).toMatchObject([{ reason: "timeout" }]);
  expect(faults[0]?.missed).toBeGreaterThan(3);
});

test("it decides nothing: what it throws is a fault, what it returns means nothing, and to ask for both is refused", async () => {
  const proc = await started();
  const faults: string[] = [];
  proc.on("callback_error", ({ event, error }) => void faults.push(`${event} ${error.message}`));
  proc.addCallback({
    callbackOptions: { background: true, name: "loose" },
    tool_start: () => answer("mine"),
    turn_start() {
      throw new Error("not a guard");
    },
  });
  const { stopReason, vetoes } = await proc.run("go");
  expect([stopReason, vetoes]).toEqual(["end", []]);
  expect(faults).toEqual(["turn_start not a guard", "turn_start not a guard"]);
  expect(JSON.stringify(proc.messages)).not.toContain("mine");
  expect(() => proc.on("tool_start", () => {}, { background: true, observe: false })).toThrow(
    "observe: false and background: true",
  );
  expect(() => proc.on("tool_start", () => {}, { background: "yes" as never })).toThrow(
    "background must be true or false",
  );
  await proc.close();
});

test("it may say something, and fork, as any other may", async () => {
  const proc = await started();
  let said: Promise<boolean> | undefined;
  let forked: string | undefined;
  proc.on(
    "tool_end",
    async (_name, _result, { process }) => {
      if (said !== undefined) return;
      said = process.say("hurry");
      forked = (await process.forkProcess()).id;
    },
    { background: true },
  );
  await proc.run("go");
  expect(await said).toBe(true);
  await proc.flush();
  expect(forked).toBe(`${proc.id}.1`);
  await proc.close();
});
