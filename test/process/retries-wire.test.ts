import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import type { LLMProgramOptions, Retry } from "llmproc";
import { anthropic, LLMProgram } from "llmproc";
import { afterEach, expect, test, vi } from "vitest";
import type { AnthropicAnswer } from "../support/anthropic-server.ts";
import { anthropicServer, eventStream, streamEvents } from "../support/anthropic-server.ts";
import { expectWellFormed, failureOf, inTime, recordsOf, settled } from "./harness.ts";

afterEach(() => {
  vi.useRealTimers();
});

const quick = { maxAttempts: 3, initialDelayMs: 2, maxDelayMs: 2 };
const still = { initialDelayMs: 0, maxDelayMs: 0 };
const BACK: AnthropicAnswer = { message: { content: [{ type: "text", text: "back" }] } };

const refusal = (status: number, headers: Record<string, string> = {}): AnthropicAnswer => ({
  status,
  headers,
  raw: JSON.stringify({ type: "error", error: { type: "some_error", message: `no (${status})` } }),
});

type Options = Pick<LLMProgramOptions<LLMProgram>, "retry" | "parameters" | "pricing">;

async function start(baseURL: string, options: Options = { retry: quick }) {
  const model = anthropic({ name: "claude-test", apiKey: "test-key", baseURL });
  const proc = await new LLMProgram({ model, ...options }).start();
  const retries: (Retry | undefined)[] = [];
  proc.on("api_error", (_error, retry) => retries.push(retry));
  const records = recordsOf(proc);
  const attempts = () =>
    records
      .filter(({ event }) => event.startsWith("api_"))
      .map(({ event, attempt }) => `${event.replace("api_", "")} ${attempt}`);
  return { proc, retries, attempts };
}

const HTML = "<html><title>Bad gateway</title></html>";
const STREAM = { "content-type": "text/event-stream" };
const EVENTS = streamEvents({ content: [{ type: "text", text: "cut" }] });
/** All that comes before the first text. */
const BEFORE_TEXT = Buffer.byteLength(eventStream(EVENTS.slice(0, 3)));
const overloaded = { type: "error", error: { type: "overloaded_error", message: "Overloaded" } };

const PASSING: readonly [what: string, answer: AnthropicAnswer, says: string, parameters?: { stream: boolean }][] = [
  ...[408, 409, 429, 500, 502, 503, 504, 529].map((status): [string, AnthropicAnswer, string] => [
    `${status}`,
    refusal(status),
    ` answered ${status}`,
  ]),
  ["a status of no kind with x-should-retry", refusal(418, { "x-should-retry": "true" }), "answered 418"],
  ["a page of HTML as a 502", { status: 502, raw: HTML, headers: { "content-type": "text/html" } }, "answered 502"],
  ["a reset before the headers", { resetAtOnce: true }, "The connection to 127.0.0.1:"],
  ["a connection closed before the headers", { closeAtOnce: true }, "The connection to 127.0.0.1:"],
  ["a 200 without a body", { raw: "" }, "is no message"],
  ["a 200 without a body, where none was to be streamed", { raw: "" }, "is no message", { stream: false }],
  ["a stream without an event", { raw: "", headers: STREAM }, "ended before the reply did"],
  ["a 200 with HTML", { raw: HTML, headers: { "content-type": "text/html" } }, "Bad gateway"],
  ["a 200 with HTML, where none was to be streamed", { raw: HTML }, "Bad gateway", { stream: false }],
  ["half a message", { raw: '{"id":"msg_1","content":[{"ty' }, '{"id":"msg_1"', { stream: false }],
  ["a stream that ends before its first text", { cutAfterBytes: BEFORE_TEXT, afterCut: "end" }, "ended before"],
  ["a stream that is reset before its first text", { cutAfterBytes: BEFORE_TEXT, afterCut: "reset" }, "failed"],
  ["an overload in the stream, before its first text", { events: [...EVENTS.slice(0, 3), overloaded] }, "Overloaded"],
];

