import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { anthropic } from "../../src/models/anthropic/anthropic.ts";
import type { AnthropicOptions } from "../../src/models/anthropic/anthropic-options.ts";
import { ModelError } from "../../src/process/contract/model.ts";
import type { AnthropicAnswer } from "../support/anthropic-server.ts";
import { anthropicServer, eventStream, streamEvents } from "../support/anthropic-server.ts";
import { closedPort } from "../support/closed-port.ts";
import { sampleOf } from "../support/sample.ts";
import { conversation, rejection, sendTo } from "./conformance.ts";

const KEY = "sk-ant-planted-secret";

async function failureOf(answer: AnthropicAnswer, options: Partial<AnthropicOptions> = {}): Promise<ModelError> {
  await using server = await anthropicServer([answer]);
  const error = await rejection(
    sendTo(anthropic({ name: "claude-test", apiKey: KEY, baseURL: server.url, ...options })),
  );
  expect(error).toBeInstanceOf(ModelError);
  // A border post: the line above has checked it.
  return error as ModelError;
}

const MESSAGE = {
  content: [
    { type: "text", text: "Some Zürich 🚲 text." },
    { type: "tool_use", id: "c1", name: "rm", input: { path: "/tmp/ü" } },
  ],
  usage: { input_tokens: 11, output_tokens: 22, cache_read_input_tokens: 33, cache_creation_input_tokens: 44 },
};
const STREAM = Buffer.from(eventStream(streamEvents(MESSAGE, 6)));

test("a stream that ends at any byte before it says why is an error with what was billed, its text is a beginning", async () => {
  const everywhere = Array.from({ length: STREAM.indexOf("event: message_stop") - 2 }, (_, index) => index);
  const cuts = sampleOf(everywhere, 120);
  const answers = cuts.map(
    (cutAfterBytes) => ({ message: MESSAGE, pieceLength: 6, cutAfterBytes, afterCut: "end" }) as const,
  );
  await using server = await anthropicServer(answers);
  const model = anthropic({ name: "claude-test", apiKey: KEY, baseURL: server.url });
  const startIsWhole = STREAM.indexOf("\n\n");
  const signal = new AbortController().signal;
  for (const cut of cuts) {
    const pieces: string[] = [];
    const onText = (text: string) => void pieces.push(text);
    const error = await rejection(model.send(conversation(), { signal, beforeSend() {}, onText }));
    expect(error).toMatchObject({ name: "ModelError", connection: true, status: undefined });
    const { usage } = error as ModelError;
    expect(usage?.inputTokens).toBe(cut < startIsWhole ? undefined : 88);
    expect("Some Zürich 🚲 text.".startsWith(pieces.join(""))).toBe(true);
  }
  expect(server.requests).toHaveLength(cuts.length);
});

test("a stream torn down or ended half-way leaves the counts so far in the error", async () => {
  for (const afterCut of ["reset", "end"] as const) {
    const error = await failureOf({ message: MESSAGE, cutAfterBytes: STREAM.length - 60, afterCut });
    expect(error).toMatchObject({
      connection: true,
      usage: { inputTokens: 88, cacheReadTokens: 33, cacheWriteTokens: 44 },
    });
  }
});

test("what comes after message_stop cannot spoil the message", async () => {
  for (const afterCut of ["reset", "stall", "end"] as const) {
    await using server = await anthropicServer([
      {
        raw: Buffer.concat([STREAM, Buffer.from(": more")]),
        headers: { "content-type": "text/event-stream" },
        cutAfterBytes: STREAM.length,
        afterCut,
      },
    ]);
    const { reply } = await sendTo(anthropic({ name: "claude-test", apiKey: KEY, baseURL: server.url }));
    expect(reply.texts).toEqual(["Some Zürich 🚲 text."]);
  }
});

test("a silent stream is given up after its time, with the connection closed", async () => {
  await using server = await anthropicServer([
    { message: MESSAGE, cutAfterBytes: STREAM.length - 60, afterCut: "stall" },
  ]);
  const model = anthropic({ name: "claude-test", apiKey: KEY, baseURL: server.url, idleTimeoutMs: 100 });
  const error = await rejection(sendTo(model));
  const message = expect.stringContaining("sent nothing for 0.1 s");
  expect(error).toMatchObject({ connection: true, message, usage: { inputTokens: 88 } });
  await server.requests[0]?.closed;
});

