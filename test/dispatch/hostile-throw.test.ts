import { runInNewContext } from "node:vm";
import type { CallbackFault } from "llmproc";
import { LLMProgram } from "llmproc";
import { scripted } from "llmproc/testing";
import { expect, test } from "vitest";
import { watchNode } from "../faults/watch-node.ts";
import { anyTool, customModel, inTime, recordsOf, textReply } from "../process/harness.ts";

watchNode();

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

const start = (...texts: string[]) =>
  new LLMProgram({
    model: scripted(
      texts.map((text) => ({ text })),
      { repeat: true },
    ),
  }).start();

/** The fault of an observer that throws what `make` makes. */
async function faultOf(make: () => unknown): Promise<CallbackFault> {
  const proc = await start("a");
  const faults: CallbackFault[] = [];
  proc.on("response", () => {
    throw make();
  });
  proc.on("callback_error", (fault) => faults.push(fault));
  await proc.run("one");
  expect(faults).toHaveLength(1);
  return faults[0] as CallbackFault;
}

test("a callback that throws or returns what cannot be looked at does not break the process", async () => {
  const proc = await start("a", "b");
  const faults: string[] = [];
  const heard: string[] = [];
  proc.addCallback({
    response() {
      throw revoked();
    },
    api_response: () => revoked(),
    turn_end: async () => {
      throw revoked();
    },
  });
  proc.on("callback_error", ({ event, error }) => faults.push(`${event}: ${error.message}`));
  proc.on("run_end", () => heard.push("run_end"));
  expect((await proc.run("one")).lastMessage).toBe("a");
  expect((await proc.run("two")).lastMessage).toBe("b");
  expect(heard).toEqual(["run_end", "run_end"]);
  expect(faults).toHaveLength(6);
});

test("a guard that throws what cannot be looked at refuses, and the run ends with an error that can", async () => {
  const proc = await start("a");
  proc.on("turn_start", () => {
    throw revoked();
  });
  await expect(proc.run("one")).rejects.toMatchObject({ stopReason: "callback", cause: { message: /looked at/ } });
});

test("what a callback throws is heard as it was thrown, where anybody may look at it", async () => {
  class MadeMessage extends Error {
    override get message() {
      return "made";
    }
  }
  const frozen = Object.freeze(new RangeError("cold"));
  for (const error of [frozen, new DOMException("stop", "AbortError"), new AggregateError([1]), new MadeMessage()]) {
    expect((await faultOf(() => error)).error).toBe(error);
  }
});

test("an error of another realm is heard with its name, message and stack", async () => {
  const thrown: unknown = runInNewContext("new TypeError('from afar')");
  const { error } = await faultOf(() => thrown);
  expect(error).toBeInstanceOf(Error);
  expect([error.name, error.message, error.cause]).toEqual(["TypeError", "from afar", thrown]);
  expect(error.stack).toContain("TypeError: from afar");
});

test("an error that says otherwise at each look is heard as it was at the first", async () => {
  let looks = 0;
  const fickle = Object.defineProperty(new Error(), "message", { get: () => (looks++ < 1 ? "a reason" : Symbol()) });
  const { error } = await faultOf(() => fickle);
  expect([error.message, error.message, error.message]).toEqual(["a reason", "a reason", "a reason"]);
});

test("what is left of an unreadable error is heard", async () => {
  const { error } = await faultOf(() => Object.assign(new Error(), { message: Symbol("why"), name: "OddError" }));
  expect(`${error.name}: ${error.message}`).toBe("OddError: Symbol(why)");
});

test("a promise that is thrown and rejects is a fault, and no unhandled rejection", async () => {
  const { error } = await faultOf(() => Promise.reject(new Error("late")));
  expect(error.message).toMatch(/a promise \(was an await forgotten\?\)/);
});

test("a promise that begins its work only when it is asked is asked, once", async () => {
  let begun = 0;
  class Lazy extends Promise<string> {
    override then: Promise<string>["then"] = (fulfilled, rejected) => {
      begun++;
      return Promise.resolve("done").then(fulfilled, rejected);
    };
  }
  const proc = await start("a");
  proc.on("response", () => new Lazy(() => {}), { timeoutMs: 5000 });
  await inTime(proc.run("one"));
  expect(begun).toBe(1);
});

test("a handler's answer that comes to itself without end is a fault, and the event loop goes on", async () => {
  const self = { then: (resolve: (value: unknown) => void) => resolve(self) };
  const proc = await start("a");
  const faults: string[] = [];
  proc.on("response", () => self);
  proc.on("callback_error", ({ error }) => faults.push(error.message));
  await inTime(proc.run("one"));
  expect(faults).toEqual([expect.stringContaining("100 times")]);
});

test("a tool that writes until the stack is full leaves every later run alive", async () => {
  const model = scripted([{ toolCalls: [{ name: "deep" }] }, { text: "end" }], { repeat: true });
  const deep = anyTool("deep", (_args, { process }) => {
    const write = (): void => {
      process.writeStderr("deeper");
      write();
    };
    write();
  });
  const proc = await new LLMProgram({ model, tools: [deep] }).start();
  const records = recordsOf(proc);
  proc.on("stderr_write", (text) => ({ text }));
  for (const prompt of ["one", "two"]) expect((await inTime(proc.run(prompt))).lastMessage).toBe("end");
  const ends = records.filter(({ event }) => event === "run_end" || event === "tool_end").map(({ event }) => event);
  expect(ends).toEqual(["tool_end", "run_end", "tool_end", "run_end"]);
});

test("metadata that cannot be looked at is no fault of who hears records", async () => {
  const proc = await start("a");
  const records = recordsOf(proc);
  const faults: CallbackFault[] = [];
  proc.on("callback_error", (fault) => faults.push(fault));
  await proc.run("one", { metadata: { secret: Object.freeze([revoked()]), own: revoked() } });
  expect(faults).toEqual([]);
  expect(records.at(-1)).toMatchObject({ event: "run_end", metadata: "[not JSON]" });
});

test("a model that throws what cannot be looked at has its attempt ended", async () => {
  let asked = 0;
  const model = customModel(async (io) => {
    await io.beforeSend({});
    if (asked++ === 0) throw revoked();
    return textReply("fine");
  });
  const proc = await new LLMProgram({ model }).start();
  const records = recordsOf(proc);
  await expect(proc.run("one")).rejects.toMatchObject({ stopReason: "api_error" });
  expect(records.map(({ event }) => event)).toContain("api_error");
  expect((await proc.run("two")).lastMessage).toBe("fine");
});

test("a run that is aborted with what cannot be looked at rejects as aborted", async () => {
  const proc = await start("a");
  const aborter = new AbortController();
  proc.on("turn_start", () => aborter.abort(revoked()));
  await expect(proc.run("one", { signal: aborter.signal })).rejects.toMatchObject({ stopReason: "aborted" });
  expect((await proc.run("two")).stopReason).toBe("end");
});
