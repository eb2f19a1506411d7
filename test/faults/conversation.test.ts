import { LLMProgram } from "llmproc";
import { scripted } from "llmproc/testing";
import { expect, test } from "vitest";

const turn = { text: "hello", toolCalls: [{ name: "calculator", args: { expression: "1+1" } }] };

test("a run that a callback's abort ends after the reply leaves the turn, its missing result marked", async () => {
  const proc = await new LLMProgram({ model: scripted([turn, { text: "bye" }]), tools: ["calculator"] }).start();
  const aborter = new AbortController();
  proc.on("api_response", () => aborter.abort());
  await expect(proc.run("go", { signal: aborter.signal })).rejects.toMatchObject({ stopReason: "aborted" });
  expect(proc.messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool"]);
  expect(proc.messages[2]?.content).toMatchObject([{ content: expect.stringContaining("interrupted"), isError: true }]);
  expect((await proc.run("again")).lastMessage).toBe("bye");
});

test("a prompt that a guard kept from any reply leaves the conversation", async () => {
  const proc = await new LLMProgram({ model: scripted([{ text: "hello" }]) }).start();
  let refuse = true;
  proc.on("api_request", () => {
    if (refuse) throw new Error("not yet");
  });
  await expect(proc.run("first")).rejects.toMatchObject({ stopReason: "callback" });
  expect(proc.messages).toEqual([]);
  refuse = false;
  await proc.run("second");
  expect(proc.messages.map(({ role }) => role)).toEqual(["user", "assistant"]);
});
