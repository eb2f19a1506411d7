import type { CallbackFault, CallbackOptions } from "llmproc";
import { LLMProgram } from "llmproc";
import { scripted } from "llmproc/testing";
import { expect, test } from "vitest";

const program = new LLMProgram({ model: scripted([{ text: "a" }], { repeat: true }) });

/** A guard that refuses, and may carry other options the next time that it is asked for them. */
function changing(first: CallbackOptions) {
  const guard = {
    callbackOptions: first,
    run_start() {
      throw new Error("no");
    },
  };
  return guard;
}

test("a callback registered again after it stopped only observing is a guard", async () => {
  const guard = changing({ observe: true });
  const proc = await program.start().addCallback(guard);
  proc.on("callback_error", () => {});
  expect((await proc.run("x")).stopReason).toBe("end");
  guard.callbackOptions = { observe: false };
  // Registered with what it carried then: nothing has changed until it is registered again.
  expect((await proc.run("x")).stopReason).toBe("end");
  proc.addCallback(guard);
  await expect(proc.run("x")).rejects.toMatchObject({ stopReason: "callback" });
  const other = await program.start().addCallback(guard);
  await expect(other.run("x")).rejects.toMatchObject({ stopReason: "callback" });
});

test("its time limit, its name and whether children inherit it are those of now, too", async () => {
  const guard = changing({ observe: true, name: "first", timeoutMs: 1000 });
  const proc = await program.start().addCallback(guard);
  const faults: CallbackFault[] = [];
  proc.on("callback_error", (fault) => faults.push(fault));
  await proc.run("x");
  guard.callbackOptions = { observe: true, name: "second", inherit: false };
  proc.addCallback(guard);
  await (await proc.forkProcess()).run("x");
  await proc.run("x");
  expect(faults.map(({ callback }) => callback)).toEqual(["first", "second"]);
});

test("options that a getter makes are read once for each registration, and one that throws registers nothing", async () => {
  let reads = 0;
  const guard = {
    get callbackOptions(): CallbackOptions {
      if (reads++ === 2) throw new Error("no options today");
      return { name: `read ${reads}`, observe: true };
    },
    run_start() {
      throw new Error("no");
    },
  };
  const names: string[] = [];
  const proc = await program.start();
  proc.on("callback_error", ({ callback }) => names.push(callback));
  proc.addCallback(guard).addCallback(guard);
  expect(() => proc.addCallback(guard)).toThrow("no options today");
  await proc.run("x");
  expect(names).toEqual(["read 2"]);
});

test("a second registration holds where the first was", async () => {
  const proc = await program.start();
  const order: string[] = [];
  const named = (name: string) => ({ run_start: () => void order.push(name) });
  const [one, two, three] = [named("one"), named("two"), named("three")];
  proc.addCallback(one).addCallback(two).addCallback(three).addCallback(one, { timeoutMs: 7 }).addCallback(two);
  await proc.run("x");
  expect(order).toEqual(["one", "two", "three"]);
});
