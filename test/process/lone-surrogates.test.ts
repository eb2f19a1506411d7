import type { Message, Model, Prompt } from "llmproc";
import { answer, anthropic, LLMProgram, openai, openaiCompatible, RunError } from "llmproc";
import { describe, expect, test } from "vitest";
import type { AnthropicAnswer } from "../support/anthropic-server.ts";
import { anthropicServer, eventStream, streamEvents } from "../support/anthropic-server.ts";
import { chatServer } from "../support/chat-server.ts";
import { responsesServer } from "../support/responses-server.ts";
import type { WireServer } from "../support/wire-server.ts";
import { anyTool, failureOf, inTime } from "./harness.ts";

const HALF = "\u{1f600}".slice(0, 1);
const DONE: AnthropicAnswer = { message: { content: [{ type: "text", text: "done" }] } };

function calling(input: object = {}): AnthropicAnswer {
  return { message: { content: [{ type: "tool_use", id: "call-1", name: "odd", input }] } };
}

/** No vendor reads a body with half of a surrogate pair in it, escaped or not: it answers 400, also the next time. */
function expectWhole({ requests }: WireServer, count: number): void {
  expect(requests).toHaveLength(count);
  for (const { raw } of requests) expect(raw.toString()).not.toMatch(/\\ud[89a-f]/i);
}

function modelAt({ url }: WireServer): Model {
  return anthropic({ name: "claude-test", apiKey: "test-key", baseURL: url });
}

describe("half of a surrogate pair never reaches the wire", () => {
  test.each<[where: string, execute: () => unknown]>([
    ["in a text that a tool returns", () => HALF],
    ["in an object that a tool returns", () => ({ [HALF]: [HALF] })],
    ["in an object that has to be written with care", () => new Map([[HALF, { deep: HALF, at: new Date(0) }]])],
    ["in a long text in an object", () => ({ date: new Date(0), text: HALF.repeat(90_000) })],
    ["in a value that is cut", () => [HALF.repeat(150_000), { [HALF.repeat(150_000)]: 1 }]],
    ["in an error that a tool throws", () => Promise.reject(new Error(HALF))],
    ["in what a tool throws beside errors", () => Promise.reject(HALF)],
  ])("%s", async (_where, execute) => {
    await using server = await anthropicServer([calling(), DONE]);
    const proc = await new LLMProgram({ model: modelAt(server), tools: [anyTool("odd", execute)] }).start();
    expect((await inTime(proc.run("x"))).lastMessage).toBe("done");
    expectWhole(server, 2);
  });

  test("in what a guard answers", async () => {
    await using server = await anthropicServer([calling(), DONE]);
    const proc = await new LLMProgram({ model: modelAt(server), tools: [anyTool("odd", () => 1)] }).start();
    proc.on("tool_start", () => answer({ at: HALF }));
    await inTime(proc.run("x"));
    expectWhole(server, 2);
  });

  test.each<[what: string, prompt: Prompt]>([
    ["text", `x${HALF}`],
    ["blocks", [{ type: "text", text: `x${HALF}` }]],
  ])("in a prompt of %s, which guards and the conversation have mended, too", async (_what, prompt) => {
    await using server = await anthropicServer([DONE]);
    const proc = await new LLMProgram({ model: modelAt(server) }).start();
    const heard: Prompt[] = [];
    proc.on("run_start", (_process, given) => void heard.push(given));
    await inTime(proc.run(prompt));
    expectWhole(server, 1);
    const mended = [{ type: "text", text: "x\ufffd" }];
    expect(heard).toEqual([typeof prompt === "string" ? "x\ufffd" : mended]);
    expect(proc.messages[0]?.content).toEqual(mended);
  });

  test("in a system prompt, in what describes a tool, and in a conversation to go on with", async () => {
    await using server = await anthropicServer([DONE]);
    const odd = { ...anyTool("odd", () => 1), description: `odd ${HALF}` };
    const messages: Message[] = [
      { role: "user", content: [{ type: "text", text: HALF }] },
      { role: "assistant", content: [], text: `So far ${HALF}`, interrupted: true },
    ];
    const program = new LLMProgram({ model: modelAt(server), systemPrompt: `Be kind ${HALF}`, tools: [odd] });
    await inTime((await program.start({ messages })).run("x"));
    expectWhole(server, 1);
    expect(server.requests[0]?.body.system).toBe("Be kind \ufffd");
  });

  test("in arguments and texts of the model's own; the tool gets them as they came", async () => {
    const said = [{ type: "text", text: `Well ${HALF}` }, ...(calling({ q: [HALF] }).message?.content ?? [])];
    await using server = await anthropicServer([{ message: { content: said } }, calling({ [HALF]: 1 }), DONE]);
    const seen: unknown[] = [];
    const odd = anyTool("odd", (args) => void seen.push(args));
    await inTime((await new LLMProgram({ model: modelAt(server), tools: [odd] }).start()).run("x"));
    expectWhole(server, 3);
    expect(seen).toEqual([{ q: [HALF] }]);
    const sent = [{ content: [{ text: "Well \ufffd" }, { input: { q: ["\ufffd"] } }] }, {}];
    expect(server.requests[2]?.body).toMatchObject({
      messages: [{}, ...sent, { content: [{ input: { "\ufffd": 1 } }] }, {}],
    });
  });

  test("in a text that breaks off between the halves", async () => {
    const events = streamEvents({ content: [{ type: "text", text: `So${HALF}` }] }, 100).slice(0, 4);
    const broken = { raw: eventStream(events), headers: { "content-type": "text/event-stream" } };
    await using server = await anthropicServer([broken, DONE]);
    const proc = await new LLMProgram({ model: modelAt(server) }).start();
    const error = await failureOf(proc.run("x"));
    expect(error).toBeInstanceOf(RunError);
    expect(error.result.lastMessage).toBe("So\ufffd");
    await inTime(proc.run("y"));
    expectWhole(server, 2);
  });

  /** The second pair is whole, though it is escaped. */
  const json = String.raw`{"q":"\ud83d and \ud83d\ude00"}`;
  const whole = String.raw`{"p":"\ud83d\ude00"}`;
  const mended = '{"q":"\ufffd and \u{1f600}"}';

  test("in arguments that Chat Completions take back as JSON", async () => {
    const calls = [json, whole].map((text, place) => ({
      id: `call-${place}`,
      type: "function",
      function: { name: "odd", arguments: text },
    }));
    await using server = await chatServer([{ message: { message: { tool_calls: calls } } }, {}]);
    const model = openaiCompatible({ name: "m", apiKey: "test-key", baseURL: server.url });
    await inTime((await new LLMProgram({ model, tools: [anyTool("odd", () => 1)] }).start()).run("x"));
    expect(server.requests[1]?.body.messages).toMatchObject([
      {},
      { tool_calls: [{ function: { arguments: mended } }, { function: { arguments: whole } }] },
      {},
      {},
    ]);
  });

  test("in arguments that the Responses API takes back as JSON", async () => {
    const output = [json, whole].map((text, place) => ({
      type: "function_call",
      id: `fc-${place}`,
      call_id: `call-${place}`,
      name: "odd",
      arguments: text,
    }));
    await using server = await responsesServer([{ message: { output } }, {}]);
    const model = openai({ name: "gpt-test", apiKey: "test-key", baseURL: server.url });
    await inTime((await new LLMProgram({ model, tools: [anyTool("odd", () => 1)] }).start()).run("x"));
    expect(server.requests[1]?.body.input).toMatchObject([{}, { arguments: mended }, { arguments: whole }, {}, {}]);
  });
});
