import type { CallbackOptions } from "llmproc";
import { LLMProgram } from "llmproc";
import { scripted } from "llmproc/testing";
import { expect, test } from "vitest";
import { warningsOf, watchNode } from "../faults/watch-node.ts";
import { gate, recordsOf, settled } from "../process/harness.ts";

watchNode();

test("once close() has settled no event follows, and what can be told no more is a warning", async () => {
  const proc = await new LLMProgram({ model: scripted([{ text: "a" }]) }).start();
  const open = gate();
  const records = recordsOf(proc);
  proc.on("callback_error", () => {});
  const options = (name: string): CallbackOptions => ({ observe: true, timeoutMs: 20, name });
  // Each misses what is told of the other: that is counted, and told when it hears on.
  proc.addCallback(() => open.opened, options("late one"));
  proc.addCallback(() => open.opened, options("late two"));
  await proc.run("x");
  await proc.close();
  const heard = records.length;
  open.open();
  await settled();
  expect(records.slice(heard)).toEqual([]);
  expect([...warningsOf("late one"), ...warningsOf("late two")].length).toBeGreaterThan(0);
});

test("a callback that is added to a closed process is told nothing, not even of faults", async () => {
  const proc = await new LLMProgram({ model: scripted([{ text: "a" }]) }).start();
  const open = gate();
  const both = ["one", "two"].map((name) => {
    proc.addCallback(() => open.opened, { observe: true, timeoutMs: 20, name: `early ${name}` });
    return name;
  });
  await proc.run("x");
  await proc.close();
  const records = recordsOf(proc);
  open.open();
  await settled();
  expect([records, both.length]).toEqual([[], 2]);
});
