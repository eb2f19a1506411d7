import { LLMProgram } from "llmproc";
import { scripted } from "llmproc/testing";
import { expect, test } from "vitest";
import { watchTimers } from "../support/timers.ts";
import { anyTool, customModel, expectWellFormed, failureOf, gate, hangs, inTime, textReply } from "./harness.ts";

const timers = watchTimers();

const limits = { wallMs: 20 };

test("wall_ms ends a run in the midst of a request, a tool or a child, with time_limit and what there is of it", async () => {
  const stuck = customModel(async (io) => {
    await io.beforeSend({});
    await io.onText("I think ");
    return hangs(gate())();
  });
  const asks = (name: string, args = {}) => scripted([{ text: "Let me see.", toolCalls: [{ name, args }] }]);
  const hang = anyTool("hang", hangs(gate()));
  const root = [{ text: "Let me see.", toolCalls: [{ name: "fork", args: { prompts: ["a"] } }] }];
  const child = [{ text: "never", delayMs: 60_000 }];
  for (const model of [stuck, asks("hang"), scripted({ root, child })]) {
    const proc = await new LLMProgram({ model, tools: [hang, "fork"], limits }).start();
    const { stopReason, message, result } = await inTime(failureOf(proc.run("go")));
    expect([stopReason, message]).toEqual([
      "time_limit",
      "The run reached its limit of 20 ms. Raise [limits] wall_ms.",
    ]);
    expect(result).toMatchObject({
      stopReason: "time_limit",
      lastMessage: model === stuck ? "I think " : "Let me see.",
    });
    await proc.close();
    if (model !== stuck) expect(proc.messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool"]);
    else expectWellFormed(proc.messages);
  }
});

test("the smaller of the program's and the run's holds, for each run anew", async () => {
  const model = customModel(async (io) => {
    await io.beforeSend({});
    return textReply("hi");
  });
  const proc = await new LLMProgram({ model, limits: { wallMs: 60_000 } }).start();
  for (let run = 0; run < 3; run++) expect((await proc.run("hi")).lastMessage).toBe("hi");
  proc.on("turn_start", hangs(gate()), { timeoutMs: 60_000 });
  const error = await inTime(failureOf(proc.run("hi", { limits })));
  expect(error.stopReason).toBe("time_limit");
});

test("a run that is over leaves no timer, and one without a limit makes none", async () => {
  const before = timers();
  const seen: number[] = [];
  for (const wallMs of [60_000, Number.POSITIVE_INFINITY]) {
    const proc = await new LLMProgram({ model: scripted([{ text: "hi" }]) }).start();
    proc.on("response", () => void seen.push(timers() - before));
    await proc.run("hi", { limits: { wallMs } });
    expect(timers()).toBe(before);
  }
  expect(seen).toEqual([1, 0]);
});