test("a slow listener is not a silent stream", async () => {
  const text = "0123456789".repeat(100_000);
  await using server = await anthropicServer([{ message: { content: [{ type: "text", text }] }, pieceLength: 5000 }]);
  const model = anthropic({ name: "claude-test", apiKey: KEY, baseURL: server.url, idleTimeoutMs: 500 });
  let waits = 0;
  const onText = () => (waits++ === 0 ? new Promise<void>((resolve) => setTimeout(resolve, 1000)) : undefined);
  const reply = await model.send(conversation(), { signal: new AbortController().signal, beforeSend() {}, onText });
  expect(reply.texts).toEqual([text]);
});

test("a request that fails while its stream is open closes the connection", async () => {
  const raw = `${eventStream(streamEvents(MESSAGE).slice(0, 4))}event: x\ndata: not json\n\n `;
  const cut = {
    cutAfterBytes: Buffer.byteLength(raw) - 1,
    afterCut: "stall",
    headers: { "content-type": "text/event-stream" },
  } as const;
  await using server = await anthropicServer([
    { raw, ...cut },
    { raw, ...cut },
  ]);
  const model = anthropic({ name: "claude-test", apiKey: KEY, baseURL: server.url });
  expect(await rejection(sendTo(model))).toMatchObject({ message: expect.stringContaining("not json") });
  await server.requests[0]?.closed;
  const onText = () => Promise.reject(new Error("mine"));
  await rejection(model.send(conversation(), { signal: new AbortController().signal, beforeSend() {}, onText }));
  await server.requests[1]?.closed;
});

test("an error event in the stream is the error that it would have been as an answer", async () => {
  const statuses = { overloaded_error: 529, rate_limit_error: 429, api_error: 500, invalid_request_error: 400 };
  for (const [type, status] of Object.entries(statuses)) {
    const events = [...streamEvents(MESSAGE).slice(0, 4), { type: "error", error: { type, message: "Over\nloaded" } }];
    const error = await failureOf({ events });
    expect(error).toMatchObject({ status, connection: false, usage: { inputTokens: 88 } });
    expect(error.message).toContain("Over loaded");
  }
  const unknown = await failureOf({ events: [{ type: "error", error: { type: "new_error", message: "x" } }] });
  expect(unknown).toMatchObject({ status: undefined, connection: true });
});

test("a malformed line in the stream is an error that shows it", async () => {
  const headers = { "content-type": "text/event-stream" };
  for (const line of ['{"type":"content_block', "not json", "[1]", "nul", "é\u0000"]) {
    const raw = `${eventStream(streamEvents(MESSAGE).slice(0, 3))}event: content_block_delta\ndata: ${line}\n\n`;
    const error = await failureOf({ raw, headers });
    expect(error).toMatchObject({ connection: true, usage: { inputTokens: 88 } });
    expect(error.message).toContain(line);
  }
});

test("bytes that are no UTF-8 are an error or a mark in the text, never a crash", async () => {
  const raw = Buffer.from(STREAM);
  raw[raw.indexOf("Some")] = 0xff;
  await using server = await anthropicServer([{ raw, headers: { "content-type": "text/event-stream" } }]);
  const { reply } = await sendTo(anthropic({ name: "claude-test", apiKey: KEY, baseURL: server.url }));
  expect(reply.texts).toEqual(["\ufffdome Zürich 🚲 text."]);
});

test("a page in place of a message, a cut or an empty answer: an error that shows how it began", async () => {
  const html = "<html><title>Bad gateway</title></html>";
  const answers: AnthropicAnswer[] = [
    { raw: html, headers: { "content-type": "text/html" } },
    { raw: '{"id":"msg_1","content":[{"ty', headers: {} },
    { raw: "", headers: {} },
    { raw: html, headers: { "content-type": "text/event-stream" } },
    { raw: "", headers: { "content-type": "text/event-stream" } },
  ];
  for (const answer of answers) expect(await failureOf(answer)).toMatchObject({ status: undefined, connection: true });
  expect((await failureOf(answers[0] ?? {})).message).toContain("Bad gateway");
  expect((await failureOf(answers[1] ?? {})).message).toContain('{"id":"msg_1');
});

