import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { approval } from "../../src/callbacks/approval.ts";
import type { ObjectCallback } from "../../src/events/callback.ts";
import { Veto } from "../../src/events/verdict.ts";
import type { Script } from "../../src/models/script.ts";
import type { Person } from "./person.ts";
import { person, WAITS } from "./person.ts";
import { failureOf, programOf } from "./program.ts";

const call = (text: string) => ({ name: "echo", args: { text } });
const fork = (prompt: string) => ({ name: "fork", args: { prompts: [prompt] } });

/** A process whose `echo` somebody must approve, with another guard after that. */
async function guarded(script: Script, other: ObjectCallback, someone = person()) {
  const { input, output } = someone;
  const proc = await programOf(script)
    .start()
    .addCallback(approval({ tools: ["echo"], input, output }))
    .addCallback(other, { name: "other" });
  const results: string[] = [];
  proc.on("tool_end", (toolName, { content }) => {
    if (toolName === "echo") results.push(content);
  });
  const faults: string[] = [];
  proc.on("callback_error", ({ callback, error }) => faults.push(`${callback}: ${error.message}`));
  return { proc, results, faults, someone };
}

/** A guard that denies the calls with this text, when the test says so. */
function denyLater(text: string) {
  const { promise, resolve } = Promise.withResolvers<void>();
  const guard: ObjectCallback = {
    async tool_start(_toolName, toolArgs) {
      if (toolArgs.text !== text) return;
      await promise;
      throw new Veto("by rule");
    },
  };
  return { guard, deny: resolve };
}

function expectClean({ input, output }: Person, before: readonly number[]) {
  expect(listeners(input)).toEqual(before);
  expect(input.isPaused()).toBe(true);
  expect(output.bytes).not.toContain("\x1b[?25l");
}

const listeners = (input: Person["input"]) =>
  ["data", "end", "close", "error", "readable"].map((event) => input.listenerCount(event));

test.for<[when: string, guard: ObjectCallback]>([
  [
    "at once",
    {
      tool_start: () => {
        throw new Veto("by rule");
      },
    },
  ],
  [
    "a tick later",
    {
      tool_start: async () => {
        throw new Veto("by rule");
      },
    },
  ],
  [
    "a round of the loop later",
    {
      tool_start: async () => {
        await new Promise((resolve) => setImmediate(resolve));
        throw new Veto("by rule");
      },
    },
  ],
])("nobody is asked about a call that a guard registered after it denies %s", async ([, guard]) => {
  const { proc, results, faults, someone } = await guarded([{ toolCalls: [call("one"), call("two")] }, {}], guard);
  expect((await proc.run("go")).vetoes).toMatchObject([{ callback: "other" }, { callback: "other" }]);
  expect([results, faults, someone.output.bytes]).toEqual([["by rule", "by rule"], [], ""]);
});

test("a question is withdrawn when another guard denies the call, and the next is asked after Enter", async () => {
  const { guard, deny } = denyLater("one");
  const { proc, results, faults, someone } = await guarded([{ toolCalls: [call("one"), call("two")] }, {}], guard);
  const run = proc.run("go");
  await someone.sees(/text: one[\s\S]*Run it\? >$/);
  deny();
  await someone.sees(/\(withdrawn: denied by other\)\n {2}Press Enter for the next question >$/);
  // Meant for the first question: it does not answer the second.
  someone.types("y");
  await someone.answers(/text: two/, "n late");
  await run;
  expect([results, faults]).toEqual([["by rule", "The user said no: late"], []]);
});

test("a call that is denied while it waits for its question is never asked about", async () => {
  const { guard, deny } = denyLater("two");
  const { proc, results, someone } = await guarded(
    {
      root: [{ toolCalls: [fork("a"), fork("b")] }, {}],
      child: [{ toolCalls: [call("one")] }, { toolCalls: [call("two")], delayMs: 20 }, {}, {}],
    },
    guard,
  );
  const denied = new Promise<void>((resolve) => {
    proc.on("tool_end", (_toolName, _result, info) => {
      if (info.deniedBy === "other") resolve();
    });
  });
  const asked = new Promise<void>((resolve) => {
    proc.on("tool_start", (_toolName, toolArgs) => {
      if (toolArgs.text === "two") resolve();
    });
  });
  const run = proc.run("go");
  await someone.sees(/text: one[\s\S]*Run it\? >$/);
  await asked;
  deny();
  await denied;
  someone.types("y");
  await run;
  expect(results).toEqual(["by rule", "one"]);
  expect((await someone.output.text()).match(/^\?/gm)).toHaveLength(1);
});

