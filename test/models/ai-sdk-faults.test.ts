import { getEventListeners } from "node:events";
import { createServer } from "node:net";
import { inspect } from "node:util";
import { createGoogleGenerativeAI } from "@ai-sdk/google";
import { APICallError, LoadAPIKeyError, NoSuchModelError, UnsupportedFunctionalityError } from "@ai-sdk/provider";
import { expect, test } from "vitest";
import { aiSdk } from "../../src/models/ai-sdk/ai-sdk.ts";
import { createModel } from "../../src/models/create-model.ts";
import { ModelError } from "../../src/process/contract/model.ts";
import { sampleOf } from "../support/sample.ts";
import { googleAnswer, googleKind, googleModel } from "./ai-sdk-google.ts";
import { mistralAnswer, mistralKind } from "./ai-sdk-mistral.ts";
import { modelObject } from "./ai-sdk-object.ts";
import type { WireAnswer } from "./ai-sdk-server.ts";
import { wireServer } from "./ai-sdk-server.ts";
import { conversation, rejection, sendTo } from "./conformance.ts";

const SECRET = "planted-secret-key";

async function failureOf(answer: WireAnswer): Promise<ModelError> {
  await using server = await wireServer([answer]);
  const error = await rejection(sendTo(googleModel(server)));
  expect(error).toBeInstanceOf(ModelError);
  // A border post: the line above has checked it.
  return error as ModelError;
}

/** What is thrown where a model object throws this. */
function thrownAs(thrown: unknown): Promise<unknown> {
  return rejection(sendTo(aiSdk({ ...modelObject([]).object, doStream: () => Promise.reject(thrown) })));
}

const REPLY = {
  thinking: "Hm ü.",
  text: "Some Zürich 🚲 text.",
  toolCalls: [
    { id: "c1", name: "rm", args: { path: "/tmp/ü" } },
    { id: "c2", name: "rm", args: {} },
  ],
};

for (const { kind, answer } of [
  { kind: googleKind, answer: googleAnswer(REPLY) },
  { kind: mistralKind, answer: mistralAnswer(REPLY) },
]) {
  test(`${kind.name}: a stream that ends at any of its bytes is never a whole reply`, async () => {
    const body = Buffer.from(answer.body ?? "");
    // What follows the reason to finish is not needed.
    const end = body.indexOf(kind === googleKind ? "STOP" : '"tool_calls"}');
    const everywhere = Array.from({ length: end }, (_, index) => index);
    const cuts = sampleOf(everywhere, 60);
    await using server = await wireServer(cuts.map((cutAfterBytes) => ({ ...answer, cutAfterBytes, afterCut: "end" })));
    process.env.AI_SDK_TEST_KEY = SECRET;
    const provider = kind === googleKind ? "google" : "mistral";
    const model = createModel({ provider, name: "test", baseUrl: server.url, apiKeyEnv: "AI_SDK_TEST_KEY" });
    const { signal } = new AbortController();
    for (const _ of cuts) {
      const pieces: string[] = [];
      const onText = (text: string) => void pieces.push(text);
      const error = await rejection(model.send(conversation(), { signal, beforeSend() {}, onText }));
      expect(error).toMatchObject({ name: "ModelError", connection: true, status: undefined });
      expect(REPLY.text.startsWith(pieces.join(""))).toBe(true);
    }
    expect(server.requests).toHaveLength(cuts.length);
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });
}

test("a silent stream is given up after its time, with the connection closed; a slow listener is not silence", async () => {
  const whole = googleAnswer({ text: "The beginning and the end." });
  const answer = googleAnswer({ text: "The beginning and the end.", stallsAfter: 8 });
  await using server = await wireServer([answer, whole]);
  const make = (fetch: typeof globalThis.fetch) =>
    createGoogleGenerativeAI({ fetch, apiKey: SECRET, baseURL: server.url })("gemini-test");
  const model = aiSdk(make, { provider: "google", idleTimeoutMs: 100 });
  const error = await rejection(sendTo(model));
  expect(error).toMatchObject({ connection: true, message: "google sent nothing for 0.1 s." });
  await server.requests[0]?.closed();
  let waits = 0;
  const onText = () => (waits++ === 0 ? new Promise<void>((resolve) => setTimeout(resolve, 300)) : undefined);
  const reply = await model.send(conversation(), { signal: new AbortController().signal, beforeSend() {}, onText });
  expect(reply.texts).toEqual(["The beginning and the end."]);
});

test("a stream whose bytes are no parts yet is not silent", async () => {
  await using server = await wireServer([{ ...googleAnswer({ text: "hi" }), signsOfLife: 12 }]);
  const make = (fetch: typeof globalThis.fetch) =>
    createGoogleGenerativeAI({ fetch, apiKey: SECRET, baseURL: server.url })("gemini-test");
  const { reply } = await sendTo(aiSdk(make, { idleTimeoutMs: 150 }));
  expect(reply.texts).toEqual(["hi"]);
});

