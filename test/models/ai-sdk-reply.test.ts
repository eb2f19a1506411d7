import { expect, test } from "vitest";
import type { Message } from "../../src/events/message.ts";
import type { JsonObject } from "../../src/json.ts";
import { aiSdk } from "../../src/models/ai-sdk/ai-sdk.ts";
import { modelObject } from "./ai-sdk-object.ts";
import { CALL, replyOf, STOP, streaming } from "./ai-sdk-parts.ts";
import { rejection, sendTo, user } from "./conformance.ts";

test("the parts of a stream become content in the order in which they began, with the metadata that came last", async () => {
  const at = (signature: string) => ({ google: { thoughtSignature: signature } });
  const { reply, pieces } = await sendTo(
    streaming([
      { type: "stream-start", warnings: [{ type: "other", message: "w" }] },
      { type: "response-metadata", id: "r1", modelId: "m", timestamp: new Date(0) },
      { type: "reasoning-start", id: "0" },
      { type: "reasoning-delta", id: "0", delta: "hm" },
      { type: "text-start", id: "0", providerMetadata: at("old") },
      { type: "text-delta", id: "0", delta: "a" },
      { type: "reasoning-end", id: "0", providerMetadata: at("r") },
      { type: "tool-input-start", id: "c1", toolName: "add" },
      { type: "tool-input-delta", id: "c1", delta: '{"a"' },
      { type: "text-delta", id: "0", delta: "b", providerMetadata: at("new") },
      { type: "text-end", id: "0", citations: [{ source: { url: "u" } }] },
      { type: "raw", rawValue: 1 },
      { type: "a-type-to-come" },
      { ...CALL, providerMetadata: at("t") },
      { type: "text-start", id: "0" },
      { type: "text-end", id: "0" },
      { type: "text-start", id: "0" },
      { type: "text-delta", id: "0", delta: "c" },
      STOP,
      { type: "text-delta", id: "0", delta: "after the end" },
    ]),
  );
  expect(reply.content).toEqual([
    { type: "reasoning", text: "hm", providerMetadata: at("r") },
    { type: "text", text: "ab", providerMetadata: at("new"), citations: [{ source: { url: "u" } }] },
    { ...CALL, providerMetadata: at("t") },
    { type: "text", text: "c" },
  ]);
  expect(reply.texts).toEqual(["ab", "c"]);
  expect(pieces).toEqual(["a", "b", "c"]);
  expect(reply.response).toEqual({
    id: "r1",
    modelId: "m",
    timestamp: "1970-01-01T00:00:00.000Z",
    warnings: [{ type: "other", message: "w" }],
    content: reply.content,
    finishReason: { unified: "stop", raw: "STOP" },
    usage: {},
  });
  expect(JSON.parse(JSON.stringify(reply.response))).toEqual(reply.response);
  expect([Object.isFrozen(reply.content[1]?.providerMetadata), Object.isFrozen(reply.response)]).toEqual([true, true]);
});

test("bytes of files are kept as base64, in every form that a file has", async () => {
  const bytes = new Uint8Array([1, 2, 250]);
  const { content } = await replyOf([
    { type: "file", mediaType: "image/png", data: bytes },
    { type: "file", mediaType: "image/png", data: { type: "data", data: bytes } },
    { type: "reasoning-file", mediaType: "image/png", data: { type: "url", url: new URL("http://a/b.png") } },
    STOP,
  ]);
  expect(content).toEqual([
    { type: "file", mediaType: "image/png", data: "AQL6" },
    { type: "file", mediaType: "image/png", data: { type: "data", data: "AQL6" } },
    { type: "reasoning-file", mediaType: "image/png", data: { type: "url", url: "http://a/b.png" } },
  ]);
});

test("calls whose input is no JSON object are told, those without input have none, the provider's own are not ours", async () => {
  const call = (toolCallId: string, input: unknown, more: JsonObject = {}) => ({ ...CALL, toolCallId, input, ...more });
  const { toolCalls, content, stopReason } = await replyOf([
    call("c1", '{"a":'),
    call("c2", "[1]"),
    call("c3", ""),
    call("c4", "{}", { providerExecuted: true }),
    { type: "tool-result", toolCallId: "c4", toolName: "add", result: 0, preliminary: true },
    { type: "tool-result", toolCallId: "c4", toolName: "add", result: { b: 2 } },
    { type: "source", sourceType: "url", id: "s", url: "http://a" },
    STOP,
  ]);
  expect(toolCalls).toEqual([
    { id: "c1", name: "add", args: {}, invalid: 'The arguments are not complete JSON: {"a":' },
    { id: "c2", name: "add", args: {}, invalid: "The arguments must be a JSON object, not [1]" },
    { id: "c3", name: "add", args: {} },
  ]);
  expect(content.map(({ type, input, result }) => [type, input ?? result])).toEqual([
    ["tool-call", '{"a":'],
    ["tool-call", "[1]"],
    ["tool-call", ""],
    ["tool-call", "{}"],
    ["tool-result", { b: 2 }],
    ["source", undefined],
  ]);
  expect(stopReason).toBe("tool_use");
  const own = await replyOf([
    { ...CALL, providerExecuted: true },
    { ...STOP, finishReason: "tool-calls" },
  ]);
  expect(own).toMatchObject({ toolCalls: [], stopReason: "end" });
});

