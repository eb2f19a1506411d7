import { expect, test } from "vitest";
import type { Message, PromptBlock } from "../../src/events/message.ts";
import type { JsonObject } from "../../src/json.ts";
import type { OpenAICompatibleOptions } from "../../src/models/openai-compatible/compatible-options.ts";
import { openaiCompatible } from "../../src/models/openai-compatible/openai-compatible.ts";
import type { Conversation } from "../../src/process/contract/model.ts";
import { chatServer } from "../support/chat-server.ts";
import { rejection, sendTo, user } from "./conformance.ts";

/** What arrives at the server for a conversation. */
async function requestFor(parts: Partial<Conversation> = {}, options: Partial<OpenAICompatibleOptions> = {}) {
  await using server = await chatServer([{}]);
  await sendTo(openaiCompatible({ name: "test-model", baseURL: `${server.url}/v1`, ...options }), parts);
  const [request] = server.requests;
  if (request === undefined) throw new Error("No request arrived.");
  return request;
}

async function messagesFor(messages: readonly Message[], options: Partial<OpenAICompatibleOptions> = {}) {
  return (await requestFor({ messages }, options)).body.messages;
}

test("a request without parameters streams, asks for usage, and has no key where none is needed", async () => {
  const { body, path, headers } = await requestFor();
  expect(body).toEqual({
    model: "test-model",
    stream: true,
    stream_options: { include_usage: true },
    messages: [{ role: "user", content: "Hello" }],
  });
  expect(path).toBe("/v1/chat/completions");
  expect(headers["content-type"]).toBe("application/json");
  expect(headers).not.toHaveProperty("authorization");
});

test("parameters go as they are, and a request that does not stream has no stream options", async () => {
  const parameters = { max_completion_tokens: 5, stream: false, tools_choice: "x" };
  const { body } = await requestFor({ parameters });
  expect(body).toMatchObject(parameters);
  expect(body).not.toHaveProperty("stream_options");
  expect(body).not.toHaveProperty("max_tokens");
  const own = { stream_options: { include_usage: false } };
  expect((await requestFor({ parameters: own })).body).toMatchObject(own);
});

test("a system prompt, tools, and the vendor's own tools after them; a tool without parameters has an empty list", async () => {
  const tools = [
    { name: "add", description: "Adds.", parameters: { type: "object", properties: { a: {} } } },
    { name: "now", description: "Tells the time.", parameters: {} },
    { name: "day", description: "Tells the day.", parameters: { type: "object" } },
  ];
  const own = { type: "web_search", web_search: {} };
  const { body } = await requestFor({ system: "Be kind.", tools, parameters: { tools: [own] } });
  const none = { type: "object", properties: {} };
  expect(body.tools).toEqual([
    { type: "function", function: { name: "add", description: "Adds.", parameters: tools[0]?.parameters } },
    { type: "function", function: { name: "now", description: "Tells the time.", parameters: none } },
    { type: "function", function: { name: "day", description: "Tells the day.", parameters: none } },
    own,
  ]);
  expect(body.messages).toMatchObject([{ role: "system", content: "Be kind." }, { role: "user" }]);
  expect((await requestFor({ system: " \n" })).body.messages).toHaveLength(1);
});

