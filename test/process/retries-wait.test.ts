import type { EventRecord, LLMProcess, LLMProgramOptions, Retry } from "llmproc";
import { LLMProgram, ModelError } from "llmproc";
import type { Script, ScriptedReply } from "llmproc/testing";
import { scripted } from "llmproc/testing";
import { afterEach, expect, test, vi } from "vitest";
import { watchTimers } from "../support/timers.ts";
import { customModel, failureOf, gate, inTime, settled, textReply } from "./harness.ts";

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

type RetryOptions = NonNullable<LLMProgramOptions<LLMProgram>["retry"]>;

/** No jitter of its own: what a wait is then comes from the provider alone. */
const still: RetryOptions = { initialDelayMs: 0, maxDelayMs: 0 };
const tooMany = (retryAfterMs?: number): ScriptedReply => ({
  error: { status: 429, message: "slow down", ...(retryAfterMs !== undefined && { retryAfterMs }) },
});

interface Waiting {
  readonly proc: LLMProcess;
  /** What each `api_error` announced. */
  readonly retries: (Retry | undefined)[];
  readonly requests: () => number;
  /** Settles when the n-th attempt has failed. */
  failed(count: number): Promise<void>;
}

/** A process whose clock stands still but for what the test adds to it. */
async function onFakeClock(script: Script, retry: RetryOptions): Promise<Waiting> {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  const proc = await new LLMProgram({ model: scripted(script, { repeat: true }), retry }).start();
  const retries: (Retry | undefined)[] = [];
  const failures = Array.from({ length: 20 }, () => gate());
  let requests = 0;
  proc.on("api_request", () => void requests++);
  proc.on("api_error", (_error, again) => {
    failures[retries.push(again) - 1]?.open();
  });
  const failed = async (count: number) => void (await failures[count - 1]?.opened);
  return { proc, retries, requests: () => requests, failed };
}

test("the wait is drawn from 0 to a bound that doubles up to its maximum", async () => {
  const drawn: number[] = [];
  const random = vi.spyOn(Math, "random");
  for (const chance of [0, 0.5, 0.999_999]) {
    const { proc, retries, failed } = await onFakeClock([tooMany()], {
      maxAttempts: 5,
      initialDelayMs: 2000,
      maxDelayMs: 6000,
    });
    random.mockReturnValue(chance);
    const run = failureOf(proc.run("x"));
    for (const attempt of [1, 2, 3, 4]) {
      await failed(attempt);
      // Node waits at least a millisecond.
      await vi.advanceTimersByTimeAsync(Math.max(1, retries[attempt - 1]?.delayMs ?? Number.NaN));
    }
    await run;
    drawn.push(...retries.flatMap((retry) => retry?.delayMs ?? []));
  }
  expect(drawn).toEqual([0, 0, 0, 0, 1000, 2000, 3000, 3000, 2000, 4000, 6000, 6000]);
});

test("the next request leaves when the wait is over, and not a millisecond sooner", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  const { proc, retries, requests, failed } = await onFakeClock([tooMany(), { text: "back" }], {
    initialDelayMs: 8000,
  });
  const run = proc.run("x");
  await failed(1);
  expect(retries).toEqual([{ attempt: 2, maxAttempts: 6, delayMs: 4000 }]);
  await vi.advanceTimersByTimeAsync(3999);
  expect(requests()).toBe(1);
  await vi.advanceTimersByTimeAsync(1);
  expect((await run).lastMessage).toBe("back");
  expect(requests()).toBe(2);
});

test("nobody is sent back sooner than the provider asks, and the jitter comes on top", async () => {
  const random = vi.spyOn(Math, "random");
  for (const [chance, delayMs] of [
    [0, 90_000],
    [0.5, 92_500],
  ] as const) {
    const { proc, retries, requests, failed } = await onFakeClock([tooMany(90_000), { text: "back" }], {
      initialDelayMs: 60_000,
      maxDelayMs: 5000,
    });
    random.mockReturnValue(chance);
    const run = proc.run("x");
    await failed(1);
    expect(retries).toEqual([{ attempt: 2, maxAttempts: 6, delayMs }]);
    await vi.advanceTimersByTimeAsync(delayMs - 1);
    expect(requests()).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    await run;
    expect(requests()).toBe(2);
  }
});

