import { expect, test } from "vitest";
import { timing } from "../../src/callbacks/timing.ts";
import { answer, replaceResult, Veto } from "../../src/events/verdict.ts";
import { tool } from "../../src/tools/tool.ts";
import { programOf } from "./program.ts";

/** Two tools of one name can't be; so one tool, whose calls end in an order of their own: the first one last. */
function lastFirst() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return tool({
    name: "wait",
    description: "The first call ends after the second.",
    parameters: { type: "object", properties: { first: { type: "boolean" } }, required: ["first"] },
    async execute({ first }) {
      if (first) await promise;
      else setTimeout(resolve, 20);
      return "done";
    },
  });
}

test("two calls of the same tool at the same time are timed each by itself", async () => {
  const times = timing();
  const calls = [true, false].map((first) => ({ name: "wait", args: { first } }));
  const quick = { name: "wait", args: { first: false } };
  const proc = await programOf([{ toolCalls: calls }, { toolCalls: [quick] }, { text: "ok" }], { tools: [lastFirst()] })
    .start()
    .addCallback(times);
  const durations: number[] = [];
  proc.on("tool_end", (_name, _result, info) => durations.push(info.execMs ?? Number.NaN));
  await proc.run("go");

  expect(durations).toHaveLength(3);
  const totalMs = durations.reduce((sum, duration) => sum + duration, 0);
  const { wait } = times.getStats();
  expect(wait).toMatchObject({ calls: 3, errors: 0, denied: 0, invalid: 0 });
  expect(wait?.totalMs).toBeCloseTo(totalMs, 6);
  expect(wait?.avgMs).toBeCloseTo(totalMs / 3, 6);
  expect(wait?.maxMs).toBeCloseTo(Math.max(...durations), 6);
  expect(wait?.maxMs).toBeGreaterThan(15);
});

test("calls of forked children are counted with the parent's", async () => {
  const times = timing();
  const proc = await programOf({
    root: [{ toolCalls: [{ name: "fork", args: { prompts: ["one", "two"] } }] }, { text: "ok" }],
    child: [
      { toolCalls: [{ name: "echo", args: { text: "a" } }] },
      { toolCalls: [{ name: "echo", args: { text: "b" } }] },
      { text: "ok" },
      { text: "ok" },
    ],
  })
    .start()
    .addCallback(times);
  await proc.run("go");
  expect(times.getStats()).toMatchObject({ echo: { calls: 2 }, fork: { calls: 1 } });
});

test("errors count as calls; denied, answered and invalid ones are counted apart and take no time", async () => {
  const times = timing();
  const toolCalls = [
    { name: "broken", args: {} },
    { name: "echo", args: { text: "fine" } },
    { name: "echo", args: { text: "secret" } },
    { name: "echo", args: { text: "known" } },
    { name: "echo", args: { wrong: 1 } },
    { name: "__proto__", args: {} },
  ];
  const proc = await programOf([{ toolCalls }, { text: "ok" }])
    .start()
    .addCallback(times);
  proc.addCallback({
    tool_start(_toolName: string, { text }) {
      if (text === "secret") throw new Veto("no");
      return text === "known" ? answer("from a cache") : undefined;
    },
  });
  await proc.run("go");
  const stats = times.getStats();
  expect(stats.broken).toMatchObject({ calls: 1, errors: 1, denied: 0, invalid: 0 });
  expect(stats.echo).toMatchObject({ calls: 1, errors: 0, denied: 1, answered: 1, invalid: 1 });
  expect(Object.entries(stats).find(([name]) => name === "__proto__")?.[1]).toEqual({
    calls: 0,
    errors: 0,
    denied: 0,
    answered: 0,
    invalid: 1,
    totalMs: 0,
    avgMs: 0,
    maxMs: 0,
  });
});

test("what getStats has returned does not change with later calls", async () => {
  const times = timing();
  const call = { toolCalls: [{ name: "echo", args: { text: "a" } }] };
  const proc = await programOf([call, { text: "ok" }], { scripted: { repeat: true } })
    .start()
    .addCallback(times);
  await proc.run("first");
  const before = times.getStats();
  await proc.run("second");
  expect(before.echo?.calls).toBe(1);
  expect(times.getStats().echo?.calls).toBe(2);
});

test("what a guard is waited for is in no tool's time, neither in that of its call nor of the others", async () => {
  const times = timing();
  const toolCalls = [
    { name: "echo", args: { text: "asked" } },
    { name: "echo", args: { text: "not asked" } },
  ];
  const proc = await programOf([{ toolCalls }, { text: "ok" }])
    .start()
    .addCallback(times);
  const WAIT_MS = 200;
  proc.on("tool_start", async (_name, { text }) => {
    if (text === "asked") await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
  });
  const ends: { execMs: number; durationMs: number }[] = [];
  proc.on("tool_end", (_name, _result, { execMs = Number.NaN, durationMs = 0 }) => ends.push({ execMs, durationMs }));
  await proc.run("go");
  // The guard hears one call at a time, so both waited for it.
  for (const { execMs, durationMs } of ends) expect(durationMs - execMs).toBeGreaterThan(WAIT_MS / 2);
  expect(ends).toHaveLength(2);
  expect(times.getStats().echo?.totalMs).toBeCloseTo(
    ends.reduce((sum, { execMs }) => sum + execMs, 0),
    6,
  );
});

test("a call whose result a guard withheld or replaced has run, and has not failed", async () => {
  const times = timing();
  const toolCalls = ["a", "b"].map((text) => ({ name: "echo", args: { text } }));
  const proc = await programOf([{ toolCalls }, { text: "ok" }])
    .start()
    .addCallback(times);
  proc.on("tool_result", (_name, { content }) => {
    if (content === "a") throw new Veto("Not for you.");
    return replaceResult("c");
  });
  await proc.run("go");
  expect(times.getStats().echo).toMatchObject({ calls: 2, errors: 0, denied: 0 });
});
