import { expect, test } from "vitest";
import { anthropic } from "../../src/models/anthropic/anthropic.ts";
import type { AnthropicAnswer } from "../support/anthropic-server.ts";
import { anthropicServer, streamEvents, wholeMessage } from "../support/anthropic-server.ts";
import { rejection, sendTo } from "./conformance.ts";

const STREAMED = { max_tokens: 50 };
const WHOLE = { max_tokens: 50, stream: false };

async function replyTo(answer: AnthropicAnswer, parameters = STREAMED) {
  await using server = await anthropicServer([answer]);
  return await sendTo(anthropic({ name: "claude-test", apiKey: "k", baseURL: server.url }), { parameters });
}

const RICH = {
  content: [
    { type: "thinking", thinking: "Let me see …", signature: "c2ln" },
    { type: "redacted_thinking", data: "b3BhcXVl" },
    { type: "text", text: "Two calls:" },
    { type: "tool_use", id: "c1", name: "add", input: { a: 1, deep: [{ ü: null }] } },
    { type: "server_tool_use", id: "s1", name: "web_search", input: { query: "x" } },
    { type: "a_block_from_the_future", anything: { at: ["all"] } },
    { type: "tool_use", id: "c2", name: "now", input: {} },
  ],
  usage: {
    input_tokens: 20,
    output_tokens: 30,
    cache_read_input_tokens: 300,
    cache_creation_input_tokens: 4000,
    cache_creation: { ephemeral_5m_input_tokens: 1000, ephemeral_1h_input_tokens: 3000 },
    service_tier: "standard",
  },
  container: { id: "kept" },
};

test("a streamed message is assembled to what the same message is when it is not streamed", async () => {
  const streamed = await replyTo({ message: RICH });
  const whole = await replyTo({ message: RICH }, WHOLE);
  expect(streamed.reply).toEqual(whole.reply);
  expect(whole.payload?.stream).toBe(false);
  expect(whole.pieces).toEqual([]);
});

test("every block is kept, known or not, and what the loop needs is taken out of them", async () => {
  const { reply } = await replyTo({ message: RICH });
  expect(reply.response).toEqual(wholeMessage(RICH));
  expect(reply.content).toEqual(RICH.content);
  expect(reply.texts).toEqual(["Two calls:"]);
  expect(reply.toolCalls).toEqual([
    { id: "c1", name: "add", args: { a: 1, deep: [{ ü: null }] } },
    { id: "c2", name: "now", args: {} },
  ]);
});

test("input counts what was read from and written to the cache; writes for an hour are told apart", async () => {
  expect((await replyTo({ message: RICH })).reply.usage).toEqual({
    inputTokens: 4320,
    outputTokens: 30,
    cacheReadTokens: 300,
    cacheWriteTokens: 4000,
    cacheWrite1hTokens: 3000,
  });
});

test("usage that is missing or makes no sense is not known: it is not zero", async () => {
  const wrong = [
    null,
    { input_tokens: -1 },
    { output_tokens: "5" },
    { cache_read_input_tokens: 1.5 },
    { input_tokens: null },
  ];
  for (const usage of wrong) {
    const message = { content: [{ type: "text", text: "x" }], usage };
    expect((await replyTo({ message })).reply.usage).toBeUndefined();
    expect((await replyTo({ message }, WHOLE)).reply.usage).toBeUndefined();
  }
});

test("all the vendor's stop reasons", async () => {
  const expected = {
    end_turn: "end",
    stop_sequence: "end",
    max_tokens: "max_tokens",
    model_context_window_exceeded: "max_tokens",
    refusal: "refusal",
    pause_turn: "tool_use",
    a_reason_from_the_future: "other",
  };
  for (const [stop_reason, stopReason] of Object.entries(expected)) {
    const { reply } = await replyTo({ message: { content: [{ type: "text", text: "x" }], stop_reason } });
    expect([stop_reason, reply.stopReason]).toEqual([stop_reason, stopReason]);
  }
});