test("a wait that would end after the deadline is not begun: the error says what was asked and what is allowed", async () => {
  const { proc, retries } = await onFakeClock([tooMany(7_200_000)], {});
  const error = await failureOf(proc.run("x"));
  expect(error.message).toBe(
    "slow down. The provider asked to wait 2 h 00 min: the deadline of 10 min 00 s for one reply ([retry] deadline_ms) is over before that.",
  );
  expect(error).toMatchObject({
    stopReason: "api_error",
    cause: { message: "slow down", status: 429, retryAfterMs: 7_200_000 },
    result: { apiCalls: 1 },
  });
  expect(retries).toEqual([undefined]);
});

test("what attempts and waits took before counts: a wait that was allowed at first is too long later", async () => {
  const { proc, retries, failed } = await onFakeClock([{ ...tooMany(4000), delayMs: 1000 }], {
    ...still,
    deadlineMs: 12_000,
  });
  const run = failureOf(proc.run("x"));
  for (const attempt of [1, 2]) {
    await vi.advanceTimersByTimeAsync(1000);
    await failed(attempt);
    await vi.advanceTimersByTimeAsync(4000);
  }
  await vi.advanceTimersByTimeAsync(1000);
  expect((await run).message).toContain("asked to wait 4.0 s: the deadline of 12.0 s for one reply");
  expect(retries.map((retry) => retry?.delayMs)).toEqual([4000, 4000, undefined]);
});

test("the process's own wait is cut to the deadline: one last attempt begins there", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0.999_999);
  const { proc, retries, failed } = await onFakeClock([tooMany()], { initialDelayMs: 60_000, deadlineMs: 90_000 });
  const run = failureOf(proc.run("x"));
  await failed(1);
  await vi.advanceTimersByTimeAsync(60_000);
  await failed(2);
  await vi.advanceTimersByTimeAsync(30_000);
  expect((await run).message).toBe(
    "slow down. Given up after 3 attempts: the deadline of 1 min 30 s for one reply ([retry] deadline_ms) is over.",
  );
  expect(retries.map((retry) => retry?.delayMs)).toEqual([60_000, 30_000, undefined]);
});

test("a request that takes longer than the deadline is not cut off, and not sent again", async () => {
  const { proc, requests } = await onFakeClock([{ ...tooMany(), delayMs: 600_000 }], {});
  const run = failureOf(proc.run("x"));
  await vi.advanceTimersByTimeAsync(600_000);
  expect((await run).message).toContain("Given up after 1 attempt: the deadline of 10 min 00 s");
  expect(requests()).toBe(1);
  const patient = await onFakeClock([{ text: "late", delayMs: 900_000 }], {});
  const late = patient.proc.run("x");
  await vi.advanceTimersByTimeAsync(900_000);
  expect((await late).lastMessage).toBe("late");
});

test("what a guard waits for is no delay of the provider's", async () => {
  const { proc, failed } = await onFakeClock([tooMany(1000), { text: "back" }], { ...still, deadlineMs: 2000 });
  proc.addCallback(
    { api_request: () => new Promise((resolve) => setTimeout(resolve, 3_600_000)) },
    { timeoutMs: Number.POSITIVE_INFINITY },
  );
  const run = proc.run("x");
  await vi.advanceTimersByTimeAsync(3_600_000);
  await failed(1);
  await vi.advanceTimersByTimeAsync(1000);
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect((await run).lastMessage).toBe("back");
});

test("each reply has a deadline of its own", async () => {
  const call: ScriptedReply = { toolCalls: [{ name: "nobody" }] };
  const { proc, failed } = await onFakeClock([tooMany(50_000), call, tooMany(50_000), { text: "done" }], {
    ...still,
    deadlineMs: 60_000,
  });
  const run = proc.run("x");
  for (const attempt of [1, 2]) {
    await failed(attempt);
    await vi.advanceTimersByTimeAsync(50_000);
  }
  expect(await run).toMatchObject({ lastMessage: "done", apiCalls: 4 });
});

test("a thousand attempts without a wait are announced with a wait of 0", async () => {
  let heard = 0;
  let other: unknown;
  const model = scripted([tooMany()], { repeat: true });
  const proc = await new LLMProgram({ model, retry: { ...still, maxAttempts: 1100 } }).start();
  proc.on("api_error", (_error, retry) => {
    if (retry === undefined || retry.delayMs === 0) heard++;
    else other = retry;
  });
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const run = failureOf(proc.run("x"));
  while (heard < 1100 && other === undefined) await vi.advanceTimersByTimeAsync(1);
  await run;
  expect([heard, other]).toEqual([1100, undefined]);
});

