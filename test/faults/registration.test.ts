import type { Callback, EventInfo, EventName, LLMProcess } from "llmproc";
import { LLMProgram, RunError, Veto } from "llmproc";
import type { ScriptedStep } from "llmproc/testing";
import { scripted } from "llmproc/testing";
import { expect, test } from "vitest";
import { watchNode } from "./watch-node.ts";

watchNode();

const turn: ScriptedStep = { text: "hello", toolCalls: [{ name: "calculator", args: { expression: "1+1" } }] };

async function start(options: { callbacks?: readonly Callback[] } = {}): Promise<LLMProcess> {
  const model = scripted([turn, { text: "bye" }], { repeat: true });
  return await new LLMProgram({ model, tools: ["calculator"] }).start(options);
}

/** A function callback that notes `process id:event`, relative to the root. */
function listener(): { readonly heard: string[]; readonly callback: (...given: unknown[]) => void } {
  const heard: string[] = [];
  return {
    heard,
    callback: (...given) => {
      const { process, event } = given.at(-1) as EventInfo;
      heard.push(`${process.id.slice(process.rootId.length)}:${event}`);
    },
  };
}

const count = (heard: readonly string[], event: string) => heard.filter((one) => one === event).length;

test("the same callback twice on a process hears each event once, under the options of the second", async () => {
  const proc = await start();
  const names: string[] = [];
  let calls = 0;
  const guard = {
    turn_start() {
      calls++;
      throw new Error("no");
    },
  };
  proc.addCallback(guard, { name: "first" }).addCallback(guard, { name: "second", observe: true });
  proc.on("callback_error", ({ callback }) => names.push(callback));
  await proc.run("go");
  expect(calls).toBe(2);
  expect(names).toEqual(["second", "second"]);
});

test("a callback on parent and child hears each event of the child once", async () => {
  const proc = await start();
  const { heard, callback } = listener();
  proc.addCallback(callback);
  const child = await proc.forkProcess().addCallback(callback);
  child.addCallback(callback);
  await child.run("go");
  expect(count(heard, ".1:process_start")).toBe(1);
  expect(count(heard, ".1:run_start")).toBe(1);
  expect(count(heard, ".1:turn_start")).toBe(2);
});

test("the outermost registration's options hold: a child cannot disarm its parent's guard", async () => {
  const proc = await start();
  const guard = {
    turn_start() {
      throw new Veto("not below me");
    },
  };
  proc.addCallback(guard, { name: "guard" });
  const child = await proc.forkProcess();
  child.addCallback(guard, { name: "harmless", observe: true, timeoutMs: 1 });
  const error = await child.run("go").catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(RunError);
  expect(error).toMatchObject({ stopReason: "callback", result: { vetoes: [{ callback: "guard" }] } });
});

test("callbacks hear an event in order of registration, the root's first", async () => {
  const proc = await start();
  const order: string[] = [];
  const named = (name: string) => ({ run_start: () => void order.push(name) });
  const child = await proc.forkProcess().addCallback(named("child"));
  const again = named("root 1");
  proc.addCallback(again).addCallback(named("root 2")).addCallback(again, { timeoutMs: 5000 });
  await child.run("go");
  expect(order).toEqual(["root 1", "root 2", "child"]);
});

test("a callback that is removed while its handler works hears nothing more, and its answer still counts", async () => {
  const proc = await start();
  const heard: EventName[] = [];
  let decide = () => {};
  const callback = (...given: unknown[]) => {
    const { event } = given.at(-1) as EventInfo;
    heard.push(event);
    if (event !== "tool_start") return undefined;
    proc.removeCallback(callback);
    return new Promise((_resolve, reject) => {
      decide = () => reject(new Veto("last word"));
    });
  };
  proc.addCallback(callback);
  proc.on("tool_start", () => setImmediate(() => decide()));
  await proc.run("go");
  expect(heard.at(-1)).toBe("tool_start");
  const results = proc.messages.flatMap((message) => (message.role === "tool" ? message.content : []));
  expect(results).toMatchObject([{ content: "last word", isError: true }]);
});

test("what waits for a callback when it is removed is not handed to it", async () => {
  const proc = await start();
  const heard: EventName[] = [];
  let release = () => {};
  const callback = (...given: unknown[]) => {
    const { event } = given.at(-1) as EventInfo;
    heard.push(event);
    if (event !== "response") return undefined;
    return new Promise<void>((resolve) => {
      release = resolve;
    });
  };
  proc.addCallback(callback, { observe: true });
  proc.on("turn_end", () => {
    proc.removeCallback(callback);
    release();
  });
  await proc.run("go");
  expect(heard.at(-1)).toBe("response");
  expect(heard.filter((event) => event === "response")).toHaveLength(1);
});

