import { afterEach, expect, test, vi } from "vitest";
import { consoleLog } from "../../src/callbacks/console-log.ts";
import type { ModelErrorOptions } from "../../src/process/contract/model.ts";
import { ModelError } from "../../src/process/contract/model.ts";
import { customModel, gate, textReply } from "../process/harness.ts";
import { programOf } from "./program.ts";

afterEach(() => {
  vi.useRealTimers();
});

type Failure = readonly [message: string, options: ModelErrorOptions];

const refused = new TypeError("fetch failed", { cause: new Error("connect ECONNREFUSED 127.0.0.1:9") });
const manyAddresses = new AggregateError([], "");
Object.assign(manyAddresses, { code: "ECONNREFUSED" });

/** A process on a fake clock whose first request fails; the console's bytes, and what settles when it has. */
async function failing([message, options]: Failure, terminal: boolean) {
  let requests = 0;
  const model = customModel(async (io) => {
    await io.beforeSend({});
    if (requests++ === 0) throw new ModelError(message, options);
    return textReply("back");
  });
  const written: string[] = [];
  const stream = { isTTY: terminal, columns: 80, rows: 24, write: (text: string) => void written.push(text) };
  const retry = { maxAttempts: 6, initialDelayMs: 0, maxDelayMs: 0 };
  const proc = await programOf([], { model, retry })
    .start()
    .addCallback(consoleLog({ stream, color: false }));
  const failed = gate();
  proc.on("api_error", () => failed.open());
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"] });
  return { proc, failed: failed.opened, bytes: () => written.join("") };
}

test.for<[failure: Failure, line: string]>([
  [["slow down", { status: 429, retryAfterMs: 4213 }], "retrying in 4 s (429), attempt 2 of 6: slow down"],
  [["busy", { status: 529 }], "retrying now (529), attempt 2 of 6: busy"],
  [["busy", { status: 529, retryAfterMs: 320 }], "retrying in under 1 s (529), attempt 2 of 6: busy"],
  [["busy", { status: 503, retryAfterMs: 65_000 }], "retrying in 1 min 05 s (503), attempt 2 of 6: busy"],
  [
    ["The connection failed.", { connection: true, cause: refused, retryAfterMs: 2000 }],
    "retrying in 2 s (connect ECONNREFUSED 127.0.0.1:9), attempt 2 of 6: The connection failed.",
  ],
  [
    ["No address answered.", { connection: true, cause: manyAddresses, retryAfterMs: 2000 }],
    "retrying in 2 s (ECONNREFUSED), attempt 2 of 6: No address answered.",
  ],
  [
    ["It sent nothing for 60 s.", { connection: true, retryAfterMs: 2000 }],
    "retrying in 2 s, attempt 2 of 6: It sent nothing for 60 s.",
  ],
])("a wait in a pipe says how long, why, and which attempt follows: %j", async ([failure, line]) => {
  const { proc, failed, bytes } = await failing(failure, false);
  const run = proc.run("go");
  await failed;
  expect(bytes().split("\n")).toContain(line);
  await vi.advanceTimersByTimeAsync(70_000);
  expect((await run).lastMessage).toBe("back");
});

test.for<[failure: Failure, why: string]>([
  [["slow down", { status: 429 }], " (429), attempt 2 of 6"],
  [["failed", { connection: true, cause: refused }], " (connect ECONNREFUSED 127.0.0.1:9), attempt 2 of 6"],
  [["It sent nothing for 60 s.", { connection: true }], ", attempt 2 of 6: It sent nothing for 60 s."],
])("on a terminal it counts down under the line that stays: %j", async ([[message, options], why]) => {
  const { proc, failed, bytes } = await failing([message, { ...options, retryAfterMs: 4000 }], true);
  const run = proc.run("go");
  await failed;
  await vi.advanceTimersByTimeAsync(4000);
  const shown = [...bytes().matchAll(/↻ retrying (now|in .*? s)(.*)/g)].filter(([, , rest]) => rest?.trimEnd() === why);
  expect([...new Set(shown.map(([, time]) => time))]).toEqual(["in 4 s", "in 3 s", "in 2 s", "in 1 s", "in under 1 s"]);
  expect((await run).lastMessage).toBe("back");
});
