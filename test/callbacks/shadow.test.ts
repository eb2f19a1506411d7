import process from "node:process";
import { expect, test } from "vitest";
import { approval } from "../../src/callbacks/approval.ts";
import { consoleLog } from "../../src/callbacks/console-log.ts";
import { costLimit } from "../../src/callbacks/cost-limit.ts";
import { shadow } from "../../src/callbacks/shadow.ts";
import type { Callback, ObjectCallback } from "../../src/events/callback.ts";
import type { EventName } from "../../src/events/callback-event.ts";
import type { EventInfo } from "../../src/events/event-info.ts";
import { ShadowReport } from "../../src/events/shadow-report.ts";
import { answer, replaceArgs, Veto } from "../../src/events/verdict.ts";
import type { JsonObject } from "../../src/json.ts";
import { programOf, TEN_CENTS } from "./program.ts";
import { screen } from "./screen.ts";
import { CALL, tried } from "./tried.ts";

class Guard {
  readonly #words: readonly string[];
  readonly heard: string[] = [];

  constructor(...words: readonly string[]) {
    this.#words = words;
  }

  tool_start(toolName: string, toolArgs: JsonObject, info: EventInfo): void {
    this.heard.push(`${toolName} ${info.process.depth}`);
    if (this.#words.includes(String(toolArgs.text))) throw new Veto(`${String(toolArgs.text)} is no word`);
  }
}

test("what a guard would have denied is reported, and nothing is denied", async () => {
  const guard = new Guard("hello");
  const { proc, result, results, faults, reports } = await tried(guard);
  expect([results, result.vetoes, result.stopReason]).toEqual([["hello"], [], "end"]);
  expect(guard.heard).toEqual(["echo 0"]);
  expect(reports).toHaveLength(1);
  expect(reports[0]).toBeInstanceOf(ShadowReport);
  expect(reports[0]).toMatchObject({
    guard: "Guard",
    event: "tool_start",
    verdict: { would: "deny", reason: "hello is no word" },
    processId: proc.id,
    runId: result.runId,
    turn: 1,
    callId: "call_1_1",
    toolName: "echo",
    cause: expect.any(Veto),
    code: "shadow_report",
    message: "would have denied echo: hello is no word",
  });
  expect(faults).toEqual([
    { callback: "shadow of Guard", event: "tool_start", message: "would have denied echo: hello is no word" },
  ]);
});

test.for<[form: string, guard: Callback]>([
  [
    "an object",
    {
      callbackOptions: { name: "mine" },
      tool_start: () => {
        throw new Veto("no");
      },
    },
  ],
  [
    "an async object",
    {
      callbackOptions: { name: "mine" },
      tool_start: async () => {
        throw new Veto("no");
      },
    },
  ],
  [
    "a function",
    function mine(event: EventName) {
      if (event === "tool_start") throw new Veto("no");
    },
  ],
  [
    "an async function",
    async function mine(event: EventName) {
      if (event === "tool_start") throw new Veto("no");
    },
  ],
  [
    "a thenable",
    {
      callbackOptions: { name: "mine" },
      tool_start: () => ({ then: (_ok: unknown, fail: (error: Error) => void) => fail(new Veto("no")) }),
    },
  ],
  [
    "a guard with a bug",
    {
      callbackOptions: { name: "mine" },
      tool_start: () => {
        throw new TypeError("no");
      },
    },
  ],
  [
    "a guard that throws what is no error",
    {
      callbackOptions: { name: "mine" },
      tool_start: () => {
        throw "no";
      },
    },
  ],
])("%s can be a guard on trial", async ([, guard]) => {
  const { results, faults, reports } = await tried(guard);
  expect(results).toEqual(["hello"]);
  expect(reports).toMatchObject([{ guard: "mine", verdict: { would: "deny", reason: expect.stringContaining("no") } }]);
  expect(faults).toMatchObject([{ callback: "shadow of mine" }]);
});

test.for<[event: EventName, says: string]>([
  ["run_start", "would have refused the run: no"],
  ["turn_start", "would have ended the run before this turn: no"],
  ["api_request", "would have ended the run before this request: no"],
  ["process_start", "would have kept this process from starting: no"],
])("a denial of %s is reported, and the run goes on", async ([event, says]) => {
  const { result, reports } = await tried(
    {
      [event]: () => {
        throw new Error("no");
      },
    },
    { script: [{ text: "done" }] as never },
  );
  expect([result.stopReason, reports.map(({ message }) => message)]).toEqual(["end", [says]]);
});

test("what a guard would have answered or replaced is reported, and the tool runs with its own arguments", async () => {
  const answering = await tried({ tool_start: () => answer("cached") });
  expect(answering.results).toEqual(["hello"]);
  expect(answering.reports).toMatchObject([
    { verdict: { would: "answer", content: "cached" }, message: "would have answered in place of echo" },
  ]);
  const replacing = await tried({ tool_start: async () => replaceArgs({ text: "bye" }) });
  expect(replacing.results).toEqual(["hello"]);
  expect(replacing.reports).toMatchObject([{ verdict: { would: "replace_args", args: { text: "bye" } } }]);
});

test("no process waits for a guard on trial, and run() still hears all of its reports", async () => {
  const steps: string[] = [];
  const slow: ObjectCallback = {
    async tool_start() {
      await gate.promise;
      throw new Veto("too late");
    },
  };
  const gate = Promise.withResolvers<void>();
  const trial = shadow(slow);
  const proc = await programOf([CALL, { text: "done" }])
    .start()
    .addCallback(trial);
  proc.on("tool_end", () => {
    steps.push("ran");
    gate.resolve();
  });
  await proc.run("go");
  expect([steps, trial.reports.length]).toEqual([["ran"], 1]);
});

test("a throw in an event that comes after something is a fault as before, and no report", async () => {
  const { faults, reports } = await tried({
    response() {
      throw new Error("a bug");
    },
  });
  expect(reports).toEqual([]);
  expect(faults).toEqual([{ callback: "shadow of callback", event: "response", message: "a bug" }]);
});

test("a call that cannot run is not reported: nobody could have denied it", async () => {
  const script = [{ toolCalls: [{ name: "nothing", args: {} }] }, { text: "done" }] as never;
  const denying = await tried(
    {
      tool_start: () => {
        throw new Veto("no");
      },
    },
    { script },
  );
  expect([denying.reports, denying.faults]).toEqual([[], []]);
  const answering = await tried({ tool_start: () => answer("x") }, { script });
  expect([answering.reports, answering.faults]).toEqual([[], []]);
  const buggy = await tried(
    {
      tool_start: () => {
        throw new Error("a bug");
      },
    },
    { script },
  );
  expect([buggy.reports, buggy.faults]).toMatchObject([[], [{ message: "a bug" }]]);
});

test("onReport gets each report in place of the other callbacks, and its own throw is a fault", async () => {
  const heard: string[] = [];
  const options = { onReport: (report: ShadowReport) => heard.push(report.message) };
  const quiet = await tried(new Guard("hello"), { options });
  expect([heard, quiet.faults, quiet.reports.length]).toEqual([["would have denied echo: hello is no word"], [], 1]);
  const broken = await tried(new Guard("hello"), {
    options: { onReport: () => Promise.reject(new Error("disk full")) },
  });
  expect([broken.results, broken.faults]).toMatchObject([["hello"], [{ message: "disk full" }]]);
});

test("the console shows a report as what it is", async () => {
  const stream = screen({ columns: 100 });
  const proc = await programOf([CALL, { text: "done" }])
    .start()
    .addCallback(shadow(new Guard("hello")))
    .addCallback(consoleLog({ stream, color: false }));
  await proc.run("go");
  expect(await stream.lines()).toContain("  ! callback shadow of Guard would have denied echo: hello is no word");
});

test("where no callback listens for faults, Node says so once", async () => {
  const proc = await programOf([CALL, CALL, { text: "done" }])
    .start()
    .addCallback(shadow(new Guard("hello")));
  const warnings: string[] = [];
  const hear = ({ message }: Error) => warnings.push(message);
  process.on("warning", hear);
  await proc.run("go");
  // A warning comes with the next tick.
  await new Promise((resolve) => setImmediate(resolve));
  process.off("warning", hear);
  expect(warnings).toEqual([
    expect.stringContaining("Callback shadow of Guard threw in tool_start: would have denied echo: hello is no word"),
  ]);
});

test("costLimit on trial says at which turns it would have ended the run", async () => {
  const usage = TEN_CENTS;
  const { result, reports } = await tried(costLimit(0.15), {
    script: [
      { ...CALL, usage },
      { ...CALL, usage },
      { ...CALL, usage },
      { text: "done", usage },
    ] as never,
  });
  expect(result.usdCost).toBeCloseTo(0.4, 9);
  expect(reports).toMatchObject([
    { guard: "costLimit", event: "turn_start", turn: 3 },
    { guard: "costLimit", event: "turn_start", turn: 4, cause: { code: "cost_limit" } },
  ]);
});

test("a guard that waits for a person is refused: it would ask for nothing", () => {
  for (const guard of [approval({ tools: "*" }), { callbackOptions: { timeoutMs: Infinity }, tool_start() {} }]) {
    expect(() => shadow(guard)).toThrow(expect.objectContaining({ code: "callback_invalid" }));
  }
  expect(() => shadow(approval({ tools: "*" }))).toThrow("approval has no time limit, so it waits for a person");
});

test("what is no callback, a generator and a misspelt event are refused at once", async () => {
  const proc = await programOf([{ text: "done" }]).start();
  for (const value of [undefined, null, "guard", 1]) {
    expect(() => shadow(value as never)).toThrow("shadow() takes a function or an object");
  }
  for (const value of [function* () {}, { *tool_start() {} }, { async *tool_start() {} }]) {
    expect(() => shadow(value as never)).toThrow("generator");
  }
  expect(() => proc.addCallback(shadow({ tool_strat() {}, response() {} } as never))).toThrow(
    "did you mean tool_start?",
  );
  expect(() => proc.addCallback(shadow({ nothing() {} } as never))).toThrow("can hear nothing");
});

test("a callback that only watches stays what it is", async () => {
  const { faults, reports } = await tried({
    callbackOptions: { observe: true, name: "watcher" },
    tool_start() {
      throw new Veto("no");
    },
  });
  expect([reports, faults]).toMatchObject([[], [{ callback: "shadow of watcher", message: "no" }]]);
  const twice = await tried(shadow(new Guard("hello")));
  expect([twice.reports, twice.faults]).toMatchObject([[], [{ callback: "shadow of shadow of Guard" }]]);
});

test("options that a guard carries are kept, and it hears children", async () => {
  const guard = Object.assign(new Guard("child"), {
    callbackOptions: { inherit: true, timeoutMs: 1000, name: "words" },
  });
  const trial = shadow(guard);
  expect(trial.callbackOptions).toEqual({ inherit: true, timeoutMs: 1000, name: "words", trial: expect.any(Function) });
  const proc = await programOf({
    root: [{ toolCalls: [{ name: "fork", args: { prompts: ["a"] } }] }, {}],
    child: [{ toolCalls: [{ name: "echo", args: { text: "child" } }] }, {}],
  })
    .start()
    .addCallback(trial)
    .addCallback({ callback_error() {} });
  await proc.run("go");
  expect(trial.reports).toMatchObject([{ processId: `${proc.id}.1`, guard: "words" }]);
  expect(guard.heard).toEqual(["fork 0", "echo 1"]);
});

test("only the last reports are kept, and the others counted", async () => {
  const trial = shadow(new Guard("hello"), { limit: 2, onReport() {} });
  const proc = await programOf([CALL, CALL, CALL, { text: "done" }])
    .start()
    .addCallback(trial);
  await proc.run("go");
  expect([trial.reports.map(({ turn }) => turn), trial.dropped]).toEqual([[2, 3], 1]);
});

test("what a guard on trial does by itself is done: its stop() ends the run", async () => {
  const { result, reports } = await tried({
    tool_start: (_toolName: string, _toolArgs: JsonObject, info: EventInfo) => info.process.stop("enough"),
  });
  expect([result.stopReason, reports]).toEqual(["stopped", []]);
});

test.for<[options: object | null, says: string]>([
  [{ limit: 0 }, "from 1, or Infinity, not 0"],
  [{ limit: -1 }, "from 1, or Infinity, not -1"],
  [{ limit: 1.5 }, "not 1.5"],
  [{ limit: Number.NaN }, "not NaN"],
  [{ limit: "2" }, "not 2"],
  [{ lmit: 3 }, 'shadow() has no option "lmit". Did you mean "limit"?'],
  [{ onReport: 5 }, "onReport of shadow() must be a function, not 5"],
  [null, "must be an object, not null"],
])("the options %j are refused", ([options, says]) => {
  expect(() => shadow(new Guard(), options as never)).toThrow(
    expect.objectContaining({ code: "callback_invalid", message: expect.stringContaining(says) }),
  );
});

test("Infinity keeps all reports, and undefined is an option not given", async () => {
  const { reports } = await tried(new Guard("hello"), { options: { limit: Infinity, onReport: undefined } });
  expect(reports).toHaveLength(1);
});

test("a shadow changes nothing, also where addCallback says that it does not only observe", async () => {
  const trial = shadow(new Guard("hello"), { onReport() {} });
  const proc = await programOf([CALL, { text: "done" }])
    .start()
    .addCallback(trial, { observe: false });
  expect((await proc.run("go")).vetoes).toEqual([]);
  expect(trial.reports).toHaveLength(1);
});

test("what it reports stays as it was, and can be written down", async () => {
  const said: Record<string, unknown> = { v: 1, big: 1n };
  const { reports } = await tried({ tool_start: () => answer(said) });
  said.v = 2;
  expect(reports).toMatchObject([{ verdict: { would: "answer", content: { v: 1, big: "1" } } }]);
  expect(JSON.parse(JSON.stringify(reports))).toMatchObject([
    { code: "shadow_report", message: "would have answered in place of echo", verdict: { content: { v: 1 } }, turn: 1 },
  ]);
});
