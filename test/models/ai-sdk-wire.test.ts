import { createGoogleGenerativeAI } from "@ai-sdk/google";
import { expect, test } from "vitest";
import type { JsonObject } from "../../src/json.ts";
import { aiSdk } from "../../src/models/ai-sdk/ai-sdk.ts";
import { createModel } from "../../src/models/create-model.ts";
import type { Conversation } from "../../src/process/contract/model.ts";
import { googleAnswer, googleChunk, googleModel } from "./ai-sdk-google.ts";
import { mistralAnswer } from "./ai-sdk-mistral.ts";
import { modelObject } from "./ai-sdk-object.ts";
import { streamAnswer, wireServer } from "./ai-sdk-server.ts";
import { conversation, rejection, sendTo, user } from "./conformance.ts";

const TOOLS = [{ name: "add", description: "Adds.", parameters: { type: "object", properties: { a: {} } } }];

/** What arrives at Google's side for a conversation. */
async function googleRequest(parts: Partial<Conversation>) {
  await using server = await wireServer([googleAnswer({ text: "hi" })]);
  const { payload } = await sendTo(googleModel(server), parts);
  const [request] = server.requests;
  if (request === undefined) throw new Error("No request arrived.");
  return { ...request, payload, body: JSON.parse(request.raw) as JsonObject };
}

test("google: the key, the path and a body without anything that nobody asked for", async () => {
  const { body, path, headers } = await googleRequest({});
  expect(body).toEqual({ generationConfig: {}, contents: [{ role: "user", parts: [{ text: "Hello" }] }] });
  expect(path).toBe("/models/gemini-test:streamGenerateContent?alt=sse");
  expect(headers).toMatchObject({ "x-goog-api-key": "planted-secret-key", "content-type": "application/json" });
});

test("google: parameters in the vendor's own spelling are in the body as they are, beside what the package puts there", async () => {
  const parameters = {
    generationConfig: {
      maxOutputTokens: 64,
      temperature: 2.5,
      thinkingConfig: { thinkingLevel: "low" },
      brandNew: [1],
    },
    safetySettings: [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "OFF" }],
    tools: [{ googleSearch: {} }],
    toolConfig: { functionCallingConfig: { mode: "ANY" } },
  };
  const { body, raw, payload } = await googleRequest({ system: "Be kind.", tools: TOOLS, parameters });
  const { tools: _tools, ...rest } = parameters;
  expect(body).toMatchObject(rest);
  expect(body.tools).toMatchObject([{ functionDeclarations: [{ name: "add" }] }, { googleSearch: {} }]);
  expect(body.systemInstruction).toEqual({ parts: [{ text: "Be kind." }] });
  expect(raw).toBe(JSON.stringify(payload));
  expect(Object.isFrozen(payload?.generationConfig)).toBe(true);
});

test("what only the package can do is asked for in provider_options, headers in extra_headers", async () => {
  const { body, headers } = await googleRequest({
    parameters: {
      provider_options: { google: { thinkingConfig: { thinkingBudget: 7 } } },
      extra_headers: { "x-mine": "1" },
    },
  });
  expect(body).toMatchObject({ generationConfig: { thinkingConfig: { thinkingBudget: 7 } } });
  expect(body).not.toHaveProperty("provider_options");
  expect(headers["x-mine"]).toBe("1");
});

test("mistral: parameters are in the body as they are, and stream = false asks for the reply in one piece", async () => {
  const message = { role: "assistant", content: "whole" };
  const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
  const whole = { object: "chat.completion", choices: [{ index: 0, message, finish_reason: "stop" }], usage };
  await using server = await wireServer([mistralAnswer({ text: "x" }), { body: JSON.stringify(whole) }]);
  process.env.AI_SDK_TEST_KEY = "k";
  const spec = { provider: "mistral", name: "m", baseUrl: server.url, apiKeyEnv: "AI_SDK_TEST_KEY" };
  const model = createModel({ ...spec, headers: { "x-model": "2" } });
  const parameters = { max_tokens: 7, safe_prompt: true, prediction: { type: "content", content: "" } };
  await sendTo(model, { parameters: { ...parameters, stream: true } });
  const { reply, pieces } = await sendTo(model, { parameters: { ...parameters, stream: false } });
  const bodies = server.requests.map(({ raw }) => JSON.parse(raw) as JsonObject);
  expect(bodies[0]).toMatchObject({ ...parameters, stream: true });
  expect(bodies[1]).toMatchObject(parameters);
  expect(bodies[1]).not.toHaveProperty("stream");
  expect(server.requests[0]?.headers["x-model"]).toBe("2");
  expect([reply.texts, pieces, reply.usage?.inputTokens]).toEqual([["whole"], [], 3]);
});

