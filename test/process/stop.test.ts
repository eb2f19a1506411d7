import type { EventName } from "llmproc";
import { LLMProgram } from "llmproc";
import { scripted } from "llmproc/testing";
import { expect, test } from "vitest";
import { anyTool, expectWellFormed, gate, inTime, recordsOf } from "./harness.ts";

const echo = anyTool("echo", ({ value }) => value ?? "ok");
const echoTwice = { text: "asking", toolCalls: [{ name: "echo", args: { value: "1" } }, { name: "echo" }] };

/** How many requests a run makes that is stopped at the first event of a kind. */
const REQUESTS: readonly [event: EventName, requests: number, roles: string][] = [
  ["run_start", 0, ""],
  ["turn_start", 0, ""],
  ["api_request", 0, ""],
  ["response_delta", 1, "user,assistant,tool"],
  ["api_response", 1, "user,assistant,tool"],
  ["response", 1, "user,assistant,tool"],
  ["tool_start", 1, "user,assistant,tool"],
  ["tool_end", 1, "user,assistant,tool"],
  ["turn_end", 1, "user,assistant,tool"],
];

for (const [event, requests, roles] of REQUESTS) {
  test(`stop() at ${event} answers the calls asked for and sends no further request`, async () => {
    const model = scripted([echoTwice], { repeat: true });
    const proc = await new LLMProgram({ model, tools: [echo] }).start();
    proc.on(event, () => proc.stop("enough"));
    const result = await inTime(proc.run("x"));
    expect(result).toMatchObject({ stopReason: "stopped", apiCalls: requests, toolCalls: requests * 2 });
    expect(proc.messages.map(({ role }) => role).join()).toBe(roles);
    expectWellFormed(proc.messages);
  });
}

test("a stopped process runs on: the next run is not stopped", async () => {
  const model = scripted([echoTwice, { text: "done" }]);
  const proc = await new LLMProgram({ model, tools: [echo] }).start();
  const off = proc.on("tool_end", () => proc.stop());
  await proc.run("x");
  off();
  expect(await proc.run("y")).toMatchObject({ stopReason: "end", lastMessage: "done" });
});

test("stop() while no run is under way does nothing", async () => {
  const proc = await new LLMProgram({ model: scripted([{ text: "a" }]) }).start();
  proc.stop();
  expect((await proc.run("x")).stopReason).toBe("end");
});

test("stop() during the wait before a retry ends the run without another attempt", async () => {
  const model = scripted([{ error: { status: 529, retryAfterMs: 60_000 } }, { text: "never" }]);
  const proc = await new LLMProgram({ model }).start();
  const records = recordsOf(proc);
  proc.on("api_error", () => setImmediate(() => proc.stop()));
  expect(await inTime(proc.run("x"))).toMatchObject({ stopReason: "stopped", apiCalls: 1 });
  expect(records.filter(({ event }) => event === "api_request")).toHaveLength(1);
  expect(proc.messages).toEqual([]);
});

test("stop() lets calls one after the other run to the last of them", async () => {
  const model = scripted([echoTwice], { repeat: true });
  const proc = await new LLMProgram({ model, tools: [echo], parallelToolCalls: false }).start();
  proc.on("tool_end", () => proc.stop());
  expect(await proc.run("x")).toMatchObject({ stopReason: "stopped", toolCalls: 2, apiCalls: 1 });
});

test("stop() stops the children of the run, too", async () => {
  const model = scripted({
    root: [{ toolCalls: [{ name: "fork", args: { prompts: ["a", "b"] } }] }, { text: "never" }],
    child: [echoTwice, echoTwice, { text: "never" }, { text: "never" }],
  });
  const proc = await new LLMProgram({ model, tools: ["fork", echo] }).start();
  const reasons: unknown[] = [];
  let ended = 0;
  proc.on("run_end", ({ depth }, { stopReason }) => reasons.push([depth, stopReason]));
  proc.on("tool_end", (name) => {
    if (name === "echo" && ++ended === 4) proc.stop();
  });
  expect(await inTime(proc.run("x"))).toMatchObject({ stopReason: "stopped", apiCalls: 3 });
  expect(reasons).toEqual([
    [1, "stopped"],
    [1, "stopped"],
    [0, "stopped"],
  ]);
});

test("children that a tool makes after stop() send no request", async () => {
  const model = scripted({
    root: [{ toolCalls: [{ name: "fork", args: { prompts: ["a", "b"] } }] }, { text: "never" }],
    child: [{ text: "never" }, { text: "never" }],
  });
  const proc = await new LLMProgram({ model, tools: ["fork"] }).start();
  proc.on("tool_start", () => proc.stop());
  expect(await inTime(proc.run("x"))).toMatchObject({ stopReason: "stopped", apiCalls: 1 });
  expect(model.unused).toBe(3);
});

test("a child that begins its run after an abort sends no request", async () => {
  const made = gate();
  const aborter = new AbortController();
  const late = anyTool("late", async (_args, { process }) => {
    const child = await process.forkProcess();
    aborter.abort();
    await child.run("go").catch(() => undefined);
    made.open();
  });
  const model = scripted({ root: [{ toolCalls: [{ name: "late" }] }], child: [{ text: "never" }] });
  const proc = await new LLMProgram({ model, tools: [late] }).start();
  await expect(inTime(proc.run("x", { signal: aborter.signal }))).rejects.toMatchObject({ stopReason: "aborted" });
  await inTime(made.opened);
  expect(model.unused).toBe(1);
});