test.for([Number.NaN, -5, 0.25])("a model that asks to wait %d ms gets a wait that can be", async (retryAfterMs) => {
  let requests = 0;
  const model = customModel(async (io) => {
    await io.beforeSend({});
    if (requests++ === 0) throw new ModelError("busy", { status: 503, retryAfterMs });
    return textReply("back");
  });
  const proc = await new LLMProgram({ model, retry: still }).start();
  const delays: unknown[] = [];
  proc.on("api_error", (_error, retry) => delays.push(retry?.delayMs));
  expect((await proc.run("x")).lastMessage).toBe("back");
  expect(delays).toEqual([retryAfterMs === 0.25 ? 1 : 0]);
});

const timers = watchTimers();

const ENDS: readonly [how: string, end: (proc: LLMProcess, aborter: AbortController) => unknown, stopReason: string][] =
  [
    ["stop()", (proc) => proc.stop(), "stopped"],
    ["an abort", (_proc, aborter) => aborter.abort(), "aborted"],
    [
      "stop(), then an abort",
      (proc, aborter) => {
        proc.stop();
        aborter.abort();
      },
      "aborted",
    ],
    ["close()", (proc) => void proc.close(), "aborted"],
  ];

for (const [how, end, stopReason] of ENDS) {
  for (const when of ["during the wait", "as it is announced"]) {
    test(`${how} ${when} ends the run at once, without another request and with its timer gone`, async () => {
      await settled();
      const before = timers();
      const proc = await new LLMProgram({ model: scripted([tooMany(300_000), { text: "never" }]) }).start();
      const aborter = new AbortController();
      const records: EventRecord[] = [];
      proc.on("*", (record) => records.push(record));
      let during = before;
      proc.on("api_error", () => {
        if (when === "as it is announced") end(proc, aborter);
        else
          setImmediate(() => {
            during = timers();
            end(proc, aborter);
          });
      });
      const over = proc.run("x", { signal: aborter.signal }).catch((error: unknown) => error);
      expect(await inTime(over)).toMatchObject(
        stopReason === "stopped" ? { stopReason, apiCalls: 1 } : { stopReason, result: { apiCalls: 1 } },
      );
      await proc.close();
      await settled();
      if (when === "during the wait") expect(during).toBeGreaterThan(before);
      expect(timers()).toBe(before);
      expect(records.filter(({ event }) => event === "api_request")).toHaveLength(1);
      expect(proc.messages).toEqual([]);
    });
  }
}

test("a stop of the parent ends the wait of a child, too", async () => {
  const model = scripted({
    root: [{ toolCalls: [{ name: "fork", args: { prompts: ["a"] } }] }, { text: "never" }],
    child: [tooMany(300_000), { text: "never" }],
  });
  const proc = await new LLMProgram({ model, tools: ["fork"] }).start();
  proc.on("api_error", () => setImmediate(() => proc.stop()));
  expect(await inTime(proc.run("x"))).toMatchObject({ stopReason: "stopped", apiCalls: 2 });
});

test("attempts that failed and were billed are counted with the one that did not: sums over attempts, turns and dollars", async () => {
  const usage = { inputTokens: 1000, outputTokens: 10, cacheReadTokens: 400, cacheWriteTokens: 100 };
  let requests = 0;
  const model = customModel(async (io) => {
    await io.beforeSend({});
    requests++;
    // The second says nothing of its cost, so that it is taken as not billed.
    if (requests === 1) throw new ModelError("cut", { connection: true, usage });
    if (requests === 2) throw new ModelError("busy", { status: 529 });
    if (requests === 3) throw new ModelError("cut again", { status: 500, usage: { ...usage, outputTokens: 5 } });
    return { ...textReply("done"), usage };
  });
  const pricing = {
    inputUsdPerMillion: 3,
    outputUsdPerMillion: 15,
    cacheReadUsdPerMillion: 0.3,
    cacheWriteUsdPerMillion: 3.75,
  };
  const proc = await new LLMProgram({ model, pricing, retry: still }).start();
  const result = await proc.run("x");
  expect(result).toMatchObject({
    apiCalls: 4,
    inputTokens: 3000,
    outputTokens: 25,
    cachedTokens: 1200,
    cacheWriteTokens: 300,
    unpriced: [],
  });
  expect(result.usdCost).toBeCloseTo((1500 * 3 + 25 * 15 + 1200 * 0.3 + 300 * 3.75) / 1e6, 12);
  expect(proc.usage).toMatchObject({ inputTokens: 3000, outputTokens: 25, usdCost: result.usdCost });
});