test("a guard may take longer to answer than a stream may be silent", async () => {
  await using server = await wireServer([googleAnswer({ text: "hi" })]);
  const make = (fetch: typeof globalThis.fetch) =>
    createGoogleGenerativeAI({ fetch, apiKey: SECRET, baseURL: server.url })("gemini-test");
  const model = aiSdk(make, { idleTimeoutMs: 20 });
  const beforeSend = () => new Promise<void>((resolve) => setTimeout(resolve, 100));
  const io = { signal: new AbortController().signal, beforeSend, onText() {} };
  expect((await model.send(conversation(), io)).texts).toEqual(["hi"]);
});

test("an abort closes the connection, and leaves no listener behind", async () => {
  await using server = await wireServer([googleAnswer({ text: "The beginning and the end.", stallsAfter: 8 })]);
  const abort = new AbortController();
  const reason = new Error("enough");
  const onText = () => void setTimeout(() => abort.abort(reason), 5);
  const io = { signal: abort.signal, beforeSend() {}, onText };
  expect(await rejection(googleModel(server).send(conversation(), io))).toBe(reason);
  await server.requests[0]?.closed();
  expect(getEventListeners(abort.signal, "abort")).toHaveLength(0);
});

test("an abort closes the connection of a package that sends no signal along", async () => {
  await using server = await wireServer([{ silent: true }]);
  const abort = new AbortController();
  const doStream = async (fetch: typeof globalThis.fetch) => {
    const { body } = await fetch(server.url, { method: "POST", body: "{}" });
    return { stream: body ?? new ReadableStream() };
  };
  const model = aiSdk((fetch) => ({ ...modelObject([]).object, doStream: () => doStream(fetch) }));
  const sending = rejection(sendTo(model, {}, abort.signal));
  while (server.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  abort.abort("enough");
  expect(await sending).toBe("enough");
  await server.requests[0]?.closed();
});

test("what comes after the end of a reply cannot spoil it", async () => {
  const parts = [
    { type: "text-delta", id: "0", delta: "whole" },
    { type: "finish", finishReason: "stop", usage: {} },
  ];
  const ends: ((controller: ReadableStreamDefaultController) => unknown)[] = [
    (controller) => controller.error(new Error("late")),
    (controller) => controller.enqueue({ type: "error", error: "late" }),
    () => new Promise(() => {}),
  ];
  for (const end of ends) {
    const left = [...parts];
    const pull = (controller: ReadableStreamDefaultController) => {
      const part = left.shift();
      return part === undefined ? end(controller) : controller.enqueue(part);
    };
    const stream = new ReadableStream({ pull: (controller) => void pull(controller) }, { highWaterMark: 0 });
    const model = aiSdk({ ...modelObject([]).object, doStream: () => Promise.resolve({ stream }) });
    expect((await sendTo(model)).reply.texts).toEqual(["whole"]);
  }
});

test("an abort by a listener of the text is not waited on, though nothing more ever comes", async () => {
  const { object } = modelObject([{ text: "The beginning and the end.", stallsAfter: 8 }]);
  const abort = new AbortController();
  const pieces: string[] = [];
  const onText = (text: string) => {
    pieces.push(text);
    if (pieces.length === 2) abort.abort("enough");
  };
  expect(await rejection(aiSdk(object).send(conversation(), { signal: abort.signal, beforeSend() {}, onText }))).toBe(
    "enough",
  );
});

test("an abort while a model object takes no notice rejects at once", async () => {
  const abort = new AbortController();
  const doStream = () => new Promise<never>(() => {});
  const model = aiSdk({ ...modelObject([]).object, doStream });
  const io = { signal: abort.signal, beforeSend() {}, onText() {} };
  const sending = model.send(conversation(), io);
  setTimeout(() => abort.abort("enough"), 5);
  expect(await rejection(sending)).toBe("enough");
});

test("every refusal has its status and the vendor's text on one line; a page is cut short", async () => {
  for (const status of [400, 401, 403, 404, 408, 409, 413, 429, 500, 503, 529]) {
    const body = JSON.stringify({ error: { code: status, message: "what\nhappened", status: "X" } });
    const error = await failureOf({ status, body });
    expect(error).toMatchObject({ status, connection: false });
    expect(error.message.split(". ")[0]?.replace(/\.$/, "")).toBe(`google answered ${status} (X): what happened`);
  }
  const page = await failureOf({
    status: 502,
    body: `<html>${"x".repeat(5000)}`,
    headers: { "content-type": "text/html" },
  });
  expect(page).toMatchObject({ status: 502, message: expect.stringContaining("<html>") });
  expect(page.message.length).toBeLessThan(300);
  expect((await failureOf({ status: 500 })).message).toContain("google answered 500");
});

test("a refusal in words that the package cannot read is told in the vendor's", async () => {
  process.env.AI_SDK_TEST_KEY = SECRET;
  await using server = await wireServer([{ status: 401, body: '{"detail":"Unauthorized key"}' }]);
  const spec = { provider: "mistral", name: "m", baseUrl: server.url, apiKeyEnv: "AI_SDK_TEST_KEY" };
  const error = await rejection(sendTo(createModel(spec)));
  expect(error).toMatchObject({
    status: 401,
    message: expect.stringMatching(/^mistral answered 401: Unauthorized key\./),
  });
});

test("retry-after in seconds, as a date, and where Google says it", async () => {
  const after = async (value: string) =>
    (await failureOf({ status: 429, body: "{}", headers: { "retry-after": value } })).retryAfterMs;
  expect(await after("3")).toBe(3000);
  expect(await after("-3")).toBe(0);
  expect(await after("soon")).toBeUndefined();
  expect(await failureOf({ status: 503, headers: { "x-should-retry": "false" } })).toMatchObject({
    shouldRetry: false,
  });
  const inAnHour = await after(new Date(Date.now() + 3_600_000).toUTCString());
  expect(inAnHour).toBeGreaterThan(3_500_000);
  const details = [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "34.5s" }];
  const error = { code: 429, message: "quota", status: "RESOURCE_EXHAUSTED", details };
  expect((await failureOf({ status: 429, body: JSON.stringify({ error }) })).retryAfterMs).toBe(34_500);
});