test("text, images and files of a prompt; a single text is sent as such", async () => {
  const content: PromptBlock[] = [
    { type: "text", text: "Look:" },
    { type: "image", mediaType: "image/png", data: "iVBO" },
    { type: "image", url: "https://example.com/a.png" },
    { type: "file", mediaType: "application/pdf", data: "JVBE", name: "a.pdf" },
    { type: "file", mediaType: "text/csv", data: Buffer.from("a,ü\n").toString("base64"), name: "a.csv" },
    { type: "text", text: " " },
  ];
  expect(await messagesFor([{ role: "user", content }])).toEqual([
    {
      role: "user",
      content: [
        { type: "text", text: "Look:" },
        { type: "image_url", image_url: { url: "data:image/png;base64,iVBO" } },
        { type: "image_url", image_url: { url: "https://example.com/a.png" } },
        { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,JVBE" } },
        { type: "text", text: "a.csv:\n\na,ü\n" },
      ],
    },
  ]);
});

const CALLS: JsonObject = {
  role: "assistant",
  content: null,
  reasoning_content: "Hm.",
  reasoning: "Hm.",
  reasoning_details: [{ type: "reasoning.text", text: "Hm." }],
  tool_calls: [{ id: "c1", type: "function", function: { name: "add", arguments: "{}" } }],
};

const LOOP: readonly Message[] = [
  user("Add."),
  { role: "assistant", content: [CALLS], text: "" },
  { role: "tool", content: [{ callId: "c1", toolName: "add", content: "", isError: true }] },
  { role: "assistant", content: [], text: "It broke", interrupted: true },
  user("And now?"),
];

test("a tool loop goes back as it was: the message with its reasoning, the results, an interrupted text", async () => {
  expect(await messagesFor(LOOP)).toEqual([
    { role: "user", content: "Add." },
    CALLS,
    { role: "tool", tool_call_id: "c1", content: "The tool failed without a message." },
    { role: "assistant", content: "It broke" },
    { role: "user", content: "And now?" },
  ]);
});

test("reasoning stays here for a server that does not want it back", async () => {
  const sent = JSON.stringify(await messagesFor(LOOP, { sendReasoning: false }));
  expect(sent).not.toMatch(/reasoning|Hm/);
  expect(sent).toContain('"c1"');
});

test("a message is converted once, and goes into each request as the same frozen object", async () => {
  await using server = await chatServer([{}, {}]);
  const model = openaiCompatible({ name: "m", baseURL: server.url });
  const first = user("first");
  const one = await sendTo(model, { messages: [first] });
  const two = await sendTo(model, { messages: [first, { role: "assistant", content: [], text: "x" }, user("y")] });
  const [before] = (one.payload?.messages ?? []) as readonly unknown[];
  const [after] = (two.payload?.messages ?? []) as readonly unknown[];
  expect(after).toBe(before);
});

test("parameters that cannot be sent are one clear error, before anything is sent", async () => {
  await using server = await chatServer([]);
  const model = openaiCompatible({ name: "m", baseURL: server.url });
  const wrong: [JsonObject, RegExp][] = [
    [{ messages: [] }, /"messages" cannot be set here/],
    [{ model: "other" }, /"model" cannot be set here/],
    [{ tools: "all" }, /"tools" must be a list/],
    [{ extra_headers: { "x-token": "secret\nvalue" } }, /header x-token in parameters.extra_headers/],
  ];
  for (const [parameters, message] of wrong) {
    const error = await rejection(sendTo(model, { parameters }));
    expect(error).toMatchObject({ code: "program_invalid", message: expect.stringMatching(message) });
    expect(String(error)).not.toContain("secret");
  }
  expect(server.requests).toEqual([]);
});

test("a key that is given or named goes as a bearer token; headers of the user's own win", async () => {
  process.env.CHAT_REQUEST_TEST_KEY = "env-key";
  const sent = async (options: Partial<OpenAICompatibleOptions>, extra?: JsonObject) =>
    (await requestFor({ parameters: extra === undefined ? {} : { extra_headers: extra } }, options)).headers;
  expect((await sent({ apiKey: "k" })).authorization).toBe("Bearer k");
  expect((await sent({ apiKeyEnv: "CHAT_REQUEST_TEST_KEY" })).authorization).toBe("Bearer env-key");
  expect(await sent({ headers: { "api-key": "azure" } })).toMatchObject({ "api-key": "azure" });
  expect((await sent({ headers: { Authorization: "Basic x" } })).authorization).toBe("Basic x");
  expect(await sent({ headers: { "x-a": "1" } }, { "x-a": "2" })).toMatchObject({ "x-a": "2" });
});

test("a key that is named and not there is an error that names it; nothing is sent", async () => {
  await using server = await chatServer([]);
  const model = openaiCompatible({ name: "m", baseURL: server.url, apiKeyEnv: "NO_SUCH_KEY_IN_HERE" });
  const error = await rejection(sendTo(model));
  expect(error).toMatchObject({ code: "model_unavailable", message: expect.stringContaining("NO_SUCH_KEY_IN_HERE") });
  expect(server.requests).toEqual([]);
});

test("a known vendor's key is looked for where its documentation says", async () => {
  for (const [host, variable] of [
    ["openrouter.ai/api", "OPENROUTER_API_KEY"],
    ["api.deepseek.com", "DEEPSEEK_API_KEY"],
  ]) {
    const error = await rejection(sendTo(openaiCompatible({ name: "m", baseURL: `https://${host}/v1` })));
    expect(error).toMatchObject({ code: "model_unavailable", message: expect.stringContaining(variable ?? "") });
  }
});

test("a user name and password in the base URL are sent as such, and the query stays", async () => {
  await using server = await chatServer([{}]);
  const baseURL = `${server.url.replace("//", "//me:p%40ss@")}/v1/?api-version=2`;
  await sendTo(openaiCompatible({ name: "m", baseURL }));
  const [request] = server.requests;
  expect(request?.headers.authorization).toBe(`Basic ${Buffer.from("me:p@ss").toString("base64")}`);
  expect(request?.path).toBe("/v1/chat/completions?api-version=2");
});

test("a base URL that is none is refused at once, without showing it", () => {
  for (const baseURL of ["", "not a url", "localhost:11434/v1", "ftp://x", "//secret@host", "me:secret@host/v1"]) {
    const make = () => openaiCompatible({ name: "m", baseURL });
    expect(make).toThrow(/base URL of the model "m"|baseURL is missing/);
    expect(make).not.toThrow(/secret/);
  }
});
