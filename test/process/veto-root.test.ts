import { LLMProgram } from "llmproc";
import { scripted } from "llmproc/testing";
import { expect, test } from "vitest";

test("a guard that refuses the root's process_start ends the run and the process", async () => {
  const proc = await new LLMProgram({ model: scripted([{ text: "a" }]) }).start();
  const cause = new Error("not today");
  const events: string[] = [];
  proc.on("*", ({ event }) => events.push(event));
  proc.on("process_start", () => {
    throw cause;
  });
  await expect(proc.run("go")).rejects.toMatchObject({ stopReason: "callback", cause: { cause } });
  expect(events).toEqual(["process_start", "process_end"]);
  await expect(proc.run("again")).rejects.toMatchObject({ code: "process_closed" });
});
