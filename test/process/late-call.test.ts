import { LLMProgram, tool } from "llmproc";
import { scripted } from "llmproc/testing";
import { expect, test } from "vitest";
import { gate } from "./harness.ts";

test("a call that goes on after its turn can make no children any more", async () => {
  const later = gate();
  const codes: unknown[] = [];
  const late = tool({
    name: "late",
    description: "Answers at once and goes on in the background.",
    parameters: { type: "object" },
    execute: (_args, { process }) => {
      const forking = later.opened.then(() => process.forkProcess());
      forking.catch((error: { code?: unknown }) => codes.push(error.code));
      return "done";
    },
  });
  const model = scripted([{ toolCalls: [{ name: "late" }] }, { text: "end" }]);
  const proc = await new LLMProgram({ model, tools: [late] }).start();
  await proc.run("go");
  const roles = proc.messages.map(({ role }) => role);
  later.open();
  await expect.poll(() => codes).toEqual(["call_over"]);
  expect(proc.messages.map(({ role }) => role)).toEqual(roles);
});

test("a run that is asked to stop during a request that then fails ends as stopped", async () => {
  const proc = await new LLMProgram({ model: scripted([{ error: { status: 529 }, delayMs: 5 }]) }).start();
  proc.on("api_request", () => void setTimeout(() => proc.stop(), 1));
  expect((await proc.run("go")).stopReason).toBe("stopped");
});

for (const prompt of ["", "  \n", [], 7 as never]) {
  test(`the prompt ${JSON.stringify(prompt)} is refused, and the process can run another`, async () => {
    const proc = await new LLMProgram({ model: scripted([{ text: "ok" }]) }).start();
    await expect(proc.run(prompt)).rejects.toMatchObject({ code: "run_invalid" });
    expect((await proc.run("go")).lastMessage).toBe("ok");
  });
}
