import { LLMProgram } from "llmproc";
import { scripted } from "llmproc/testing";
import { expect, test } from "vitest";

test("close() ends in its time though a handler of process_end never settles, and says so", async () => {
  const proc = await new LLMProgram({ model: scripted([{ text: "a" }]) }).start();
  const faults: string[] = [];
  proc.on("process_end", () => new Promise(() => {}), { timeoutMs: 3_600_000, name: "stuck" });
  proc.on("callback_error", ({ callback, event, reason }) => faults.push(`${callback} ${event} ${reason}`));
  await proc.run("go");
  await proc.close();
  expect(faults).toEqual(["stuck process_end timeout"]);
});
