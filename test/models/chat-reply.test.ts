import { expect, test } from "vitest";
import { openaiCompatible } from "../../src/models/openai-compatible/openai-compatible.ts";
import type { ChatAnswer } from "../support/chat-server.ts";
import { chatChunks, chatServer, DONE, wholeChat } from "../support/chat-server.ts";
import type { WireEvent } from "../support/wire-server.ts";
import { rejection, sendTo, user } from "./conformance.ts";

const STREAMED = {};
const WHOLE = { stream: false };

async function replyTo(answer: ChatAnswer, parameters: { stream?: boolean } = STREAMED) {
  await using server = await chatServer([answer]);
  return await sendTo(openaiCompatible({ name: "test-model", baseURL: `${server.url}/v1` }), { parameters });
}

const call = (id: string | undefined, name: string, json: unknown) => ({
  ...(id !== undefined && { id }),
  type: "function",
  function: { name, arguments: json },
});

const RICH = {
  message: {
    content: "Two calls:",
    reasoning_content: "Let me see …",
    reasoning_details: [{ type: "reasoning.text", index: 0, text: "Let me see …", signature: "c2ln" }],
    from_the_future: "kept",
    tool_calls: [
      { ...call("c1", "add", '{"a":1,"deep":[{"ü":null}]}'), extra_content: { google: { thought_signature: "x" } } },
      call("c2", "now", "{}"),
    ],
  },
  usage: {
    prompt_tokens: 100,
    completion_tokens: 50,
    total_tokens: 150,
    prompt_tokens_details: { cached_tokens: 70 },
    completion_tokens_details: { reasoning_tokens: 30 },
  },
  system_fingerprint: "fp_1",
};

test("a streamed answer is assembled to what the same answer is when it is not streamed", async () => {
  const streamed = await replyTo({ message: RICH });
  const whole = await replyTo({ message: RICH }, WHOLE);
  expect(streamed.reply).toEqual(whole.reply);
  expect(whole.pieces).toEqual([]);
  expect(streamed.pieces.join("")).toBe("Two calls:");
});

test("everything is kept, known or not, and what the loop needs is taken out of it", async () => {
  const { reply } = await replyTo({ message: RICH });
  expect(reply.response).toEqual(wholeChat(RICH));
  expect(reply.content).toEqual([{ role: "assistant", ...RICH.message }]);
  expect(reply.texts).toEqual(["Two calls:"]);
  expect(reply.toolCalls).toEqual([
    { id: "c1", name: "add", args: { a: 1, deep: [{ ü: null }] } },
    { id: "c2", name: "now", args: {} },
  ]);
  expect(reply.usage).toEqual({
    inputTokens: 100,
    outputTokens: 50,
    reasoningTokens: 30,
    cacheReadTokens: 70,
    cacheWriteTokens: 0,
  });
});

test("all the reasons to stop", async () => {
  const expected = { stop: "end", length: "max_tokens", content_filter: "refusal", odd: "other" };
  for (const [finish_reason, stopReason] of Object.entries(expected)) {
    const { reply } = await replyTo({ message: { message: { content: "x" }, finish_reason } });
    expect([finish_reason, reply.stopReason]).toEqual([finish_reason, stopReason]);
  }
  for (const [finish_reason, stopReason] of [
    ["length ", "max_tokens"],
    ["\tcontent_filter\n", "refusal"],
    [" stop", "end"],
  ] as const) {
    const { reply } = await replyTo({ message: { message: { content: "x" }, finish_reason } });
    // The usual word, which says no more than the reason.
    expect([finish_reason, reply.stopReason, reply.stopDetail]).toEqual([finish_reason, stopReason, undefined]);
  }
  const tool_calls = [call("c1", "add", "{}")];
  for (const finish_reason of ["tool_calls", "stop", null]) {
    const answer = { message: { message: { tool_calls }, finish_reason } };
    expect((await replyTo(answer, WHOLE)).reply.stopReason).toBe(finish_reason === null ? "other" : "tool_use");
  }
});

test("a refusal is text that streams, and a reason to stop", async () => {
  const { reply, pieces } = await replyTo({ message: { message: { content: null, refusal: "I will not." } } });
  expect(reply).toMatchObject({ texts: ["I will not."], stopReason: "refusal" });
  expect(pieces.join("")).toBe("I will not.");
});