for (const [what, answer, says, parameters = {}] of PASSING) {
  test(`${what} is sent again, byte for byte, until it passes`, async () => {
    await using server = await anthropicServer([answer, answer, BACK]);
    const { proc, retries, attempts } = await start(server.url, { retry: quick, parameters });
    const errors: string[] = [];
    proc.on("api_error", (error) => errors.push(error.message));
    expect(await proc.run("x")).toMatchObject({ lastMessage: "back", apiCalls: 3 });
    expect(attempts()).toEqual(["request 1", "error 1", "request 2", "error 2", "request 3", "response 3"]);
    expect(retries).toMatchObject([
      { attempt: 2, maxAttempts: 3 },
      { attempt: 3, maxAttempts: 3 },
    ]);
    for (const retry of retries) expect(retry?.delayMs).toBeLessThanOrEqual(2);
    expect(errors).toEqual([expect.stringContaining(says), expect.stringContaining(says)]);
    const [first, ...others] = server.requests.map(({ raw }) => raw.toString("utf8"));
    expect(others).toEqual([first, first]);
  });
}

const FINAL: readonly [what: string, answer: AnthropicAnswer][] = [
  ...[400, 401, 402, 403, 404, 413, 422].map((status): [string, AnthropicAnswer] => [`${status}`, refusal(status)]),
  ["401 with x-should-retry", refusal(401, { "x-should-retry": "true", "retry-after": "1" })],
  ["429 with x-should-retry: false", refusal(429, { "x-should-retry": "false", "retry-after": "1" })],
];

for (const [what, answer] of FINAL) {
  test(`${what} is one request and one end`, async () => {
    await using server = await anthropicServer([answer, BACK]);
    const { proc, retries, attempts } = await start(server.url);
    const { status } = answer;
    const error = await failureOf(proc.run("x"));
    expect(error).toMatchObject({ stopReason: "api_error", cause: { status }, result: { apiCalls: 1 } });
    expect(error.message.includes(` answered ${status} (some_error): no (${status})`)).toBe(true);
    expect([attempts(), retries]).toEqual([["request 1", "error 1"], [undefined]]);
    expect(server.requests).toHaveLength(1);
  });
}

test("a 401 whose body breaks off is a 401 all the same", async () => {
  await using server = await anthropicServer([{ ...refusal(401), cutAfterBytes: 10, afterCut: "reset" }, BACK]);
  const { proc } = await start(server.url);
  expect(await failureOf(proc.run("x"))).toMatchObject({ cause: { status: 401 }, result: { apiCalls: 1 } });
  expect(server.requests).toHaveLength(1);
});

test("a refused connection is tried as often as the program says, each attempt an event", async () => {
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, "127.0.0.1", resolve));
  // A border post: a server that listens on TCP has such an address.
  const { port } = closed.address() as AddressInfo;
  await new Promise<void>((resolve) => closed.close(() => resolve()));
  const { proc, attempts } = await start(`http://127.0.0.1:${port}`);
  const error = await inTime(failureOf(proc.run("x")));
  expect(error).toMatchObject({ stopReason: "api_error", cause: { connection: true }, result: { apiCalls: 3 } });
  expect(error.message).toMatch(/ECONNREFUSED.* Given up after 3 attempts: \[retry\] max_attempts allows no more\.$/);
  expect(attempts()).toEqual(["request 1", "error 1", "request 2", "error 2", "request 3", "error 3"]);
});

const ASKED: readonly [what: string, headers: () => Record<string, string>, leastMs: number, mostMs: number][] = [
  ["retry-after in seconds", () => ({ "retry-after": "90" }), 90_000, 90_000],
  // It has no fractions of a second, and some of its time is over when it is read.
  ["retry-after as a date", () => ({ "retry-after": inMs(90_000) }), 85_000, 90_000],
  ["retry-after-ms", () => ({ "retry-after-ms": "1500", "retry-after": "2" }), 1500, 1500],
];
const inMs = (ms: number) => new Date(Date.now() + ms).toUTCString();

for (const [what, headers, leastMs, mostMs] of ASKED) {
  test(`${what} is waited for, and no request leaves before`, async () => {
    await using server = await anthropicServer([refusal(429, headers()), BACK]);
    const { proc, retries, attempts } = await start(server.url, { retry: still });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const run = proc.run("x");
    while (retries.length === 0) await settled();
    const delayMs = retries[0]?.delayMs ?? Number.NaN;
    expect(delayMs >= leastMs && delayMs <= mostMs).toBe(true);
    await vi.advanceTimersByTimeAsync(delayMs - 1);
    expect(attempts()).toEqual(["request 1", "error 1"]);
    await vi.advanceTimersByTimeAsync(1);
    expect(attempts()).toEqual(["request 1", "error 1", "request 2"]);
    expect((await run).lastMessage).toBe("back");
    expect(server.requests).toHaveLength(2);
  });
}

