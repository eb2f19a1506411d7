import { LLMock } from "@copilotkit/aimock";
import { LLMProgram, openai, openaiCompatible, tool } from "llmproc";
import { expect, test } from "vitest";
import { aimockChatKind, aimockResponsesKind } from "./aimock-kind.ts";
import { modelConformance } from "./conformance.ts";

modelConformance(aimockChatKind);
modelConformance(aimockResponsesKind);

const add = tool({
  name: "add",
  description: "Adds two numbers.",
  parameters: { type: "object", properties: { a: { type: "number" }, b: { type: "number" } }, required: ["a", "b"] },
  execute: ({ a, b }) => a + b,
});

test.each([
  ["Chat Completions", openaiCompatible],
  ["Responses", openai],
])("a run with two calls at once and their results, through %s", async (_name, kind) => {
  const mock = new LLMock({ port: 0, host: "127.0.0.1" });
  const calls = ["call_a", "call_b"].map((id, place) => ({ id, name: "add", arguments: `{"a":${place},"b":2}` }));
  mock.on({ userMessage: "Add.", hasToolResult: false }, { content: "I add.", toolCalls: calls });
  mock.on({ toolCallId: "call_b" }, { content: "2 and 3" });
  await mock.start();
  try {
    const model = kind({ name: "gpt-4.1", baseURL: `${mock.url}/v1`, apiKey: "test-key" });
    await using proc = await new LLMProgram({ model, tools: [add], systemPrompt: "Be exact." }).start();
    const result = await proc.run("Add.");
    expect(result).toMatchObject({ lastMessage: "2 and 3", toolCalls: 2, apiCalls: 2, stopReason: "end" });
    expect(mock.getRequests().map(({ response }) => response.status)).toEqual([200, 200]);
  } finally {
    await mock.stop();
  }
});