/** What a model object is called with for a conversation. */
async function promptFor(messages: readonly Message[], specificationVersion = "v4"): Promise<unknown> {
  const { object, calls } = modelObject([{ text: "x" }]);
  await sendTo(aiSdk({ ...object, specificationVersion }), { messages });
  return calls[0]?.prompt;
}

test("a reply goes back as it came: metadata as options, inputs as objects, results of the provider's tools in it", async () => {
  const meta = { google: { thoughtSignature: "s" } };
  const { content } = await replyOf([
    { type: "reasoning-start", id: "0", providerMetadata: meta },
    { type: "text-start", id: "1" },
    { type: "text-delta", id: "1", delta: "a" },
    { ...CALL, providerMetadata: meta },
    { ...CALL, toolCallId: "c2", input: "{" },
    { ...CALL, toolCallId: "c3", providerExecuted: true },
    { type: "tool-result", toolCallId: "c3", toolName: "add", result: [3], providerMetadata: meta },
    { type: "tool-result", toolCallId: "c4", toolName: "add", result: "no", isError: true },
    { type: "file", mediaType: "image/png", data: { type: "url", url: new URL("http://a/b.png") } },
    { type: "custom", kind: "a.b", providerMetadata: meta },
    { type: "source", sourceType: "url", id: "s", url: "http://a" },
    { type: "tool-approval-request", approvalId: "p", toolCallId: "c3" },
    STOP,
  ]);
  const results = [
    { callId: "c1", toolName: "add", content: "2", isError: false },
    { callId: "c2", toolName: "add", content: " ", isError: true },
  ];
  const messages: Message[] = [
    user("?"),
    { role: "assistant", content, text: "a" },
    { role: "tool", content: results },
  ];
  expect(await promptFor(messages)).toEqual([
    { role: "user", content: [{ type: "text", text: "?" }] },
    {
      role: "assistant",
      content: [
        { type: "reasoning", text: "", providerOptions: meta },
        { type: "text", text: "a" },
        { type: "tool-call", toolCallId: "c1", toolName: "add", input: { a: 1 }, providerOptions: meta },
        { type: "tool-call", toolCallId: "c2", toolName: "add", input: {} },
        { type: "tool-call", toolCallId: "c3", toolName: "add", input: { a: 1 }, providerExecuted: true },
        {
          type: "tool-result",
          toolCallId: "c3",
          toolName: "add",
          output: { type: "json", value: [3] },
          providerOptions: meta,
        },
        { type: "tool-result", toolCallId: "c4", toolName: "add", output: { type: "error-json", value: "no" } },
        { type: "file", mediaType: "image/png", data: { type: "url", url: new URL("http://a/b.png") } },
        { type: "custom", kind: "a.b", providerOptions: meta },
      ],
    },
    {
      role: "tool",
      content: [
        { type: "tool-result", toolCallId: "c1", toolName: "add", output: { type: "text", value: "2" } },
        {
          type: "tool-result",
          toolCallId: "c2",
          toolName: "add",
          output: { type: "error-text", value: "The tool failed without a message." },
        },
      ],
    },
  ]);
});

test("images and files of a prompt, as each specification has them", async () => {
  const content = [
    { type: "image", mediaType: "image/png", data: "iVBO" },
    { type: "image", url: "https://example.com/a.JPG?size=1" },
    { type: "image", url: "https://example.com/a" },
    { type: "file", mediaType: "application/pdf", data: "JVBE", name: "a.pdf" },
  ] as const;
  const jpg = new URL(content[1].url);
  const plain = new URL(content[2].url);
  const file = (mediaType: string, data: unknown, more = {}) => ({ type: "file", mediaType, data, ...more });
  const v3 = [
    file("image/png", "iVBO"),
    file("image/jpeg", jpg),
    file("image/*", plain),
    file("application/pdf", "JVBE", { filename: "a.pdf" }),
  ];
  const v4 = [
    file("image/png", { type: "data", data: "iVBO" }),
    file("image/jpeg", { type: "url", url: jpg }),
    file("image/*", { type: "url", url: plain }),
    file("application/pdf", { type: "data", data: "JVBE" }, { filename: "a.pdf" }),
  ];
  const messages: Message[] = [{ role: "user", content }];
  expect(await promptFor(messages, "v2")).toEqual([{ role: "user", content: v3 }]);
  expect(await promptFor(messages, "v3")).toEqual([{ role: "user", content: v3 }]);
  expect(await promptFor(messages, "v4")).toEqual([{ role: "user", content: v4 }]);
  expect(await promptFor(messages, "v5")).toEqual([{ role: "user", content: v4 }]);
});