test("calls without ids, or with doubled ones, get ids of their own, and those go back", async () => {
  const lists = [
    [call(undefined, "a", "{}"), call(undefined, "b", "{}")],
    [call("", "a", "{}"), call("", "b", "{}")],
    [call("same", "a", "{}"), call("same", "b", "{}")],
  ];
  for (const tool_calls of lists) {
    for (const parameters of [STREAMED, WHOLE]) {
      const { reply } = await replyTo({ message: { message: { tool_calls } } }, parameters);
      expect(reply.toolCalls.map(({ name }) => name)).toEqual(["a", "b"]);
      const ids = reply.toolCalls.map(({ id }) => id);
      expect(new Set(ids).size).toBe(2);
      expect(ids).not.toContain("");
      expect(reply.content[0]?.tool_calls).toMatchObject(ids.map((id) => ({ id, type: "function" })));
    }
  }
});

const chunk = (delta: object, finish_reason: string | null = null): WireEvent => ({
  id: "x",
  choices: [{ index: 0, delta, finish_reason }],
});

test("whole calls in one chunk each, without index, or all with the same: as Ollama and Gemini send them", async () => {
  const whole = (place: object, id: string | undefined, name: string, json: unknown) =>
    chunk({ tool_calls: [{ ...place, ...call(id, name, json) }] });
  const streams = [
    [whole({}, "c1", "a", '{"n":1}'), whole({}, "c2", "b", '{"n":2}')],
    [whole({ index: 0 }, "c1", "a", '{"n":1}'), whole({ index: 0 }, "c2", "b", '{"n":2}')],
    [whole({ index: 0 }, undefined, "a", '{"n":1}'), whole({ index: 0 }, undefined, "b", '{"n":2}')],
    [whole({}, "same", "a", '{"n":1}'), whole({}, "same", "b", '{"n":2}')],
    [whole({}, undefined, "a", { n: 1 }), whole({}, undefined, "b", { n: 2 })],
    [chunk({ tool_calls: [call("c1", "a", '{"n":1}'), call("c2", "b", '{"n":2}')] })],
  ];
  for (const events of streams) {
    const { reply } = await replyTo({ events: [...events, chunk({}, "stop"), DONE] });
    const calls = reply.toolCalls.map(({ name, args }) => ({ name, args }));
    expect(calls).toEqual([
      { name: "a", args: { n: 1 } },
      { name: "b", args: { n: 2 } },
    ]);
  }
});

test("pieces of parallel calls that come mixed, and ids and names that come again, are put together by index", async () => {
  const piece = (index: number, more: object) => chunk({ role: "assistant", tool_calls: [{ index, ...more }] });
  const events = [
    piece(0, call("c1", "a", "")),
    piece(1, call("c2", "b", "")),
    piece(1, call("c2", "b", '{"n":')),
    piece(0, { id: null, function: { name: null, arguments: '{"n"' } }),
    piece(0, { function: { arguments: ":1}" } }),
    piece(1, { id: "", type: "", function: { name: "", arguments: "2}" } }),
  ];
  const { reply } = await replyTo({ events: [...events, chunk({}, "tool_calls"), DONE] });
  expect(reply.toolCalls).toEqual([
    { id: "c1", name: "a", args: { n: 1 } },
    { id: "c2", name: "b", args: { n: 2 } },
  ]);
  expect(reply.content[0]?.role).toBe("assistant");
});

test("arguments as an object, as nothing or as null are arguments; what goes back is JSON in a text", async () => {
  const cases: [unknown, object, string][] = [
    [{ a: 1 }, { a: 1 }, '{"a":1}'],
    ["", {}, "{}"],
    [null, {}, "{}"],
    [undefined, {}, "{}"],
  ];
  for (const [given, args, sent] of cases) {
    for (const parameters of [STREAMED, WHOLE]) {
      const message = { message: { tool_calls: [call("c1", "add", given)] } };
      const { reply } = await replyTo({ message }, parameters);
      expect(reply.toolCalls).toEqual([{ id: "c1", name: "add", args }]);
      expect(reply.content[0]?.tool_calls).toMatchObject([{ function: { name: "add", arguments: sent } }]);
    }
  }
});