test("one that is removed by another, earlier in the same event, does not hear that event", async () => {
  const proc = await start();
  const { heard, callback } = listener();
  proc.on("turn_start", () => proc.removeCallback(callback));
  proc.addCallback(callback);
  await proc.run("go");
  expect(heard).toEqual([":process_start", ":run_start"]);
});

test("a callback that is added in the middle of an event hears from the next one on", async () => {
  const proc = await start();
  const { heard, callback } = listener();
  proc.on("api_request", () => proc.addCallback(callback));
  await proc.run("go");
  expect(heard.slice(0, 2)).toEqual([":response_delta", ":api_response"]);
  expect(count(heard, ":api_request")).toBe(1);
});

test("a callback that is muted in a child is heard everywhere else, and in the child when it is added again", async () => {
  const proc = await start();
  const { heard, callback } = listener();
  proc.addCallback(callback);
  const child = await proc.forkProcess();
  child.removeCallback(callback);
  const grandchild = await child.forkProcess();
  const sibling = await proc.forkProcess();
  await Promise.all([child.run("go"), grandchild.run("go"), sibling.run("go"), proc.run("go")]);
  expect([":", ".1:", ".1.1:", ".2:"].map((id) => count(heard, `${id}run_start`))).toEqual([1, 0, 0, 1]);
  child.addCallback(callback);
  await Promise.all([child.run("go"), grandchild.run("go")]);
  expect([".1:", ".1.1:"].map((id) => count(heard, `${id}run_start`))).toEqual([1, 1]);
});

test("a callback that is removed and added again hears each event once", async () => {
  const proc = await start();
  const { heard, callback } = listener();
  proc.addCallback(callback);
  proc.removeCallback(callback);
  await proc.run("go");
  expect(heard).toEqual([]);
  proc.addCallback(callback);
  await proc.run("go");
  expect(count(heard, ":run_start")).toBe(1);
});

test("inheritance is live: added after the fork it is heard in the child, removed from the parent it is not", async () => {
  const proc = await start();
  const child = await proc.forkProcess();
  const grandchild = await child.forkProcess();
  const { heard, callback } = listener();
  proc.addCallback(callback);
  await Promise.all([child.run("go"), grandchild.run("go")]);
  expect([count(heard, ".1:run_start"), count(heard, ".1.1:run_start")]).toEqual([1, 1]);
  heard.length = 0;
  proc.removeCallback(callback);
  await Promise.all([child.run("go"), grandchild.run("go")]);
  expect(heard).toEqual([]);
});

test("inherit: false keeps a callback to its own process", async () => {
  const proc = await start();
  const { heard, callback } = listener();
  proc.addCallback(callback, { inherit: false });
  const child = await proc.forkProcess();
  await child.run("go");
  await proc.run("go");
  expect(heard.filter((one) => !one.startsWith(":"))).toEqual([]);
  expect(count(heard, ":run_start")).toBe(1);
});

test("a child's own callbacks are not heard above it", async () => {
  const proc = await start();
  const { heard, callback } = listener();
  const child = await proc.forkProcess().addCallback(callback);
  const grandchild = await child.forkProcess();
  await Promise.all([proc.run("go"), child.run("go"), grandchild.run("go")]);
  expect(new Set(heard.map((one) => one.split(":")[0]))).toEqual(new Set([".1", ".1.1"]));
});

test("what on() returns takes off just that registration, also at the end of a using block", async () => {
  const proc = await start();
  let calls = 0;
  const handler = () => void calls++;
  {
    using _off = proc.on("run_start", handler);
    proc.on("run_end", handler);
    await proc.run("go");
  }
  expect(calls).toBe(2);
  await proc.run("go");
  expect(calls).toBe(3);
});

test("200 processes at once, with forks: no event under the wrong process, run or call", async () => {
  const proc = await start();
  const wrong: string[] = [];
  const starts = new Map<string, number>();
  proc.on("*", (record, info) => {
    const { id } = record.process;
    if (info.process.id !== id || (record.runId !== undefined && !record.runId.startsWith(`${id}.r`))) {
      wrong.push(`${id} ${record.event} ${record.runId}`);
    }
    if (record.event === "tool_start") starts.set(`${id} ${record.callId}`, 1);
    if (record.event === "tool_end" && !starts.delete(`${id} ${record.callId}`)) wrong.push(`${id} ${record.callId}`);
  });
  const children = await Promise.all(Array.from({ length: 200 }, () => proc.forkProcess()));
  await Promise.all(children.map((child) => child.run("go")));
  await proc.close();
  expect(wrong).toEqual([]);
  expect(starts.size).toBe(0);
});
