import { expect, test } from "vitest";
import type { Message, PromptBlock } from "../../src/events/message.ts";
import type { JsonObject } from "../../src/json.ts";
import { anthropic } from "../../src/models/anthropic/anthropic.ts";
import type { AnthropicOptions } from "../../src/models/anthropic/anthropic-options.ts";
import type { Conversation } from "../../src/process/contract/model.ts";
import { anthropicServer } from "../support/anthropic-server.ts";
import { rejection, sendTo, user } from "./conformance.ts";

const HI = { message: { content: [{ type: "text", text: "hi" }] } };

/** What arrives at the server for a conversation. */
async function requestFor(parts: Partial<Conversation>, options: Partial<AnthropicOptions> = {}) {
  await using server = await anthropicServer([HI]);
  await sendTo(anthropic({ name: "claude-test", apiKey: "test-key", baseURL: server.url, ...options }), parts);
  const [request] = server.requests;
  if (request === undefined) throw new Error("No request arrived.");
  return request;
}

async function messagesFor(messages: readonly Message[]): Promise<unknown> {
  return (await requestFor({ messages })).body.messages;
}

test("a request without parameters has a limit of tokens, streams, and lets the vendor cache", async () => {
  const { body, path, headers } = await requestFor({});
  expect(body).toEqual({
    model: "claude-test",
    max_tokens: 8192,
    cache_control: { type: "ephemeral" },
    stream: true,
    messages: [{ role: "user", content: [{ type: "text", text: "Hello" }] }],
  });
  expect(path).toBe("/v1/messages");
  expect(headers).toMatchObject({ authorization: "Bearer test-key", "content-type": "application/json" });
});

test("parameters win over the defaults; the cache can be left alone", async () => {
  const { body } = await requestFor({ parameters: { max_tokens: 5 } }, { automaticCaching: false });
  expect(body).toMatchObject({ max_tokens: 5 });
  expect(body).not.toHaveProperty("cache_control");
  const hour = { type: "ephemeral", ttl: "1h" };
  expect((await requestFor({ parameters: { cache_control: hour } })).body.cache_control).toEqual(hour);
});

test("extra_headers go into the HTTP headers and not into the body", async () => {
  const parameters = { extra_headers: { "anthropic-beta": "a-feature", "x-both": "from-parameters" } };
  const { body, headers } = await requestFor({ parameters }, { headers: { "x-both": "from-model", "x-model": "1" } });
  expect(body).not.toHaveProperty("extra_headers");
  expect(headers).toMatchObject({ "anthropic-beta": "a-feature", "x-both": "from-parameters", "x-model": "1" });
});

test("a system prompt and tools are in the body only if there are any", async () => {
  const parameters = { type: "object", properties: {} };
  const tools = [{ name: "add", description: "Adds.", parameters }];
  const { body } = await requestFor({ system: "Be kind.", tools });
  expect(body.system).toBe("Be kind.");
  expect(body.tools).toEqual([{ name: "add", description: "Adds.", input_schema: parameters }]);
  const bare = (await requestFor({ system: " \n" })).body;
  expect(Object.keys(bare)).not.toContain("system");
  expect(Object.keys(bare)).not.toContain("tools");
});

test("tools of the vendor's own in the parameters follow the program's", async () => {
  const search = { type: "web_search_20260318", name: "web_search" };
  const tools = [{ name: "add", description: "", parameters: {} }];
  expect((await requestFor({ tools, parameters: { tools: [search] } })).body.tools).toMatchObject([
    { name: "add" },
    search,
  ]);
  expect((await requestFor({ parameters: { tools: [search] } })).body.tools).toEqual([search]);
});

test("text, images and files of a prompt", async () => {
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  const content: PromptBlock[] = [
    { type: "text", text: "Look:" },
    { type: "image", mediaType: "image/png", data: "iVBO" },
    { type: "image", url: "https://example.com/a.png" },
    { type: "file", mediaType: "application/pdf", data: "JVBE", name: "a.pdf" },
    { type: "file", mediaType: "text/csv", data: base64("a,ü\n") },
  ];
  expect(await messagesFor([{ role: "user", content }])).toEqual([
    {
      role: "user",
      content: [
        { type: "text", text: "Look:" },
        { type: "image", source: { type: "base64", media_type: "image/png", data: "iVBO" } },
        { type: "image", source: { type: "url", url: "https://example.com/a.png" } },
        { type: "document", source: { type: "base64", media_type: "application/pdf", data: "JVBE" }, title: "a.pdf" },
        { type: "document", source: { type: "text", media_type: "text/plain", data: "a,ü\n" } },
      ],
    },
  ]);
});

const CALLS = [
  { type: "thinking", thinking: "…", signature: "sig" },
  { type: "tool_use", id: "c1", name: "add", input: { a: 1 } },
  { type: "tool_use", id: "c2", name: "add", input: {} },
];