test("arguments that are cut off or no object are an invalid call, and what goes back is one that every server takes", async () => {
  for (const json of ['{"path":"/tm', "[1]", '"text"', "5"]) {
    const message = { message: { tool_calls: [call("c1", "rm", json)] }, finish_reason: "length" };
    const { reply } = await replyTo({ message });
    expect(reply.toolCalls).toMatchObject([{ args: {}, invalid: expect.stringContaining("The arguments") }]);
    expect(reply.content[0]?.tool_calls).toMatchObject([{ function: { arguments: "{}" } }]);
    expect(reply.stopReason).toBe("max_tokens");
  }
});

test("reasoning details that stream in pieces become whole, with their signature", async () => {
  const detail = (more: object) => chunk({ reasoning_details: [{ type: "reasoning.text", index: 0, ...more }] });
  const events = [
    detail({ text: "Let me ", format: "anthropic-claude-v1" }),
    detail({ text: "see.", format: "anthropic-claude-v1" }),
    detail({ signature: "c2ln" }),
    chunk({ reasoning_details: [{ type: "reasoning.encrypted", index: 1, data: "xx" }] }),
    chunk({ content: "5" }, "stop"),
    DONE,
  ];
  const { reply } = await replyTo({ events });
  expect(reply.content[0]?.reasoning_details).toEqual([
    { type: "reasoning.text", index: 0, text: "Let me see.", format: "anthropic-claude-v1", signature: "c2ln" },
    { type: "reasoning.encrypted", index: 1, data: "xx" },
  ]);
});

test("content in parts, streamed or whole: its texts are text, its reasoning is not", async () => {
  const parts = [
    { type: "thinking", thinking: [{ type: "text", text: "Hm." }] },
    { type: "text", text: "It is 5." },
  ];
  const whole = await replyTo({ message: { message: { content: parts } } }, WHOLE);
  const events = [chunk({ content: [parts[0]] }), chunk({ content: [parts[1]] }), chunk({}, "stop"), DONE];
  const streamed = await replyTo({ events });
  for (const { reply } of [whole, streamed]) {
    expect(reply.texts).toEqual(["It is 5."]);
    expect(reply.content[0]?.content).toEqual(parts);
  }
  expect(streamed.pieces).toEqual(["It is 5."]);
});

test("usage that is missing or makes no sense is not known; where it has other names, it is found", async () => {
  const usageOf = async (usage: WireEvent | null, more: object = {}) =>
    (await replyTo({ message: { message: { content: "x" }, usage, ...more } })).reply.usage;
  expect(await usageOf(null)).toBeUndefined();
  expect(await usageOf({ prompt_tokens: -1 })).toBeUndefined();
  expect(await usageOf({ completion_tokens: "5" })).toBeUndefined();
  expect(await usageOf({ prompt_cache_hit_tokens: 4 })).toMatchObject({ inputTokens: 10, cacheReadTokens: 4 });
  expect(await usageOf({ cached_tokens: 3 })).toMatchObject({ cacheReadTokens: 3 });
  expect(await usageOf({ total_tokens: 100 })).toMatchObject({ inputTokens: 10, outputTokens: 90 });
  const groq = { usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } };
  expect(await usageOf(null, { x_groq: groq })).toMatchObject({ inputTokens: 1, outputTokens: 2 });
});

test("what the server says that it has charged is the cost, also with a key of the user's own behind it", async () => {
  const replyWith = async (usage: WireEvent, more: object = {}) =>
    (await replyTo({ message: { message: { content: "x" }, usage, ...more } })).reply;
  expect((await replyWith({})).usdCost).toBeUndefined();
  expect((await replyWith({ cost: 0.25, cost_details: { upstream_inference_cost: 9 } })).usdCost).toBe(0.25);
  const own = { cost: 0.25, is_byok: true, cost_details: { upstream_inference_cost: 9 } };
  expect((await replyWith(own)).usdCost).toBe(9.25);
  expect((await replyWith({ cost: { total: 1 } })).usdCost).toBeUndefined();
  expect((await replyWith({ cost: -1 })).usdCost).toBeUndefined();
});

