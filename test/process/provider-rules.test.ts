import type { Message } from "llmproc";
import { expect, test } from "vitest";
import { chatCompletionsProblems, messagesApiProblems } from "../support/provider-rules.ts";

const text = (role: "user" | "assistant", words: string) => ({ role, content: [{ type: "text", text: words }] });
const uses = (...ids: string[]) => ({
  role: "assistant",
  content: ids.map((id) => ({ type: "tool_use", id, name: "t", input: {} })),
});
const results = (...ids: string[]) => ({
  role: "user",
  content: ids.map((id) => ({ type: "tool_result", tool_use_id: id, content: "ok" })),
});

const GOOD = [
  [text("user", "hi")],
  [text("user", "hi"), text("assistant", "a"), text("user", "b")],
  [text("user", "hi"), uses("1", "2"), results("1", "2")],
  [text("user", "hi"), uses("1"), { role: "user", content: [...results("1").content, { type: "text", text: "and" }] }],
];
const BAD: readonly (readonly [problem: string, messages: readonly object[]])[] = [
  ["at least one message", []],
  ["roles must alternate", [text("assistant", "hi")]],
  ["roles must alternate", [text("user", "a"), text("user", "b")]],
  ["content must not be empty", [{ role: "user", content: [] }]],
  ["must not be blank", [text("user", " ")]],
  ["has no tool_result right after", [text("user", "hi"), uses("1"), text("user", "b")]],
  ["has no tool_use right before", [text("user", "hi"), text("assistant", "a"), results("1")]],
  [
    "must come first",
    [text("user", "a"), uses("1"), { role: "user", content: [...text("user", "b").content, ...results("1").content] }],
  ],
  ["a single result", [text("user", "hi"), uses("1"), results("1", "1")]],
  ["ids must be unique", [text("user", "hi"), uses("1"), results("1"), uses("1"), results("1")]],
  ["last message must be the user's", [text("user", "hi"), text("assistant", "a")]],
  [
    "cannot be empty if is_error",
    [
      text("user", "hi"),
      uses("1"),
      { role: "user", content: [{ type: "tool_result", tool_use_id: "1", is_error: true }] },
    ],
  ],
];

test("the judge of the Messages API lets good conversations pass", () => {
  for (const messages of GOOD) expect(messagesApiProblems({ messages })).toEqual([]);
});

test.each(BAD)("the judge of the Messages API says: %s", (problem, messages) => {
  expect(messagesApiProblems({ messages }).join("\n")).toContain(problem);
});

const prompt: Message = { role: "user", content: [{ type: "text", text: "hi" }] };
const says = (words: string): Message => ({ role: "assistant", content: [], text: words });
const calls = (...ids: string[]): Message => ({
  role: "assistant",
  text: "",
  content: ids.map((id) => ({ type: "tool_call", id, name: "t", args: {} })),
});
const answers = (...ids: string[]): Message => ({
  role: "tool",
  content: ids.map((callId) => ({ callId, toolName: "t", content: "ok", isError: false })),
});

test.each<[string, Message[]]>([
  ["must follow the tool_calls", [prompt, says("a"), answers("1"), prompt]],
  ["without an answer right behind", [prompt, calls("1", "2"), answers("1"), prompt]],
  ["without an answer", [prompt, calls("1")]],
  ["must follow the tool_calls", [prompt, calls("1"), answers("1", "1"), prompt]],
  ["ids of tool_calls must differ", [prompt, calls("1", "1"), answers("1"), prompt]],
  ["must have content or tool_calls", [prompt, says(""), prompt]],
  ["must have content", [{ role: "user", content: [] }]],
  ["roles must alternate", [prompt, prompt]],
  [
    "content of an error must not be empty",
    [prompt, calls("1"), { role: "tool", content: [{ callId: "1", toolName: "t", content: "", isError: true }] }],
  ],
  ["must answer something", [prompt, calls("1"), answers(), prompt]],
  ["the model has spoken", [prompt, says("a")]],
])("the judge of Chat Completions says: %s", (problem, messages) => {
  expect(chatCompletionsProblems(messages).join("\n")).toContain(problem);
});

test("the judge of Chat Completions lets good conversations pass", () => {
  const good: Message[][] = [[prompt], [prompt, says("a"), prompt], [prompt, calls("1", "2"), answers("1", "2")]];
  for (const messages of good) expect(chatCompletionsProblems(messages)).toEqual([]);
});