test("an abort withdraws the question on the screen and those that wait, and leaves the terminal as it was", async () => {
  const someone = person();
  const before = listeners(someone.input);
  const { proc, results, faults } = await guarded(
    { root: [{ toolCalls: [call("one"), fork("a")] }], child: [{ toolCalls: [call("a")] }] },
    { response() {} },
    someone,
  );
  const controller = new AbortController();
  const run = failureOf(proc.run("go", { signal: controller.signal }));
  await someone.sees(WAITS);
  controller.abort(new Error("enough"));
  expect(await run).toMatchObject({ stopReason: "aborted", result: { vetoes: [] } });
  expect(results).toEqual(["interrupted: the run ended before this call returned"]);
  expect(faults).toEqual([]);
  expect(await someone.output.text()).toMatch(/Run it\? > ?\n {2}\(withdrawn: the run was ended\)$/);
  expectClean(someone, before);
});

test.for(["abort", "close"])("what handlers print on %s stands below the line of the question", async (how) => {
  const { proc, someone } = await guarded([{ toolCalls: [call("one")] }], { response() {} });
  proc.on("tool_end", (toolName) => someone.output.write(`${toolName} is over\n`));
  const controller = new AbortController();
  const run = failureOf(proc.run("go", { signal: controller.signal }));
  await someone.sees(WAITS);
  if (how === "abort") controller.abort(new Error("enough"));
  else await proc.close();
  await run;
  expect(await someone.output.text()).toMatch(
    /Run it\? > ?\n(echo is over\n {2}\(withdrawn: .*\)| {2}\(withdrawn: .*\)\necho is over)$/,
  );
});

test("close() withdraws a question, too", async () => {
  const closed = await guarded([{ toolCalls: [call("one")] }], { response() {} });
  const run = failureOf(closed.proc.run("go"));
  await closed.someone.sees(WAITS);
  await closed.proc.close();
  expect(await run).toMatchObject({ stopReason: "aborted" });
  expect(await closed.someone.output.text()).toContain("(withdrawn: the run was ended)");
});

test("a child that is closed while it is asked about gives way to the next", async () => {
  const { proc, results, someone } = await guarded(
    {
      root: [{ toolCalls: [fork("a"), fork("b")] }, {}],
      child: [{ toolCalls: [call("one")] }, { toolCalls: [call("two")] }, {}, {}],
    },
    { response() {} },
  );
  const children: { close(): Promise<void> }[] = [];
  proc.on("process_start", (child) => {
    if (child !== proc) children.push(child);
  });
  const run = proc.run("go");
  await someone.sees(/text: one[\s\S]*Run it\? >$/);
  await children[0]?.close();
  await someone.sees(/withdrawn[\s\S]*Press Enter for the next question >$/);
  someone.types("");
  await someone.answers(/text: two/, "y");
  await run;
  expect(results).toEqual(["interrupted: the run ended before this call returned", "two"]);
});

test.for(["y", "n no", "a", "s"])("after %j the input has no listener left, and rests", async (line) => {
  const someone = person();
  const before = listeners(someone.input);
  const { proc } = await guarded([{ toolCalls: [call("one")] }, {}], { response() {} }, someone);
  const run = proc.run("go");
  await someone.answers(/text: one/, line);
  await run;
  expectClean(someone, before);
});

test("an input that somebody else reads goes on to flow", async () => {
  const someone = person();
  const heard: string[] = [];
  someone.input.on("data", (chunk: Buffer) => heard.push(chunk.toString()));
  const { proc } = await guarded([{ toolCalls: [call("one")] }, {}], { response() {} }, someone);
  const run = proc.run("go");
  await someone.answers(/text: one/, "y");
  await run;
  someone.types("more");
  await expect.poll(() => heard).toEqual(["y\n", "more\n"]);
});

test("a person may take longer than any other guard", async () => {
  const { proc, results, someone } = await guarded([{ toolCalls: [call("one")] }, {}], { response() {} });
  proc.addCallback({ tool_start() {} }, { timeoutMs: 5, name: "hasty" });
  const run = proc.run("go");
  await someone.sees(WAITS);
  await sleep(60);
  someone.types("y");
  await run;
  expect(results).toEqual(["one"]);
});

test("metadata, ids and the events of a run are the same with and without approval", async () => {
  const heard = async (withApproval: boolean) => {
    const someone = person();
    const proc = await programOf([{ toolCalls: [call("one")] }, { text: "done" }]).start();
    if (withApproval) proc.addCallback(approval({ tools: "*", input: someone.input, output: someone.output }));
    const records: unknown[] = [];
    proc.on("*", (record) => {
      const text = JSON.stringify(record, (key, value: unknown) => (key.endsWith("Ms") ? 0 : value));
      records.push(text.replaceAll(proc.id, "ROOT"));
    });
    const run = proc.run("go", { metadata: { ticket: 7 } });
    if (withApproval) await someone.answers(/one/, "y");
    await run;
    return records;
  };
  expect(await heard(true)).toEqual(await heard(false));
});

test("an input that breaks is a no", async () => {
  const { proc, results, someone } = await guarded([{ toolCalls: [call("one")] }, {}], { response() {} });
  const run = proc.run("go");
  await someone.sees(WAITS);
  someone.input.destroy(new Error("unplugged"));
  await run;
  expect(results).toEqual([expect.stringContaining("nobody could answer")]);
});