test("parameters that cannot be sent are one clear error, and nothing is sent", async () => {
  const wrong: [JsonObject, RegExp][] = [
    [{ contents: [] }, /"contents" cannot be set here/],
    [{ systemInstruction: { parts: [] } }, /"systemInstruction" cannot be set here/],
    [{ tools: "all" }, /"tools" must be a list/],
    [{ stream: "yes" }, /"stream" must be true or false/],
    [{ extra_headers: ["a"] }, /"extra_headers" must be a table/],
    [{ provider_options: { google: 1 } }, /"provider_options" must be a table/],
  ];
  await using server = await wireServer([]);
  const heard: unknown[] = [];
  for (const [parameters, message] of wrong) {
    const parts = conversation({ system: "a", tools: TOOLS, parameters });
    const io = { signal: new AbortController().signal, beforeSend: (p: unknown) => void heard.push(p), onText() {} };
    const error = await rejection(googleModel(server).send(parts, io));
    expect(error).toMatchObject({ code: "program_invalid", message: expect.stringMatching(message) });
  }
  expect([server.requests.length, heard.length]).toEqual([0, 0]);
});

test("what a package fetches beside the request passes through unheard; a second request is not sent", async () => {
  await using server = await wireServer([{ body: "{}" }, { body: '{"token":1}' }, { body: '{"text":"a"}' }]);
  const model = aiSdk((fetch) => ({
    ...modelObject([]).object,
    async doStream() {
      await fetch(`${server.url}/list`);
      await fetch(`${server.url}/token`, { method: "POST", body: new URLSearchParams({ grant: "x" }) });
      const bytes = new TextEncoder().encode('{"prompt":"p"}');
      await fetch(new URL(`${server.url}/first`), { method: "POST", body: bytes });
      await fetch(`${server.url}/second`, { method: "POST", body: "{}" });
      throw new Error("Not reached.");
    },
  }));
  const { signal } = new AbortController();
  const payloads: unknown[] = [];
  const io = { signal, beforeSend: (payload: unknown) => void payloads.push(payload), onText() {} };
  const error = await rejection(model.send(conversation({ parameters: { p: 1 } }), io));
  expect(error).toMatchObject({ connection: false, message: expect.stringContaining("another request") });
  expect(payloads).toEqual([{ prompt: "p", p: 1 }]);
  expect(server.requests.map(({ path, raw }) => [path, raw])).toEqual([
    ["/list", ""],
    ["/token", "grant=x"],
    ["/first", '{"prompt":"p","p":1}'],
  ]);
});

test("a request in a Request object is seen like any other", async () => {
  await using server = await wireServer([{ body: "{}" }]);
  const model = aiSdk((fetch) => ({
    ...modelObject([]).object,
    async doGenerate() {
      await fetch(new Request(server.url, { method: "POST", body: '{"a":1}', headers: { "x-own": "1" } }));
      return { content: [{ type: "text", text: "hi" }], finishReason: "stop", usage: {}, warnings: [] };
    },
  }));
  const { payload, reply } = await sendTo(model, { parameters: { stream: false, b: 2 } });
  expect(payload).toEqual({ a: 1, b: 2 });
  expect(reply.texts).toEqual(["hi"]);
  expect(server.requests[0]).toMatchObject({ raw: '{"a":1,"b":2}', headers: { "x-own": "1" } });
});

test("a package that does not use the fetch that it was given cannot be guarded, and the error says so", async () => {
  const error = await rejection(sendTo(aiSdk(() => modelObject([{ text: "x" }]).object)));
  expect(error).toMatchObject({ connection: false, message: expect.stringContaining("no callback could see it") });
});

