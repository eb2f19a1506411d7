import { expect, onTestFinished, test, vi } from "vitest";
import type { ObjectCallback } from "../../src/events/callback.ts";
import { CALL, tried } from "./tried.ts";

test("a guard that hangs would have denied each call until it settles, those that wait for it too", async () => {
  const held = Promise.withResolvers<void>();
  const heard: string[] = [];
  const reasons: unknown[] = [];
  const guard: ObjectCallback = {
    callbackOptions: { name: "slow", timeoutMs: 20 },
    tool_start(_toolName, { text }, { signal }) {
      heard.push(String(text));
      if (text !== "first") return undefined;
      signal.addEventListener("abort", () => reasons.push(signal.reason));
      return held.promise;
    },
  };
  const call = (text: string) => ({ name: "echo", args: { text } });
  const script = [
    { toolCalls: [call("first"), call("second")] },
    { toolCalls: [call("third")] },
    { text: "done" },
    { toolCalls: [call("fourth")] },
    { text: "done" },
  ];
  const { proc, results, faults, reports } = await tried(guard, { script } as never);
  expect([results, heard]).toEqual([["first", "second", "third"], ["first"]]);
  const verdict = { would: "deny", reason: "did not settle within 20 ms" };
  expect(reports.map((report) => [report.callId, report.verdict])).toEqual([
    ["call_1_1", verdict],
    ["call_1_2", verdict],
    ["call_2_1", verdict],
  ]);
  const message = "would have denied echo: did not settle within 20 ms";
  expect(faults).toEqual(Array(3).fill({ callback: "shadow of slow", event: "tool_start", message }));
  expect(reasons).toMatchObject([{ code: "callback_timeout", timeoutMs: 20 }]);
  held.resolve();
  await proc.run("again");
  expect([heard, faults.length]).toEqual([["first", "fourth"], 3]);
});

test("a guard that hangs in a handler that decides nothing would deny what comes after it", async () => {
  const guard = { callbackOptions: { timeoutMs: 20 }, response: () => new Promise(() => {}), tool_start() {} };
  const { faults, reports } = await tried(guard, { script: [{ text: "so", ...CALL }, { text: "done" }] });
  expect(reports).toMatchObject([{ event: "tool_start", verdict: { would: "deny" } }]);
  expect(faults[0]).toMatchObject({ event: "response", message: expect.stringContaining("within 20 ms") });
});

test("no timer is left once a guard has answered", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  const { proc } = await tried({ tool_start: async () => {} });
  await proc.close();
  expect(vi.getTimerCount()).toBe(0);
});
