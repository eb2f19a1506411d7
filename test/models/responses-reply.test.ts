import { expect, test } from "vitest";
import { openai } from "../../src/models/openai/openai.ts";
import type { ResponsesAnswer, ResponsesScript } from "../support/responses-server.ts";
import { responsesEvents, responsesServer, wholeResponse } from "../support/responses-server.ts";
import { rejection, sendTo } from "./conformance.ts";

const WHOLE = { stream: false };

async function replyTo(answer: ResponsesAnswer, parameters: { stream?: boolean } = {}) {
  await using server = await responsesServer([answer]);
  return await sendTo(openai({ name: "gpt-test", apiKey: "k", baseURL: server.url }), { parameters });
}

const text = (said: string) => ({ type: "output_text", text: said, annotations: [] });
const says = (...content: object[]) => ({
  type: "message",
  id: "msg_1",
  role: "assistant",
  status: "completed",
  content,
});
const call = (call_id: unknown, name: unknown, json: unknown) => ({
  type: "function_call",
  id: `fc_${String(call_id)}`,
  call_id,
  name,
  arguments: json,
  status: "completed",
});

const RICH = {
  output: [
    { type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: "Hm." }], encrypted_content: "xx" },
    says(text("Two calls:"), text("here.")),
    call("c1", "add", '{"a":1,"deep":[{"ü":null}]}'),
    { type: "an_item_from_the_future", id: "f_1", anything: { at: ["all"] } },
    call("c2", "now", "{}"),
  ],
  usage: {
    input_tokens: 100,
    input_tokens_details: { cached_tokens: 70, cache_write_tokens: 20 },
    output_tokens: 50,
    output_tokens_details: { reasoning_tokens: 30 },
  },
};

test("a streamed response is what the same response is when it is not streamed", async () => {
  const streamed = await replyTo({ message: RICH });
  const whole = await replyTo({ message: RICH }, WHOLE);
  expect(streamed.reply).toEqual(whole.reply);
  expect(streamed.pieces.join("")).toBe("Two calls:here.");
  expect(whole.pieces).toEqual([]);
});

test("every item is kept, known or not, and what the loop needs is taken out of them", async () => {
  const { reply } = await replyTo({ message: RICH });
  expect(reply.response).toEqual(wholeResponse(RICH));
  expect(reply.content).toEqual(RICH.output);
  expect(reply.texts).toEqual(["Two calls:", "here."]);
  expect(reply.toolCalls).toEqual([
    { id: "c1", name: "add", args: { a: 1, deep: [{ ü: null }] } },
    { id: "c2", name: "now", args: {} },
  ]);
  expect(reply.usage).toEqual({
    inputTokens: 100,
    outputTokens: 50,
    reasoningTokens: 30,
    cacheReadTokens: 70,
    cacheWriteTokens: 20,
  });
});

test("why a response ends", async () => {
  const incomplete = (reason: string) => ({ status: "incomplete", incomplete_details: { reason } });
  const cases: [object, string][] = [
    [{}, "end"],
    [incomplete("max_output_tokens"), "max_tokens"],
    [incomplete("content_filter"), "refusal"],
    [incomplete("a_reason_from_the_future"), "max_tokens"],
    [{ status: "incomplete" }, "max_tokens"],
  ];
  for (const [parts, stopReason] of cases) {
    for (const parameters of [{}, WHOLE]) {
      const { reply } = await replyTo({ message: { output: [says(text("x"))], ...parts } }, parameters);
      expect(reply.stopReason).toBe(stopReason);
    }
  }
});

test("a refusal is text that streams, and a reason to stop", async () => {
  const { reply, pieces } = await replyTo({ message: { output: [says({ type: "refusal", refusal: "I will not." })] } });
  expect(reply).toMatchObject({ texts: ["I will not."], stopReason: "refusal" });
  expect(pieces.join("")).toBe("I will not.");
});

test("arguments cut off by the limit of tokens are an invalid call, and what goes back is one that is taken", async () => {
  const output = [{ ...call("c1", "rm", '{"path":"/tm'), status: "incomplete" }];
  const { reply } = await replyTo({ message: { output, status: "incomplete" } });
  expect(reply.toolCalls).toEqual([
    { id: "c1", name: "rm", args: {}, invalid: expect.stringContaining('{"path":"/tm') },
  ]);
  expect(reply.content).toEqual([{ ...output[0], arguments: "{}" }]);
  expect(reply.response).toMatchObject({ output });
});

