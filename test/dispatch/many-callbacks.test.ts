// isolated: it counts the work of its own process, in which nothing else is to be collected.
import type { Off } from "llmproc";
import { LLMProgram } from "llmproc";
import { scripted } from "llmproc/testing";
import { expect, test } from "vitest";
import { howMany } from "../support/sample.ts";

const program = new LLMProgram({ model: scripted([{ text: "a" }], { repeat: true }) });

let heard = 0;
const listeners = (count: number) =>
  Array.from({ length: count }, (_, place) => (place % 2 === 0 ? { run_end: () => void heard++ } : () => void heard++));

/** What of its work the processor did for this, in milliseconds: others on the machine have no say in it. */
async function workOf(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** The least of a few, for so many callbacks: the first ones also pay for what is compiled, and some for what is collected. */
async function leastOf(count: number, prepare: (count: number) => Promise<() => unknown>): Promise<number> {
  const costs: number[] = [];
  for (let round = 0; round < howMany(5, 7); round++) costs.push(await workOf(await prepare(count)));
  return Math.min(...costs);
}

const DEEDS: Record<string, (count: number) => Promise<() => unknown>> = {
  "adding callbacks to a process": async (count) => {
    const proc = await program.start();
    const callbacks = listeners(count);
    return () => {
      for (const callback of callbacks) proc.addCallback(callback);
    };
  },
  "taking them off, in any order": async (count) => {
    const proc = await program.start();
    const callbacks = listeners(count);
    for (const callback of callbacks) proc.addCallback(callback);
    const [odd, even] = [1, 0].map((rest) => callbacks.filter((_callback, place) => place % 2 === rest));
    return async () => {
      for (const callback of [...(odd ?? []), ...(even ?? []).reverse()]) proc.removeCallback(callback);
      await proc.run("x");
    };
  },
  "each taking itself off when it hears": async (count) => {
    const proc = await program.start();
    for (let place = 0; place < count; place++) {
      const off: Off = proc.on("run_start", () => off());
    }
    return () => proc.run("x");
  },
  "a run that all of them hear": async (count) => {
    const proc = await program.start();
    for (const callback of listeners(count)) proc.addCallback(callback);
    return () => proc.run("x");
  },
};

for (const [deed, prepare] of Object.entries(DEEDS)) {
  test(`${deed}: eight times as many cost eight times as much, not sixty-four`, async () => {
    const few = await leastOf(500, prepare);
    const many = await leastOf(4000, prepare);
    expect(many / few).toBeLessThan(40);
  });
}

test("a hundred forks of a process with 4,000 callbacks, each with one of its own, hear all of them", async () => {
  const proc = await program.start();
  const callbacks = listeners(4000);
  for (const callback of callbacks) proc.addCallback(callback);
  const own: string[] = [];
  for (let place = 0; place < 100; place++) {
    const child = await proc.forkProcess();
    child.on("run_start", ({ id }) => own.push(id));
    if (place % 20 === 0) await child.run("x");
  }
  expect(own).toHaveLength(5);
  heard = 0;
  const child = await proc.forkProcess();
  await child.run("x");
  // Process and run: 2,000 hear the end of it, and 2,000 all of its events.
  expect(heard).toBeGreaterThan(2000 + 2000 * 8);
});