test("a file of some kind of text goes as text, with its name", async () => {
  const data = (value: string) => Buffer.from(value).toString("base64");
  const content = [
    { type: "file", mediaType: "text/csv", data: data("a,ü\n1,2"), name: "a.csv" },
    { type: "file", mediaType: "application/json", data: data('{"a":1}') },
    { type: "file", mediaType: "text/plain", data: data(" ") },
  ] as const;
  const text = (value: string) => ({ type: "text", text: value });
  for (const version of ["v2", "v4"]) {
    expect(await promptFor([{ role: "user", content }], version)).toEqual([
      { role: "user", content: [text("a.csv:\n\na,ü\n1,2"), text('{"a":1}')] },
    ]);
  }
});

test("blank texts are not sent, prompts that follow each other are one, an interrupted message is its text", async () => {
  const messages: Message[] = [
    { role: "user", content: [{ type: "text", text: " \n" }] },
    user("a"),
    { role: "assistant", content: [], text: " ", interrupted: true },
    user("b"),
    { role: "assistant", content: [], text: "c", interrupted: true },
    user("d"),
  ];
  const text = (value: string) => ({ type: "text", text: value });
  expect(await promptFor(messages)).toEqual([
    { role: "user", content: [text("a"), text("b")] },
    { role: "assistant", content: [text("c")] },
    { role: "user", content: [text("d")] },
  ]);
});

test("every reason to stop, in one word or in two", async () => {
  const reasons = {
    stop: "end",
    length: "max_tokens",
    "content-filter": "refusal",
    a_word_to_come: "other",
  };
  for (const [unified, stopReason] of Object.entries(reasons)) {
    for (const finishReason of [unified, { unified, raw: "RAW" }]) {
      expect((await replyOf([{ ...STOP, finishReason }])).stopReason).toBe(stopReason);
    }
    expect((await replyOf([CALL, { ...STOP, finishReason: "stop" }])).stopReason).toBe("tool_use");
  }
  expect((await replyOf([CALL, { ...STOP, finishReason: "tool-calls" }])).stopReason).toBe("tool_use");
  const error = await rejection(replyOf([{ ...STOP, finishReason: "tool-calls" }]));
  expect(error).toMatchObject({ connection: true, message: expect.stringContaining("has no call") });
});

test("the provider's own word decides where the AI SDK's says less, and is told where it says more", async () => {
  const stop = async (unified: string, raw: string, ...parts: object[]) => {
    const { stopReason, stopDetail } = await replyOf([...parts, { ...STOP, finishReason: { unified, raw } }]);
    return [stopReason, stopDetail];
  };
  expect(await stop("other", "MAX_TOKENS")).toEqual(["max_tokens", "MAX_TOKENS"]);
  expect(await stop("stop", "SAFETY")).toEqual(["refusal", "SAFETY"]);
  expect(await stop("content-filter", "RECITATION")).toEqual(["refusal", "RECITATION"]);
  expect(await stop("length", "model_length")).toEqual(["max_tokens", "model_length"]);
  expect(await stop("length", "length")).toEqual(["max_tokens", undefined]);
  expect(await stop("stop", "STOP", CALL)).toEqual(["tool_use", undefined]);
  expect(await stop("tool-calls", "MAX_TOKENS", CALL)).toEqual(["max_tokens", "MAX_TOKENS"]);
  expect(await stop("tool-calls", "STOP", CALL)).toEqual(["tool_use", undefined]);
  expect(await stop("other", "ODD_WORD", CALL)).toEqual(["other", "ODD_WORD"]);
  expect(await stop("a-word-to-come", "end_turn")).toEqual(["end", undefined]);
  for (const [unified, raw] of [
    ["other", "MALFORMED_FUNCTION_CALL"],
    ["other", "abort"],
    ["stop", "insufficient_system_resource"],
    ["error", "STOP"],
  ] as const) {
    const text = { type: "text-delta", id: "0", delta: "so far" };
    expect(await rejection(stop(unified, raw, text, CALL))).toMatchObject({ connection: true, accepted: true });
  }
});

