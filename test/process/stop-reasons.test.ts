import type { LLMProcess, RunOptions, StopReason } from "llmproc";
import { LLMProcError, LLMProgram, RunError } from "llmproc";
import type { ScriptedStep } from "llmproc/testing";
import { scripted } from "llmproc/testing";
import { describe, expect, test } from "vitest";
import { anyTool, expectWellFormed, failureOf, inTime, recordsOf } from "./harness.ts";

const echo = anyTool("echo", () => "ok");
const call = { toolCalls: [{ name: "echo" }] };
const retry = { maxAttempts: 2, initialDelayMs: 1, maxDelayMs: 1 };

interface Row {
  readonly script: readonly ScriptedStep[];
  /** Returns what takes it off again. */
  readonly set?: (proc: LLMProcess) => () => void;
  readonly options?: () => RunOptions;
  readonly requests: number;
  readonly lastMessage: string;
  /** The roles of the conversation that is left. */
  readonly left: string;
}

const refuse = (proc: LLMProcess, event: "run_start" | "turn_start" | "api_request") =>
  proc.on(event, () => {
    throw new TypeError("refused");
  });

const RESOLVES: readonly [StopReason, string, Row][] = [
  ["end", "the model is done", { script: [{ text: "a" }], requests: 1, lastMessage: "a", left: "user assistant" }],
  ["end", "the model says nothing", { script: [{}], requests: 1, lastMessage: "", left: "user assistant" }],
  [
    "max_tokens",
    "the reply is cut by its limit",
    { script: [{ text: "a", stopReason: "max_tokens" }], requests: 1, lastMessage: "a", left: "user assistant" },
  ],
  [
    "refusal",
    "the model refuses",
    { script: [{ text: "no", stopReason: "refusal" }], requests: 1, lastMessage: "no", left: "user assistant" },
  ],
  [
    "stopped",
    "stop() was called",
    {
      script: [call],
      set: (proc) => proc.on("turn_end", () => proc.stop()),
      requests: 1,
      lastMessage: "",
      left: "user assistant tool",
    },
  ],
];

const REJECTS: readonly [StopReason, string, Row & { cause?: object }][] = [
  [
    "turn_limit",
    "the turns are used up",
    {
      script: [call],
      options: () => ({ maxIterations: 1 }),
      requests: 1,
      lastMessage: "",
      left: "user assistant tool",
    },
  ],
  ...(["run_start", "turn_start", "api_request"] as const).map(
    (event): [StopReason, string, Row & { cause: object }] => [
      "callback",
      `a callback throws at ${event}`,
      {
        script: [],
        set: (proc) => refuse(proc, event),
        requests: 0,
        lastMessage: "",
        left: "",
        cause: { name: "TypeError" },
      },
    ],
  ),
  [
    "api_error",
    "the API refuses the request",
    { script: [{ error: { status: 400 } }], requests: 1, lastMessage: "", left: "", cause: { status: 400 } },
  ],
  [
    "api_error",
    "the API fails to the last attempt",
    {
      script: [{ error: { status: 529 } }, { error: { status: 500 } }],
      requests: 2,
      lastMessage: "",
      left: "",
      cause: { status: 500 },
    },
  ],
  [
    "api_error",
    "the script is used up",
    { script: [], requests: 1, lastMessage: "", left: "", cause: { code: "script_exhausted" } },
  ],
  [
    "interrupted",
    "a stream breaks after its first text",
    {
      script: [{ text: "hello there", cutAfter: 5, toolCalls: [{ name: "echo" }] }],
      requests: 1,
      lastMessage: "hello",
      left: "user assistant",
      cause: { code: "model_failed" },
    },
  ],
  [
    "aborted",
    "its signal was aborted before it began",
    {
      script: [],
      options: () => ({ signal: AbortSignal.abort(new RangeError("early")) }),
      requests: 0,
      lastMessage: "",
      left: "",
      cause: { message: "early" },
    },
  ],
];

async function start({ script }: Row): Promise<LLMProcess> {
  return await new LLMProgram({ model: scripted(script), tools: [echo], retry }).start();
}

function left(proc: LLMProcess): string {
  expectWellFormed(proc.messages);
  return proc.messages.map(({ role }) => role).join(" ");
}