test("results of tools are one user message, and a prompt right after them joins it at its end", async () => {
  const results = [
    { callId: "c1", toolName: "add", content: "3", isError: false },
    { callId: "c2", toolName: "add", content: "no", isError: true },
  ];
  const messages: Message[] = [
    user("Add."),
    { role: "assistant", content: CALLS, text: "" },
    { role: "tool", content: results },
    user("And now?"),
  ];
  expect(await messagesFor(messages)).toEqual([
    { role: "user", content: [{ type: "text", text: "Add." }] },
    { role: "assistant", content: CALLS },
    {
      role: "user",
      content: [
        { type: "tool_result", tool_use_id: "c1", content: "3" },
        { type: "tool_result", tool_use_id: "c2", content: "no", is_error: true },
        { type: "text", text: "And now?" },
      ],
    },
  ]);
});

test("a result without text has no content, but an error says at least that", async () => {
  const results = [
    { callId: "c1", toolName: "add", content: "", isError: false },
    { callId: "c2", toolName: "add", content: "", isError: true },
  ];
  const sent = await messagesFor([
    user("x"),
    { role: "assistant", content: CALLS, text: "" },
    { role: "tool", content: results },
  ]);
  expect(sent).toMatchObject({
    2: { content: [{ tool_use_id: "c1" }, { tool_use_id: "c2", content: "The tool failed without a message." }] },
  });
  expect(JSON.stringify(sent)).toContain('{"type":"tool_result","tool_use_id":"c1"}');
});

test("texts without visible letters are never sent, and the roles still alternate", async () => {
  const blank = { type: "text", text: " \n" } as const;
  const messages: Message[] = [
    { role: "user", content: [blank, { type: "text", text: "a" }] },
    { role: "assistant", content: [], text: "", interrupted: true },
    user("b"),
    { role: "assistant", content: [blank, { type: "text", text: "c" }], text: " \nc" },
    { role: "user", content: [blank] },
    { role: "assistant", content: [{ type: "text", text: "d" }], text: "d" },
    user("e"),
  ];
  expect(await messagesFor(messages)).toEqual([
    {
      role: "user",
      content: [
        { type: "text", text: "a" },
        { type: "text", text: "b" },
      ],
    },
    {
      role: "assistant",
      content: [
        { type: "text", text: "c" },
        { type: "text", text: "d" },
      ],
    },
    { role: "user", content: [{ type: "text", text: "e" }] },
  ]);
});

test("a message is converted once, and goes into each request as the same frozen object", async () => {
  await using server = await anthropicServer([HI, HI]);
  const model = anthropic({ name: "claude-test", apiKey: "k", baseURL: server.url });
  const first = user("first");
  const one = await sendTo(model, { messages: [first] });
  const two = await sendTo(model, { messages: [first, { role: "assistant", content: [], text: "x" }, user("y")] });
  const [before] = (one.payload?.messages ?? []) as readonly unknown[];
  const [after] = (two.payload?.messages ?? []) as readonly unknown[];
  expect(after).toBe(before);
});

test("parameters that cannot be sent are one clear error, before anything is sent", async () => {
  const wrong: [JsonObject, Partial<Conversation>, RegExp][] = [
    [{ messages: [] }, {}, /"messages" cannot be set here/],
    [{ model: "other" }, {}, /"model" cannot be set here/],
    [{ system: "a" }, { system: "b" }, /"system" cannot be set beside/],
    [{ tools: "all" }, {}, /"tools" must be a list/],
    [{ extra_headers: ["a"] }, {}, /"extra_headers" must be a table/],
    [{ extra_headers: { "x-token": "secret\nvalue" } }, {}, /header x-token in parameters.extra_headers/],
  ];
  await using server = await anthropicServer([]);
  const model = anthropic({ name: "claude-test", apiKey: "k", baseURL: server.url });
  for (const [parameters, parts, message] of wrong) {
    const error = await rejection(sendTo(model, { ...parts, parameters }));
    expect(error).toMatchObject({ code: "program_invalid", message: expect.stringMatching(message) });
    expect(String(error)).not.toContain("secret");
  }
  expect(server.requests).toEqual([]);
});

test("without a key, the error names the variable to set, and nothing is sent", async () => {
  const payloads: unknown[] = [];
  const model = anthropic({ name: "claude-test", apiKeyEnv: "NO_SUCH_KEY_IN_HERE", baseURL: "http://127.0.0.1:1" });
  const io = { signal: new AbortController().signal, beforeSend: (p: unknown) => void payloads.push(p), onText() {} };
  const parts = { system: "", messages: [user("x")], tools: [], parameters: {}, depth: 0 };
  const error = await rejection(model.send(parts, io));
  expect(error).toMatchObject({ code: "model_unavailable", message: expect.stringContaining("NO_SUCH_KEY_IN_HERE") });
  expect(payloads).toEqual([]);
});

test("a key that cannot be one is refused without being shown", async () => {
  const model = anthropic({ name: "claude-test", apiKey: "sk-secret\nline", baseURL: "http://127.0.0.1:1" });
  const error = await rejection(sendTo(model));
  expect(error).toMatchObject({ code: "model_unavailable" });
  expect(String(error)).not.toContain("sk-secret");
});

test("requests that follow each other use the connections that are there", async () => {
  const answers = Array.from({ length: 8 }, () => HI);
  await using server = await anthropicServer(answers);
  const model = anthropic({ name: "claude-test", apiKey: "k", baseURL: server.url });
  for (const _ of answers) await sendTo(model);
  // One that is just coming free may be missed, so there can be a second.
  expect(server.connections).toBeLessThanOrEqual(2);
});