test("arguments cut off by the limit of tokens are an invalid call, never half of them", async () => {
  const events = streamEvents({
    content: [{ type: "tool_use", id: "c1", name: "rm", input: { path: "/tmp/a" } }],
    stop_reason: "max_tokens",
  });
  const pieces = events.filter(({ type }) => type === "content_block_delta");
  const { reply } = await replyTo({ events: events.filter((event) => event !== pieces.at(-1)) });
  expect(reply.toolCalls).toEqual([
    { id: "c1", name: "rm", args: {}, invalid: expect.stringContaining('{"path":"/tmp') },
  ]);
  expect(reply.content).toEqual([{ type: "tool_use", id: "c1", name: "rm", input: {} }]);
  expect(reply.stopReason).toBe("max_tokens");
});

test("arguments that are no object are an invalid call, and what goes back to the vendor is one it takes", async () => {
  for (const input of [[1], "text", 5, true]) {
    const message = { content: [{ type: "tool_use", id: "c1", name: "add", input }] };
    const { reply } = await replyTo({ message }, WHOLE);
    expect(reply.toolCalls[0]).toMatchObject({ args: {}, invalid: expect.stringMatching(/must be|are not.*JSON/) });
    expect(reply.content).toEqual([{ ...message.content[0], input: {} }]);
  }
});

test("events, deltas and fields from the future do no harm", async () => {
  const [start, ...rest] = streamEvents({ content: [{ type: "text", text: "hello", citations: null }] });
  const events = [
    { type: "before_the_message" },
    start ?? {},
    { type: "from_the_future", index: 99 },
    ...rest.slice(0, 2),
    { type: "content_block_delta", index: 0, delta: { type: "future_delta", mood: "good" } },
    { type: "content_block_delta", index: 0, delta: { type: "citations_delta", citation: { cited_text: "x" } } },
    ...rest.slice(2),
  ];
  const { reply, pieces } = await replyTo({ events });
  expect(reply.content).toEqual([{ type: "text", text: "hello", citations: [{ cited_text: "x" }], mood: "good" }]);
  expect(pieces.join("")).toBe("hello");
});

test("names of an object's own machinery in a reply are data", async () => {
  const raw = JSON.stringify(wholeMessage({ content: [{ type: "text", text: "x" }] })).replace(
    '"id":',
    '"__proto__":{"polluted":1},"id":',
  );
  const { reply } = await replyTo({ raw }, WHOLE);
  expect(JSON.stringify(reply.response)).toContain('"__proto__":{"polluted":1}');
  expect(({} as { polluted?: number }).polluted).toBeUndefined();
  expect((reply.response as { polluted?: number }).polluted).toBeUndefined();
});

test("a reply of the wrong shape is an error that shows how it began, worth another attempt", async () => {
  const call = { type: "tool_use", id: "c1", name: "add", input: {} };
  const messages = [
    { content: null },
    { content: [null] },
    { content: ["text"] },
    { content: [{ ...call, name: 5 }] },
    { content: [{ ...call, name: "" }] },
  ].map((parts) => JSON.stringify({ ...wholeMessage({}), ...parts }));
  for (const raw of [...messages, "[]", "5", "null", '"text"']) {
    const error = await rejection(replyTo({ raw }, WHOLE));
    expect(error).toMatchObject({ name: "ModelError", connection: true, status: undefined });
    expect(String(error)).toContain(raw.slice(0, 20));
  }
});

test("what no event could mean is an error, not a wrong message", async () => {
  const events = streamEvents({ content: [{ type: "text", text: "hello" }] });
  const [start = {}, ping = {}, block = {}, ...rest] = events;
  const ends = rest.slice(-2);
  const wrong = [
    [start, start, ...rest],
    [start, ping, { ...block, content_block: 1 }, ...ends],
    [start, ping, { type: "content_block_delta", index: 3, delta: { type: "input_json_delta" } }, ...ends],
    [start, ping, block, { type: "content_block_delta", index: 0 }, ...ends],
  ];
  for (const list of wrong) {
    expect(await rejection(replyTo({ events: list }))).toMatchObject({ name: "ModelError", connection: true });
  }
});