test("a retry-after beyond the deadline is not waited for: in seconds, and as a date", async () => {
  for (const value of ["7200", inMs(7_200_000)]) {
    await using server = await anthropicServer([refusal(429, { "retry-after": value }), BACK]);
    const { proc, retries } = await start(server.url, {});
    const { message } = await inTime(failureOf(proc.run("x")));
    expect(message).toMatch(
      /^127.0.0.1:\d+ answered 429 \(some_error\): no \(429\)\. The provider asked to wait (2 h 00|1 h 59) min: /,
    );
    expect(message).toContain("the deadline of 10 min 00 s for one reply ([retry] deadline_ms) is over before that.");
    expect(retries).toEqual([undefined]);
  }
});

test("what a stream was billed that broke before its first text is counted with the reply to the retry", async () => {
  const usage = { input_tokens: 100, cache_read_input_tokens: 30, cache_creation_input_tokens: 20, output_tokens: 7 };
  const message = { ...BACK.message, usage };
  const cut = { message, cutAfterBytes: BEFORE_TEXT + 20, afterCut: "end" } as const;
  await using server = await anthropicServer([cut, { message }]);
  const pricing = { inputUsdPerMillion: 1, outputUsdPerMillion: 10, cacheReadUsdPerMillion: 0.1 };
  const { proc } = await start(server.url, { retry: quick, pricing });
  const result = await proc.run("x");
  // The one that broke had told its input, and one token of output.
  expect(result).toMatchObject({ apiCalls: 2, inputTokens: 300, outputTokens: 8, cachedTokens: 60, unpriced: [] });
  expect(result.usdCost).toBeCloseTo((240 * 1 + 8 * 10 + 60 * 0.1) / 1e6, 12);
});

/** Lets the clock run, second by second, while the network goes its own pace. */
async function passUntil(holds: () => boolean): Promise<void> {
  while (!holds()) {
    await vi.advanceTimersByTimeAsync(1000);
    await settled();
  }
}

test("a stream that is silent for a minute before its first text is sent again", async () => {
  await using server = await anthropicServer([{ cutAfterBytes: BEFORE_TEXT, afterCut: "stall" }, BACK]);
  const { proc, retries } = await start(server.url, { retry: quick });
  const errors: string[] = [];
  proc.on("api_error", (error) => errors.push(error.message));
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  let over = false;
  const run = proc.run("x").finally(() => {
    over = true;
  });
  await passUntil(() => over);
  expect(await run).toMatchObject({ lastMessage: "back", apiCalls: 2 });
  expect(errors).toEqual([expect.stringContaining(" sent nothing for 60 s. ")]);
  expect(retries).toMatchObject([{ attempt: 2 }]);
  await server.requests[0]?.closed;
});

test("one that falls silent after its first text is interrupted, its text kept, and not sent again", async () => {
  const message = { content: [{ type: "text", text: "some text" }] };
  const bytes = Buffer.byteLength(eventStream(streamEvents(message).slice(0, 4)));
  await using server = await anthropicServer([{ message, cutAfterBytes: bytes, afterCut: "stall" }, BACK, BACK]);
  const { proc, retries } = await start(server.url, { retry: quick });
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  let over = false;
  const run = failureOf(proc.run("x")).finally(() => {
    over = true;
  });
  await passUntil(() => over);
  expect(await run).toMatchObject({
    stopReason: "interrupted",
    message: expect.stringMatching(/ sent nothing for 60 s\. .* The text until then is kept in the conversation\.$/),
    result: { apiCalls: 1, lastMessage: "some" },
  });
  expect(retries).toEqual([undefined]);
  expect(proc.messages.at(-1)).toMatchObject({ role: "assistant", text: "some", interrupted: true });
  over = false;
  const next = proc.run("go on").finally(() => {
    over = true;
  });
  await passUntil(() => over);
  expect((await next).lastMessage).toBe("back");
  expectWellFormed(proc.messages);
});