test("an error in the stream is the error that it would have been as an answer", async () => {
  const event = (value: unknown) => ({
    body: `data: ${JSON.stringify(value)}\n\n`,
    headers: { "content-type": "text/event-stream" },
  });
  const overloaded = { error: { code: 503, message: "Over\nloaded", status: "UNAVAILABLE" } };
  expect(await failureOf(event(overloaded))).toMatchObject({
    status: 503,
    connection: false,
    message: "google answered 503: Over loaded",
  });
  expect(await failureOf(event({ candidates: 7 }))).toMatchObject({ status: undefined, connection: true });
  for (const wrong of ["<html>", '{"a', "[1]", ""]) {
    const answer = { body: `data: ${wrong}\n\n`, headers: { "content-type": "text/event-stream" } };
    expect(await failureOf(answer)).toMatchObject({ status: undefined, connection: true });
    expect(await failureOf({ body: wrong })).toMatchObject({ status: undefined, connection: true });
  }
});

test("no connection and a reset before the answer are errors of the connection that say why", async () => {
  expect(await failureOf({ resetAtOnce: true })).toMatchObject({ connection: true, status: undefined });
  const socket = createServer();
  await new Promise<void>((resolve) => socket.listen(0, "127.0.0.1", resolve));
  // A border post: a server that listens on TCP has such an address.
  const { port } = socket.address() as { port: number };
  await new Promise((resolve) => socket.close(resolve));
  process.env.AI_SDK_TEST_KEY = SECRET;
  const spec = { provider: "mistral", name: "m", baseUrl: `http://127.0.0.1:${port}`, apiKeyEnv: "AI_SDK_TEST_KEY" };
  const error = await rejection(sendTo(createModel(spec)));
  expect(error).toMatchObject({ connection: true, message: expect.stringContaining("ECONNREFUSED") });
});

test("the key is in no error, whatever the vendor says", async () => {
  const message = `The key ${SECRET} is wrong.`;
  const answers = [
    { status: 401, body: JSON.stringify({ error: { code: 401, message, status: "X" } }) },
    { status: 500, body: message },
    { body: `data: ${JSON.stringify({ error: { code: 500, message, status: "X" } })}\n\n` },
    { body: `data: ${message}\n\n` },
    { status: 400, body: JSON.stringify({ error: { code: 400, message: "x".repeat(300) + message, status: "X" } }) },
  ];
  for (const answer of answers) {
    const error = await failureOf(answer);
    expect(inspect(error, { depth: 20 })).not.toContain(SECRET);
  }
});

test("what is thrown before a request: the key, the model, the request itself; none is tried again", async () => {
  const parameter = "Pass it using the 'apiKey' parameter or the ACME_API_KEY environment variable.";
  expect(await thrownAs(new LoadAPIKeyError({ message: `Acme API key is missing. ${parameter}` }))).toMatchObject({
    code: "model_unavailable",
    message:
      'There is no API key for the model "test-model" of test.chat. Set the environment variable ACME_API_KEY, or name another one in api_key_env.',
  });
  expect(await thrownAs(new NoSuchModelError({ modelId: "m", modelType: "languageModel" }))).toMatchObject({
    code: "model_unavailable",
  });
  for (const fault of [
    new UnsupportedFunctionalityError({ functionality: "pictures" }),
    new Error("odd"),
    "odd",
    undefined,
  ]) {
    expect(await thrownAs(fault)).toMatchObject({ code: "model_failed", connection: false, status: undefined });
  }
  const base = { message: "x", url: "http://a", requestBodyValues: {} };
  expect(await thrownAs(new APICallError({ ...base, isRetryable: true }))).toMatchObject({ connection: true });
  const reset = Object.assign(new Error("socket"), { code: "ECONNRESET" });
  expect(await thrownAs(new TypeError("fetch failed", { cause: reset }))).toMatchObject({
    connection: true,
    message: "The connection to test.chat failed: socket (ECONNRESET)",
  });
});
