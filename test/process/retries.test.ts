import type { EventRecord, Reply } from "llmproc";
import { LLMProgram, ModelError } from "llmproc";
import type { ScriptedReply } from "llmproc/testing";
import { scripted } from "llmproc/testing";
import { expect, test } from "vitest";
import { customModel, failureOf, inTime, recordsOf, textReply } from "./harness.ts";

const quick = { maxAttempts: 3, initialDelayMs: 1, maxDelayMs: 2 };

const attemptsOf = (records: readonly EventRecord[]) =>
  records.filter(({ event }) => ["api_request", "api_response", "api_error"].includes(event));

for (const status of [408, 409, 429, 500, 502, 503, 504, 529, 599, undefined]) {
  test(`what may pass is sent again: ${status ?? "a broken connection"}`, async () => {
    const error = status === undefined ? {} : { status };
    const proc = await new LLMProgram({ model: scripted([{ error }, { text: "back" }]), retry: quick }).start();
    const records = recordsOf(proc);
    expect(await proc.run("x")).toMatchObject({ lastMessage: "back", apiCalls: 2 });
    expect(attemptsOf(records).map(({ event, attempt, turn }) => [event, attempt, turn])).toEqual([
      ["api_request", 1, 1],
      ["api_error", 1, 1],
      ["api_request", 2, 1],
      ["api_response", 2, 1],
    ]);
    expect(records.find(({ event }) => event === "api_error")).toMatchObject({
      retry: { attempt: 2, delayMs: expect.any(Number) },
    });
  });
}

for (const status of [400, 401, 402, 403, 404, 413, 422]) {
  test(`a request that is itself at fault is not sent again: ${status}`, async () => {
    const model = scripted([{ error: { status, message: "your fault" } }, { text: "never" }]);
    const proc = await new LLMProgram({ model, retry: quick }).start();
    const records = recordsOf(proc);
    const error = await failureOf(proc.run("x"));
    expect(error).toMatchObject({ stopReason: "api_error", cause: { status }, result: { apiCalls: 1 } });
    const [, end] = attemptsOf(records);
    expect(end).toMatchObject({ event: "api_error", error: { message: "your fault", status } });
    expect(end).not.toHaveProperty("retry");
  });
}

const SAID: readonly [said: boolean, status: number | undefined, requests: number][] = [
  [false, 429, 1],
  [false, 503, 1],
  [false, undefined, 1],
  [true, 418, 2],
  [true, undefined, 2],
  // Waiting mends no request.
  [true, 400, 1],
  [true, 401, 1],
  [true, 403, 1],
  [true, 404, 1],
  [true, 422, 1],
];

for (const [shouldRetry, status, requests] of SAID) {
  const what = status ?? "a broken connection";
  test(`what the provider itself says of retrying (${shouldRetry}) decides: ${what} makes ${requests} of 2 requests`, async () => {
    let sent = 0;
    const model = customModel(async (io) => {
      await io.beforeSend({});
      sent++;
      throw new ModelError("no", { status, shouldRetry, connection: status === undefined && !shouldRetry });
    });
    const proc = await new LLMProgram({ model, retry: { ...quick, maxAttempts: 2 } }).start();
    await failureOf(proc.run("x"));
    expect(sent).toBe(requests);
  });
}

test("the error of a run says how often it was tried, and where that can be changed; one that no retry mends does not", async () => {
  const failing: ScriptedReply = { error: { status: 529, message: "Overloaded" } };
  const ends = async (script: readonly ScriptedReply[], maxAttempts: number) => {
    const program = new LLMProgram({ model: scripted(script), retry: { ...quick, maxAttempts } });
    return (await failureOf((await program.start()).run("x"))).message;
  };
  expect(await ends([failing, failing, failing], 3)).toBe(
    "Overloaded. Given up after 3 attempts: [retry] max_attempts allows no more.",
  );
  expect(await ends([failing], 1)).toBe("Overloaded. Given up after 1 attempt: [retry] max_attempts allows no more.");
  expect(await ends([failing, { error: { status: 401, message: "no such key" } }], 3)).toBe("no such key");
});