test("google: where the package would go on with a request of its own, the reply ends as one of too many tokens", async () => {
  const usageMetadata = { promptTokenCount: 4, candidatesTokenCount: 3 };
  const chunks = [
    googleChunk({ content: { parts: [{ text: "So far" }] } }),
    googleChunk({ finishReason: "CONTINUATION", continuationToken: "t" }, "", { usageMetadata }),
  ];
  const answer = streamAnswer(chunks, { "content-type": "text/event-stream" }, {});
  await using server = await wireServer([answer, googleAnswer({ text: "and on" })]);
  const { reply } = await sendTo(googleModel(server));
  expect(reply).toMatchObject({ texts: ["So far"], stopReason: "max_tokens", usage: { inputTokens: 4 } });
  expect(server.requests).toHaveLength(1);
});

test("requests under way at the same time are each heard by their own run", async () => {
  const answers = Array.from({ length: 12 }, () => googleAnswer({ text: "hi" }));
  await using server = await wireServer(answers);
  let made = 0;
  const model = aiSdk((fetch) => {
    made++;
    return createGoogleGenerativeAI({ fetch, apiKey: "k", baseURL: server.url })("gemini-test");
  });
  const ask = async (text: string) => (await sendTo(model, { messages: [user(text)] })).payload;
  const texts = Array.from({ length: 10 }, (_, index) => `prompt ${index}`);
  const payloads = await Promise.all(texts.map(ask));
  payloads.forEach((payload, index) => {
    expect(JSON.stringify(payload)).toContain(`"prompt ${index}"`);
  });
  expect(made).toBe(10);
  await ask("x");
  await ask("y");
  expect(made).toBe(10);
  const raws = server.requests.map(({ raw }) => raw);
  expect(payloads.every((payload) => raws.includes(JSON.stringify(payload)))).toBe(true);
});

test("a model object shows the options that it is called with, the parameters among them", async () => {
  const { object, calls } = modelObject([{ text: "x" }]);
  const parameters = {
    maxOutputTokens: 9,
    brand_new: 1,
    provider_options: { test: { a: 1 } },
    extra_headers: { b: "2" },
  };
  const { payload } = await sendTo(aiSdk(object), { system: "Be kind.", tools: TOOLS, parameters });
  expect(payload).toEqual({
    maxOutputTokens: 9,
    brand_new: 1,
    prompt: [
      { role: "system", content: "Be kind." },
      { role: "user", content: [{ type: "text", text: "Hello" }] },
    ],
    tools: [{ type: "function", name: "add", description: "Adds.", inputSchema: TOOLS[0]?.parameters }],
    headers: { b: "2" },
    providerOptions: { test: { a: 1 } },
  });
  const { abortSignal, ...called } = calls[0] ?? {};
  expect(called).toEqual(payload);
  expect(abortSignal).toBeInstanceOf(AbortSignal);
  for (const wrong of [{ prompt: [] }, { abortSignal: 1 }, { tools: {} }]) {
    expect(await rejection(sendTo(aiSdk(object), { parameters: wrong }))).toMatchObject({ code: "program_invalid" });
  }
});

test("a tool without parameters has a schema all the same; user and password of a base URL are a header", async () => {
  await using server = await wireServer([mistralAnswer({ text: "x" })]);
  process.env.AI_SDK_TEST_KEY = "k";
  const baseUrl = server.url.replace("//", "//me:pass@");
  const model = createModel({ provider: "mistral", name: "m", baseUrl, apiKeyEnv: "AI_SDK_TEST_KEY" });
  const { payload } = await sendTo(model, { tools: [{ name: "now", description: "", parameters: {} }] });
  expect(payload?.tools).toMatchObject([{ function: { parameters: { type: "object", properties: {} } } }]);
  expect(server.requests[0]?.headers.authorization).toContain(Buffer.from("me:pass").toString("base64"));
});

test("what is no model object, or too old a one, is refused at once", () => {
  const { object } = modelObject([]);
  const google = createGoogleGenerativeAI({ apiKey: "k" });
  // @ts-expect-error: a provider is no model
  expect(() => aiSdk(google)).toThrow(/aiSdk\(\) takes a language model object/);
  // @ts-expect-error: neither is an empty object
  expect(() => aiSdk({})).toThrow(/aiSdk\(\) takes a language model object/);
  expect(() => aiSdk({ ...object, specificationVersion: "v1" })).toThrow(/AI SDK 4/);
});