test("text that came is the answer, in whatever part it came", async () => {
  const texts = async (...parts: object[]) => {
    const { reply, pieces } = await sendTo(streaming([...parts, STOP]));
    expect(pieces.join("")).toBe(reply.texts.join(""));
    return reply.texts;
  };
  expect(
    await texts({ type: "text-delta", id: "7", delta: "Hel" }, { type: "text-delta", id: "7", delta: "lo" }),
  ).toEqual(["Hello"]);
  expect(await texts({ type: "text-start", id: "0" }, { type: "text-end", id: "0", text: "Hello" })).toEqual(["Hello"]);
  expect(
    await texts({ type: "text-delta", id: "0", text: "Hello" }, { type: "text-end", id: "0", text: "Hello" }),
  ).toEqual(["Hello"]);
  expect(await texts({ type: "text", text: "Hello" })).toEqual(["Hello"]);
  expect(await texts({ type: "text-delta", delta: "no id" })).toEqual(["no id"]);
});

test("a piece never ends within a surrogate pair, and the half of one at the end is no letter", async () => {
  const halves = ["a\ud83d", "\udeb2b", "\ud83d", "\udeb2", "c\ud83d"];
  const { reply, pieces } = await sendTo(
    streaming([...halves.map((delta) => ({ type: "text-delta", id: "0", delta })), STOP]),
  );
  expect(pieces.every((piece) => piece.isWellFormed())).toBe(true);
  expect(pieces.join("")).toBe("a🚲b🚲c\ufffd");
  expect(reply.texts.map((text) => text.toWellFormed())).toEqual(["a🚲b🚲c\ufffd"]);
});

test("a call whose input came in pieces is one, though the call itself never comes", async () => {
  const start = { type: "tool-input-start", id: "c1", toolName: "add" };
  const piece = (delta: string) => ({ type: "tool-input-delta", id: "c1", delta });
  const end = { type: "tool-input-end", id: "c1" };
  expect(await replyOf([start, piece('{"a"'), piece(":1}"), end, STOP])).toMatchObject({
    toolCalls: [{ id: "c1", name: "add", args: { a: 1 } }],
    stopReason: "tool_use",
  });
  expect((await replyOf([start, piece('{"a":1}'), end, CALL, STOP])).toolCalls).toHaveLength(1);
  const cut = await replyOf([start, piece('{"a":'), { ...STOP, finishReason: "length" }]);
  expect(cut).toMatchObject({ stopReason: "max_tokens", toolCalls: [{ name: "add", args: {} }] });
  expect(cut.toolCalls[0]?.invalid).toContain("not complete JSON");
});

test("in a reply that was cut, a call without arguments did not get that far; in a whole one it has none", async () => {
  const call = { ...CALL, input: "" };
  for (const finishReason of ["length", "content-filter", { unified: "other", raw: "ODD" }]) {
    const [cut] = (await replyOf([call, { ...STOP, finishReason }])).toolCalls;
    expect(cut).toMatchObject({ args: {}, invalid: expect.stringContaining("cut off") });
  }
  expect((await replyOf([call, STOP])).toolCalls).toEqual([{ id: "c1", name: "add", args: {} }]);
});

test("a call that is passed on again is one call, and others have ids of their own", async () => {
  const calls = async (...parts: object[]) => (await replyOf([...parts, STOP])).toolCalls;
  const one = [{ id: "c1", name: "add", args: { a: 1 } }];
  expect(await calls(CALL, CALL)).toEqual(one);
  expect(await calls({ ...CALL, input: "{}" }, CALL)).toEqual(one);
  expect(await calls({ ...CALL, input: "" }, CALL)).toEqual(one);
  expect(await calls(CALL, { ...CALL, input: " " })).toEqual(one);
  const { toolCalls, content } = await replyOf([
    CALL,
    { ...CALL, input: '{"a":2}' },
    { ...CALL, toolCallId: "" },
    STOP,
  ]);
  expect(toolCalls.map(({ args }) => args)).toEqual([{ a: 1 }, { a: 2 }, { a: 1 }]);
  expect(new Set(toolCalls.map(({ id }) => id)).size).toBe(3);
  // They go back with the ids that their results have.
  expect(content.map(({ toolCallId }) => toolCallId)).toEqual(toolCalls.map(({ id }) => id));
});

test("arguments that are nested too deep, or would lose digits, are an error that says so", async () => {
  let deep: unknown = 1;
  for (let level = 0; level < 5000; level++) deep = { a: deep };
  const text = `${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`;
  for (const input of [deep, text]) {
    const [call] = (await replyOf([{ ...CALL, input }, STOP])).toolCalls;
    expect(call).toMatchObject({ id: "c1", args: {}, invalid: expect.stringContaining("nested") });
  }
  const [call] = (await replyOf([{ ...CALL, input: '{"id":2512292042121000001}' }, STOP])).toolCalls;
  expect(call).toMatchObject({ args: {}, invalid: expect.stringContaining("2512292042121000001 would lose digits") });
});