test("every refusal has its status and the vendor's text on one line; a page is cut short", async () => {
  for (const status of [400, 401, 403, 404, 408, 409, 413, 429, 500, 503, 529]) {
    const raw = JSON.stringify({ type: "error", error: { type: "t_error", message: "what\nhappened" } });
    const error = await failureOf({ status, raw });
    expect(error).toMatchObject({ status, connection: false });
    const said = ` answered ${status} (t_error): what happened`;
    const isAdvised = [401, 403, 404].includes(status);
    expect(error.message.replace(/^127\.0\.0\.1:\d+/, "")).toEqual(
      isAdvised ? expect.stringContaining(`${said}. Check `) : said,
    );
  }
  const page = await failureOf({
    status: 502,
    raw: `<html>${"x".repeat(5000)}`,
    headers: { "content-type": "text/html" },
  });
  expect(page).toMatchObject({ status: 502 });
  expect(page.message.length).toBeLessThan(300);
});

test("retry-after in seconds and as a date", async () => {
  const after = async (value: string) =>
    (await failureOf({ status: 429, raw: "{}", headers: { "retry-after": value } })).retryAfterMs;
  expect(await after("3")).toBe(3000);
  expect(await after("0.5")).toBe(500);
  expect(await after("-3")).toBe(0);
  expect(await after("soon")).toBeUndefined();
  const inAnHour = await after(new Date(Date.now() + 3_600_000).toUTCString());
  expect(inAnHour).toBeGreaterThan(3_500_000);
  expect(inAnHour).toBeLessThanOrEqual(3_600_000);
  expect(await after("Wed, 21 Oct 2015 07:28:00 GMT")).toBe(0);
});

test("each failure is one request", async () => {
  for (const answer of [{ status: 529, raw: "{}", headers: { "x-should-retry": "true" } }, { resetAtOnce: true }]) {
    await using server = await anthropicServer([answer, { message: MESSAGE }]);
    await rejection(sendTo(anthropic({ name: "claude-test", apiKey: KEY, baseURL: server.url })));
    expect(server.requests).toHaveLength(1);
  }
});

test("no connection and a reset before the answer are errors of the connection that say why", async () => {
  expect(await failureOf({ resetAtOnce: true })).toMatchObject({ connection: true, status: undefined });
  const port = await closedPort();
  const error = await rejection(sendTo(anthropic({ name: "m", apiKey: KEY, baseURL: `http://127.0.0.1:${port}` })));
  expect(error).toMatchObject({ connection: true, message: expect.stringContaining("ECONNREFUSED") });
});

test("neither the key nor a secret header is in an error, even if the vendor repeats it", async () => {
  const headers = { Authorization: "Bearer planted-too" };
  const repeated = `wrong key ${KEY}, header Bearer planted-too`;
  const failures = [
    await failureOf({ status: 401, raw: JSON.stringify({ error: { type: "a", message: repeated } }) }, { headers }),
    await failureOf({ status: 500, raw: repeated, headers: { "content-type": "text/plain" } }, { headers }),
    await failureOf({ raw: repeated, headers: { "content-type": "text/html" } }, { headers }),
    await failureOf({ events: [{ type: "error", error: { type: "a", message: repeated } }] }, { headers }),
  ];
  for (const error of failures) {
    expect(error.message).toContain("[secret]");
    for (let link: unknown = error; link instanceof Error; link = link.cause) {
      expect(`${link.stack}${JSON.stringify(link)}`).not.toMatch(/planted/);
    }
  }
});

test("an abort closes the connection: before the answer, in the stream, and in a reply that is not streamed", async () => {
  const cut = { message: MESSAGE, cutAfterBytes: 700, afterCut: "stall" } as const;
  const cases: [AnthropicAnswer, object][] = [
    [{ latencyMs: 60_000 }, {}],
    [cut, {}],
    [{ ...cut, cutAfterBytes: 30 }, { stream: false }],
  ];
  for (const [answer, parameters] of cases) {
    await using server = await anthropicServer([answer]);
    const abort = new AbortController();
    const sending = rejection(
      sendTo(
        anthropic({ name: "m", apiKey: KEY, baseURL: server.url }),
        { parameters: { ...parameters } },
        abort.signal,
      ),
    );
    const request = await server.arrived(1);
    abort.abort("enough");
    expect(await sending).toBe("enough");
    await request.closed;
  }
});

test("a run of many requests leaves no listener on its signal", async () => {
  const answers = Array.from({ length: 12 }, (_, index) =>
    index % 2 === 0 ? { message: MESSAGE } : { status: 500, raw: "{}" },
  );
  await using server = await anthropicServer(answers);
  const model = anthropic({ name: "m", apiKey: KEY, baseURL: server.url });
  const { signal } = new AbortController();
  for (const _ of answers) await sendTo(model, {}, signal).catch(() => undefined);
  expect(server.requests).toHaveLength(12);
  expect(getEventListeners(signal, "abort")).toEqual([]);
});