test("list prices do not hold in another service tier, nor after a search", async () => {
  const offList = async (more: object, message: object = {}) =>
    (await replyTo({ message: { message: { content: "x", ...message }, ...more } })).reply.offList;
  expect(await offList({ service_tier: "default" })).toBeUndefined();
  expect(await offList({ service_tier: "flex" })).toBe('the service tier "flex"');
  expect(await offList({}, { annotations: [{ type: "url_citation" }] })).toBe("a web search");
  expect(await offList({}, { annotations: [] })).toBeUndefined();
});

test("what servers say and do not take back is left out: nulls, annotations, the data of audio", async () => {
  const message = { content: "x", refusal: null, annotations: [], function_call: null, audio: { id: "a1", data: "…" } };
  const { reply } = await replyTo({ message: { message } }, WHOLE);
  expect(reply.content).toEqual([{ role: "assistant", content: "x", audio: { id: "a1" } }]);
});

test("a server that ignores `stream` and answers whole, and one that never says [DONE]", async () => {
  const json = { raw: JSON.stringify(wholeChat({ message: { content: "hi" } })) };
  expect((await replyTo(json)).reply.texts).toEqual(["hi"]);
  const events = chatChunks({ message: { content: "hi" } }).filter((event) => event !== DONE);
  expect((await replyTo({ events })).reply).toMatchObject({ texts: ["hi"], usage: { inputTokens: 10 } });
});

test("only the first of several choices is the reply; the others are in the response", async () => {
  const events = [
    { id: "x", choices: [{ index: 1, delta: { content: "other" }, finish_reason: "stop" }] },
    chunk({ content: "first" }, "stop"),
    DONE,
  ];
  const { reply, pieces } = await replyTo({ events });
  expect(reply.texts).toEqual(["first"]);
  expect(pieces).toEqual(["first"]);
  expect(JSON.stringify(reply.response)).toContain("other");
});

test("chunks from the future do no harm", async () => {
  const events = [
    { type: "something_new" },
    { id: "x", choices: null },
    { id: "x", choices: [{ index: 0 }] },
    chunk({ content: "hi", mood: "good" }),
    { id: "x", choices: [{ index: 0, delta: { content: null }, finish_reason: "stop", confidence: 0.5 }] },
    DONE,
  ];
  const { reply } = await replyTo({ events });
  expect(reply.content).toEqual([{ role: "assistant", content: "hi", mood: "good" }]);
  expect(reply.response).toMatchObject({ choices: [{ confidence: 0.5 }] });
});

test("an answer of the wrong shape is an error that shows how it began, worth another attempt", async () => {
  const one = (message: unknown) => ({ choices: [{ index: 0, message, finish_reason: "stop" }] });
  const answers = [
    {},
    { choices: [] },
    { choices: ["text"] },
    one(null),
    one({ content: 5 }),
    one({ content: ["x"] }),
    one({ content: [{ type: "text", text: null }] }),
    one({ content: "x", refusal: {} }),
    one({ content: "x", reasoning_content: 5 }),
    one({ content: "x", reasoning_details: ["x"] }),
    one({ tool_calls: "all" }),
    one({ tool_calls: [null] }),
    one({ tool_calls: [call("c1", "", "{}")] }),
    [],
    "text",
  ];
  for (const answer of answers) {
    const raw = JSON.stringify(answer);
    const error = await rejection(replyTo({ raw }, WHOLE));
    expect(error).toMatchObject({ name: "ModelError", connection: true, status: undefined });
    expect(String(error)).toContain(raw.startsWith("{") ? "It began: {" : raw);
  }
  const wrong = [{ choices: ["x"] }, chunk({ tool_calls: ["x"] }), DONE];
  for (const event of wrong) {
    const error = await rejection(replyTo({ events: [event] }));
    expect(error).toMatchObject({ name: "ModelError", connection: true });
  }
});

test("a reply of nothing at all is a reply, and does not come between the user's messages", async () => {
  await using server = await chatServer([{ message: { message: { content: "" } } }, {}]);
  const model = openaiCompatible({ name: "m", baseURL: server.url });
  const { reply } = await sendTo(model);
  expect(reply).toMatchObject({ texts: [], stopReason: "end" });
  const said = { role: "assistant", content: reply.content, text: "" } as const;
  await sendTo(model, { messages: [user("a"), said, user("b")] });
  const both = { role: "user", content: ["a", "b"].map((text) => ({ type: "text", text })) };
  expect(server.requests[1]?.body.messages).toEqual([both]);
});