describe("run() resolves", () => {
  for (const [stopReason, when, row] of RESOLVES) {
    test(`with "${stopReason}" when ${when}`, async () => {
      const proc = await start(row);
      row.set?.(proc);
      const result = await inTime(proc.run("x", row.options?.()));
      expect(result).toMatchObject({ stopReason, apiCalls: row.requests, lastMessage: row.lastMessage });
      expect(left(proc)).toBe(row.left);
    });
  }
});

describe("run() rejects", () => {
  for (const [stopReason, when, row] of REJECTS) {
    test(`with "${stopReason}" when ${when}, and the conversation can go on`, async () => {
      const exhausted = when === "the script is used up";
      const proc = await start({ ...row, script: exhausted ? [] : [...row.script, { text: "back" }] });
      const off = row.set?.(proc);
      const records = recordsOf(proc);
      const error = await inTime(failureOf(proc.run("x", row.options?.())));
      expect(error).toBeInstanceOf(RunError);
      expect(error).toBeInstanceOf(LLMProcError);
      expect(error).toMatchObject({ code: "run_failed", name: "RunError", stopReason });
      expect(error.result).toMatchObject({ stopReason, apiCalls: row.requests, lastMessage: row.lastMessage });
      expect(error.message).not.toBe("");
      if (row.cause !== undefined) expect(error.cause).toMatchObject(row.cause);
      const end = records.findLast(({ event }) => event === "run_end");
      expect(end).toMatchObject({ runResult: { ...error.result, durationMs: expect.any(Number) } });
      expect(left(proc)).toBe(row.left);
      off?.();
      if (!exhausted) expect((await proc.run("y")).lastMessage).toBe("back");
      expect(left(proc)).toBe(exhausted ? "" : `${row.left} user assistant`.trim());
    });
  }
});

test("the smallest of the program's turns, maxIterations and limits.turns holds", async () => {
  for (const [program, maxIterations, turns] of [
    [1, 5, 5],
    [5, 1, 5],
    [5, 5, 1],
  ] as const) {
    const model = scripted([call], { repeat: true });
    const proc = await new LLMProgram({ model, tools: [echo], limits: { turns: program } }).start();
    const error = await failureOf(proc.run("x", { maxIterations, limits: { turns } }));
    expect(error).toMatchObject({ stopReason: "turn_limit", result: { apiCalls: 1 } });
    expect(error.message).toContain("1 turn");
  }
});

test("the limit counts the turns of each run anew, and the last turn may be used", async () => {
  const model = scripted([call, { text: "a" }], { repeat: true });
  const proc = await new LLMProgram({ model, tools: [echo], limits: { turns: 2 } }).start();
  expect((await proc.run("x")).stopReason).toBe("end");
  expect((await proc.run("y")).stopReason).toBe("end");
});

test("a run that is allowed no turn is refused before it begins", async () => {
  const proc = await new LLMProgram({ model: scripted([{ text: "a" }]) }).start();
  const records = recordsOf(proc);
  await expect(proc.run("x", { maxIterations: 0 })).rejects.toThrow("at least one turn, not 0");
  expect(records).toEqual([]);
  expect((await proc.run("x")).lastMessage).toBe("a");
});

test("metadata reaches every event of the run, and none outside it", async () => {
  const proc = await new LLMProgram({ model: scripted([call, { text: "a" }]), tools: [echo] }).start();
  const records = recordsOf(proc);
  await proc.run("x", { metadata: { user: "ann", tags: ["a"] } });
  await proc.close();
  const inRun = records.filter(({ runId }) => runId !== undefined);
  expect(inRun.length).toBeGreaterThan(8);
  for (const { metadata } of inRun) expect(metadata).toEqual({ user: "ann", tags: ["a"] });
  for (const { metadata, runId } of records) if (runId === undefined) expect(metadata).toBeUndefined();
});

test("a result is final when run() settles, also by rejecting, and is frozen", async () => {
  const model = scripted([{ ...call, usage: { inputTokens: 10 } }, { error: { status: 400 } }]);
  const proc = await new LLMProgram({ model, tools: [echo] }).start();
  const { result } = await failureOf(proc.run("x"));
  expect(result).toMatchObject({ inputTokens: 10, apiCalls: 2, toolCalls: 1, runId: `${proc.id}.r1` });
  expect(Object.isFrozen(result) && Object.isFrozen(result.processes)).toBe(true);
});