test("a response that failed is the error that it would have been as an answer", async () => {
  const cases: [string, number | undefined][] = [
    ["server_error", 500],
    ["rate_limit_exceeded", 429],
    ["invalid_prompt", 400],
    ["a_code_from_the_future", undefined],
  ];
  for (const [code, status] of cases) {
    for (const parameters of [{}, WHOLE]) {
      const message = { status: "failed", error: { code, message: "what\nhappened" } };
      const error = await rejection(replyTo({ message }, parameters));
      expect(error).toMatchObject({ name: "ModelError", status, connection: status === undefined });
      expect(String(error)).toContain(`broke off its reply (${code}): what happened`);
    }
  }
});

test("usage that is missing or makes no sense is not known: it is not zero", async () => {
  const wrong = [null, { input_tokens: -1 }, { output_tokens: "5" }, { input_tokens_details: { cached_tokens: 1.5 } }];
  for (const usage of wrong) expect((await replyTo({ message: { usage } })).reply.usage).toBeUndefined();
  const bare = { input_tokens_details: null, output_tokens_details: null };
  expect((await replyTo({ message: { usage: bare } })).reply.usage).toEqual({
    inputTokens: 10,
    outputTokens: 5,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
  });
});

test("list prices do not hold in another service tier, nor where a tool costs beside the tokens", async () => {
  const offList = async (message: ResponsesScript) => (await replyTo({ message })).reply.offList;
  expect(await offList({})).toBeUndefined();
  expect(await offList({ service_tier: "priority" })).toBe('the service tier "priority"');
  expect(await offList({ output: [{ type: "web_search_call", id: "ws_1" }] })).toBe("a web search");
  expect(await offList({ output: [{ type: "code_interpreter_call", id: "ci_1" }] })).toBe("the code interpreter");
});

test("items that are left out of the response at the end of a stream are those that came before", async () => {
  const events = responsesEvents(RICH).map((event) =>
    event.type === "response.completed" ? { ...event, response: { ...wholeResponse(RICH), output: [] } } : event,
  );
  expect((await replyTo({ events })).reply.content).toEqual(RICH.output);
});

test("events from the future, and those that say nothing, do no harm", async () => {
  const odd = [
    { type: "response.output_text.delta", delta: "" },
    { type: "response.output_text.delta", delta: 5 },
    { type: "response.something.new", output_index: 99 },
  ];
  const [first = {}, ...rest] = responsesEvents({ output: [says(text("hello"))] });
  const { reply, pieces } = await replyTo({ events: [first, ...odd, ...rest] });
  expect(reply.texts).toEqual(["hello"]);
  expect(pieces.join("")).toBe("hello");
});

test("a response of the wrong shape is an error that shows how it began, worth another attempt", async () => {
  const responses = [
    { output: null },
    { output: [null] },
    { output: [{ type: "" }] },
    { output: [{ type: "message", role: "user", content: "x" }] },
    { output: [says({ type: "output_text", text: 5 })] },
    { output: [says({ type: "refusal", refusal: null })] },
    { output: [{ type: "reasoning", id: "rs_1", summary: ["x"] }] },
    { output: [call("c1", 5, "{}")] },
    { output: [call("c1", "", "{}")] },
  ].map((parts) => JSON.stringify({ ...wholeResponse({}), ...parts }));
  for (const raw of [...responses, "[]", "5", "null", '"text"']) {
    const error = await rejection(replyTo({ raw }, WHOLE));
    expect(error).toMatchObject({ name: "ModelError", connection: true, status: undefined });
    expect(String(error)).toContain(raw.startsWith("{") ? "It began: {" : raw);
  }
  const events = [{ type: "response.completed" }, { type: "response.output_item.done", item: {} }];
  for (const event of events) {
    const error = await rejection(replyTo({ events: [event] }));
    expect(error).toMatchObject({ name: "ModelError", connection: true });
  }
});