test("the last attempt gives up: its api_error has no retry", async () => {
  const failing: ScriptedReply = { error: { status: 529 } };
  const proc = await new LLMProgram({ model: scripted([failing], { repeat: true }), retry: quick }).start();
  const retries: unknown[] = [];
  proc.on("api_error", (_error, retry) => retries.push(retry?.attempt));
  expect(await failureOf(proc.run("x"))).toMatchObject({ stopReason: "api_error", result: { apiCalls: 3 } });
  expect(retries).toEqual([2, 3, undefined]);
});

test("each turn has its own attempts", async () => {
  const failing: ScriptedReply = { error: { status: 500 } };
  const model = scripted([failing, failing, { toolCalls: [{ name: "nobody" }] }, failing, failing, { text: "done" }]);
  const proc = await new LLMProgram({ model, retry: quick }).start();
  expect(await proc.run("x")).toMatchObject({ lastMessage: "done", apiCalls: 6 });
});

test("a stream that breaks after its first text is not sent again; its text stays, marked", async () => {
  const model = scripted([{ text: "hello there", cutAfter: 5, toolCalls: [{ name: "echo" }] }, { text: "never" }]);
  const proc = await new LLMProgram({ model, retry: quick }).start();
  const records = recordsOf(proc);
  expect(await failureOf(proc.run("x"))).toMatchObject({ stopReason: "interrupted", result: { apiCalls: 1 } });
  expect(records.find(({ event }) => event === "api_error")).not.toHaveProperty("retry");
  expect(records.find(({ event }) => event === "response")).toMatchObject({ text: "hello" });
  expect(records.some(({ event }) => event === "tool_start")).toBe(false);
  expect(proc.messages.at(-1)).toEqual({ role: "assistant", content: [], text: "hello", interrupted: true });
});

test("a stream that breaks before its first text is sent again", async () => {
  const model = scripted([{ text: "hello", cutAfter: 0 }, { text: "back" }]);
  const proc = await new LLMProgram({ model, retry: quick }).start();
  expect(await proc.run("x")).toMatchObject({ lastMessage: "back", apiCalls: 2 });
});

const WRONG: readonly [what: string, send: Parameters<typeof customModel>[0], requests: number, says: string][] = [
  ["never calls beforeSend", async () => textReply("sneaky"), 0, "without calling beforeSend"],
  [
    "calls beforeSend twice",
    async (io) => {
      await io.beforeSend({});
      await io.beforeSend({});
      return textReply("twice");
    },
    1,
    "called twice",
  ],
  [
    "throws at once",
    () => {
      throw new Error("not even a promise");
    },
    0,
    "not even a promise",
  ],
  ["rejects with what is no error", () => Promise.reject("a string"), 0, "a string"],
  ["rejects with nothing", () => Promise.reject(undefined), 0, "undefined"],
];

for (const [what, send, requests, says] of WRONG) {
  test(`a model that ${what} ends the run with an api_error`, async () => {
    const proc = await new LLMProgram({ model: customModel(send), retry: quick }).start();
    const error = await inTime(failureOf(proc.run("x")));
    expect(error).toMatchObject({ stopReason: "api_error", result: { apiCalls: requests } });
    expect(error.message).toContain(says);
  });
}

test("a model that swallows a refusal of its request ends the run all the same", async () => {
  let sent = false;
  const model = customModel(async (io): Promise<Reply> => {
    try {
      await io.beforeSend({});
      sent = true;
    } catch {
      // As a model must not.
    }
    return textReply("sneaky");
  });
  const proc = await new LLMProgram({ model }).start();
  proc.on("api_request", async () => {
    throw new Error("no");
  });
  expect(await failureOf(proc.run("x"))).toMatchObject({ stopReason: "callback", result: { apiCalls: 0 } });
  expect(sent).toBe(false);
});

test("text that streams after the attempt is over is dropped", async () => {
  let late: ((text: string) => unknown) | undefined;
  const model = customModel(async (io) => {
    await io.beforeSend({});
    late = (text) => io.onText(text);
    throw new ModelError("broken", { status: 400 });
  });
  const proc = await new LLMProgram({ model }).start();
  const records = recordsOf(proc);
  await failureOf(proc.run("x"));
  const before = records.length;
  late?.("too late");
  expect(records).toHaveLength(before);
});
