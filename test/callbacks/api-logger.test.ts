import { expect, test } from "vitest";
import { apiLogger } from "../../src/callbacks/api-logger.ts";
import { Veto } from "../../src/events/verdict.ts";
import { programOf } from "./program.ts";

test.each([0, -1, 1.5, Number.NaN, -Infinity, "2"])("a log that would keep %s calls is refused", (limit) => {
  // A border post: plain JavaScript has no types.
  const make = () => apiLogger({ limit: limit as number });
  const message = `limit of apiLogger() must be a whole number of calls from 1, or Infinity, not ${limit}.`;
  expect(make).toThrow(expect.objectContaining({ code: "callback_invalid", message }));
});

test("request and response of each call stand together, over turns and retries", async () => {
  const log = apiLogger();
  const proc = await programOf([
    { error: { status: 529, message: "overloaded" } },
    { text: "first", toolCalls: [{ name: "echo", args: { text: "a" } }] },
    { text: "second" },
  ])
    .start()
    .addCallback(log);
  const payloads: unknown[] = [];
  const responses: unknown[] = [];
  proc.addCallback({
    api_request: (payload) => void payloads.push(payload),
    api_response: (response) => void responses.push(response),
  });
  await proc.run("go");

  expect(log.calls.map(({ turn, attempt }) => [turn, attempt])).toEqual([
    [1, 1],
    [1, 2],
    [2, 1],
  ]);
  expect(log.calls.map((call) => call.request)).toEqual(payloads);
  expect(log.calls[0]).toMatchObject({ processId: proc.id, error: { status: 529 }, retry: { attempt: 2 } });
  expect(log.calls[0]).not.toHaveProperty("response");
  expect(log.calls[1]?.response).toBe(responses[0]);
  expect(log.calls[2]?.response).toBe(responses[1]);
  expect(log.calls.every((call) => typeof call.durationMs === "number")).toBe(true);
});

test("calls of children that work at the same time are not mixed up", async () => {
  const log = apiLogger();
  const prompts = ["one", "two", "three", "four"];
  const proc = await programOf({
    root: [{ toolCalls: [{ name: "fork", args: { prompts } }] }, { text: "ok" }],
    // Each child answers with its own prompt, in an order that is neither that of the requests nor its reverse.
    child: prompts.map(() => ({ messages }) => {
      const last = messages.findLast((message) => message.role === "user");
      const prompt = JSON.stringify(last?.content);
      return { text: prompt, delayMs: [60, 5, 40, 20][prompts.findIndex((one) => prompt.includes(one))] ?? 0 };
    }),
  })
    .start()
    .addCallback(log);
  await proc.run("go");

  const children = log.calls.filter((call) => call.processId !== proc.id);
  expect(children.map((call) => call.processId).sort()).toEqual([1, 2, 3, 4].map((n) => `${proc.id}.${n}`));
  for (const call of children) {
    const asked = prompts.filter((prompt) => lastUserText(call.request).includes(prompt));
    expect(asked).toHaveLength(1);
    expect(JSON.stringify(call.response)).toContain(asked[0]);
  }
});

test("only the newest calls are kept, and the others are counted", async () => {
  const log = apiLogger({ limit: 2 });
  const proc = await programOf([{ text: "a" }], { scripted: { repeat: true } })
    .start()
    .addCallback(log);
  for (const prompt of ["1", "2", "3", "4", "5"]) await proc.run(prompt);
  expect(log.calls.map((call) => lastUserText(call.request))).toEqual([
    expect.stringContaining("4"),
    expect.stringContaining("5"),
  ]);
  expect(log.dropped).toBe(3);
});

test("a request that a callback refused is kept with its reason", async () => {
  const log = apiLogger();
  const proc = await programOf([{ text: "never" }])
    .start()
    .addCallback(log);
  proc.on("api_request", () => {
    throw new Veto("not today");
  });
  await expect(proc.run("go")).rejects.toThrow("not today");
  expect(log.calls).toHaveLength(1);
  expect(log.calls[0]?.error?.message).toContain("not today");
  expect(log.calls[0]).not.toHaveProperty("response");
});

test("a reply whose request it did not hear belongs to no call", async () => {
  const log = apiLogger();
  const proc = await programOf([{ text: "first" }], { scripted: { repeat: true } }).start();
  proc.on("api_request", () => {
    proc.addCallback(log);
  });
  await proc.run("1");
  expect(log.calls).toEqual([]);
  await proc.run("2");
  expect(log.calls).toHaveLength(1);
});

/** The text of the last message of the user in a payload. */
function lastUserText(payload: unknown): string {
  const { messages } = payload as { messages: readonly { role: string; content: unknown }[] };
  return JSON.stringify(messages.findLast((message) => message.role === "user")?.content);
}
