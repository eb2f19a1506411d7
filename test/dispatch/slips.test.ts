import type { Callback, CallbackOptions, LLMProcess } from "llmproc";
import { apiLogger, approval, consoleLog, costLimit, LLMProcError, LLMProgram, shadow, timing, tool } from "llmproc";
import { scripted } from "llmproc/testing";
import { beforeAll, expect, test } from "vitest";
import { warningsOf, watchNode } from "../faults/watch-node.ts";

watchNode();

const program = new LLMProgram({ model: scripted([{ text: "a" }], { repeat: true }) });
let proc: LLMProcess;
beforeAll(async () => {
  proc = await program.start();
});

/** Plain JavaScript may give anything: the types are what a slip goes past. */
const any = <T>(value: unknown) => value as T;

function refusal(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(LLMProcError);
    return `${(error as LLMProcError).code}: ${(error as LLMProcError).message}`;
  }
  return "accepted";
}

test.each([
  ["tool_strat", 'Did you mean "tool_start"?'],
  ["toolStart", 'Did you mean "tool_start"?'],
  ["tool_started", 'Did you mean "tool_start"?'],
  ["stderr", 'Did you mean "stderr_write"?'],
  ["onRunFinished", 'Did you mean "run_end"?'],
  ["data", "There are tool_start, tool_end, response,"],
  [undefined, "on() was given undefined, which is no event. There are tool_start"],
  [Symbol("tool_start"), "on() was given Symbol(tool_start), which is no event."],
  [{ tool_start() {} }, "which is no event"],
])("on(%s) is refused, also before the process is there: %s", (event, text) => {
  for (const target of [proc, program.start()]) {
    expect(refusal(() => target.on(any<"tool_start">(event), () => {}))).toContain(text);
  }
});

test.each([undefined, null, {}, { tool_start() {} }, "tool_end"])(
  "a handler that is no function is refused: %s",
  (handler) => {
    expect(refusal(() => proc.on("tool_start", any<() => void>(handler)))).toMatch(
      /^callback_invalid: on\("tool_start"\) takes a function that hears the event, not /,
    );
  },
);

test.each<[unknown, string]>([
  [{ observer: true }, 'has no option "observer". Did you mean "observe"?'],
  [{ timeout: 5 }, 'has no option "timeout". Did you mean "timeoutMs"?'],
  [{ timeout_ms: 5 }, 'Did you mean "timeoutMs"?'],
  [{ once: true }, 'has no option "once". It has observe, background, trial, inherit, timeoutMs, name, allowUnknown.'],
  [{ timeoutMs: "5" }, 'timeoutMs must be a number of milliseconds above 0, or Infinity, not the text "5".'],
  [{ timeoutMs: Number.NaN }, "not NaN."],
  [{ timeoutMs: -1 }, "not -1."],
  [{ timeoutMs: 0 }, "not 0."],
  [{ observe: "yes" }, 'observe must be true or false, not the text "yes".'],
  [{ trial: "yes" }, 'trial must be true, false or a function that takes the reports, not the text "yes".'],
  [{ inherit: 0 }, "inherit must be true or false, not 0."],
  [{ allowUnknown: "no" }, "allowUnknown must be true or false"],
  [{ name: "" }, "name must be a text that is not blank"],
  [{ name: 7 }, "name must be a text that is not blank, not 7."],
  [true, "must be an object, not true."],
  ["observe", "must be an object, not the text"],
  [[], "must be an object"],
])("options with a slip are refused wherever they stand: %o", (options, text) => {
  const given = any<CallbackOptions>(options);
  const calls = [
    () => proc.addCallback(() => {}, given),
    () => proc.on("run_end", () => {}, given),
    () => program.start().addCallback(() => {}, given),
    () => proc.addCallback({ run_end() {}, callbackOptions: given }),
    () => proc.addCallback(Object.assign(() => {}, { callbackOptions: given })),
    () => program.start({ callbacks: [{ run_end() {}, callbackOptions: given }] }),
  ];
  for (const call of calls) {
    const refused = refusal(call);
    expect(refused).toMatch(/^callback_invalid: /);
    expect(refused).toContain(text);
  }
});

test.each([consoleLog, timing, apiLogger, costLimit, approval, shadow])(
  "a function that makes a callback is refused in its place: %o",
  (factory) => {
    const text = `${factory.name} is no callback, it makes one: call it, as in addCallback(${factory.name}()).`;
    const given = any<() => void>(factory);
    expect(refusal(() => proc.addCallback(given))).toContain(text);
    expect(refusal(() => proc.on("tool_start", given))).toContain(text);
    expect(refusal(() => program.start({ callbacks: [given] }))).toContain(text);
    expect(refusal(() => shadow(given))).toContain("call it");
  },
);

test("a function of one's own that makes a callback is pointed out when it is called as one", async () => {
  const other = await program.start();
  const myMonitor = () => ({ tool_start() {}, tool_end() {} });
  other.addCallback(myMonitor);
  await other.run("x");
  await new Promise((resolve) => setImmediate(resolve));
  expect(warningsOf("myMonitor").join("\n")).toContain("addCallback(myMonitor())");
});

class GuardInField {
  tool_start: unknown = "no";
  tool_end() {}
}

/** What stands where a handler of `tool_start` should, and what it is called. */
const UNCALLABLE: readonly [stands: string, callback: object, told: string][] = [
  [
    "a text",
    { tool_start: "no", tool_end() {} },
    'callback must be a function that hears the event, not the text "no"',
  ],
  ["null", { tool_start: null, tool_end() {} }, "callback must be a function that hears the event, not null"],
  ["null alone", { tool_start: null }, "callback must be a function that hears the event, not null"],
  ["false", { tool_start: false, "*"() {} }, "callback must be a function that hears the event, not false"],
  [
    "a list of handlers",
    { tool_start: [() => {}], tool_end() {} },
    "must be a function that hears the event, not [null]",
  ],
  ["a field of a class", new GuardInField(), "The tool_start of callback GuardInField must be a function"],
  ["a field of a prototype", Object.create({ tool_start: 1, tool_end() {} }) as object, "event, not 1"],
  [
    "what a getter gives",
    {
      get tool_start() {
        return {};
      },
      tool_end() {},
    },
    "event, not {}",
  ],
];

test.each(UNCALLABLE)(
  "a guard of which %s stands for the handler is refused, wherever it is given",
  (_stands, callback, told) => {
    const given = any<Callback>(callback);
    const calls = [
      () => proc.addCallback(given),
      () => proc.addCallback(given, { allowUnknown: true }),
      () => program.start().addCallback(given),
      () => program.start({ callbacks: [given] }),
      () => proc.addCallback(shadow(given)),
    ];
    for (const call of calls) {
      const refused = refusal(call);
      expect(refused).toMatch(/^callback_invalid: The tool_start of callback /);
      expect(refused).toContain(told);
    }
  },
);

test("a method that is left out may be there as undefined", async () => {
  const other = await program.start();
  let ends = 0;
  other.addCallback(any({ tool_start: undefined, run_end: () => void ends++ }));
  await other.run("x");
  expect(ends).toBe(1);
});

const NEAR: Readonly<Record<string, string>> = {
  tool_started: "tool_start",
  toolStarted: "tool_start",
  tool_finished: "tool_end",
  stderr: "stderr_write",
  onStderr: "stderr_write",
  on_response: "response",
  toolEnd: "tool_end",
  turnstart: "turn_start",
  toolstarted: "tool_start",
  ontoolstart: "tool_start",
  handleToolEnd: "tool_end",
  beforeTurnStart: "turn_start",
  run_ended: "run_end",
  onRunDone: "run_end",
  api_requested: "api_request",
  api_failed: "api_error",
  response_chunk: "response_delta",
  responseDeltas: "response_delta",
  callbackErrors: "callback_error",
  "process-ended": "process_end",
};

test.each(Object.entries(NEAR))("a method %s is refused: did you mean %s?", (name, event) => {
  const other = event === "run_start" ? "run_end" : "run_start";
  const callback = any<Callback>({ [name]() {}, [other]() {} });
  expect(refusal(() => proc.addCallback(callback))).toContain(`${name}, which is no event: did you mean ${event}?`);
  expect(refusal(() => proc.addCallback(callback, { allowUnknown: true }))).toBe("accepted");
  expect(refusal(() => proc.addCallback(any<Callback>({ [name]() {}, [event]() {} })))).toBe("accepted");
});

test("methods that only help are left alone", () => {
  const helpers = [
    "start",
    "stop",
    "run",
    "process",
    "turn",
    "tool",
    "error",
    "write",
    "log",
    "done",
    "text",
    "delta",
    "flush",
  ];
  const callback = any<Callback>(Object.fromEntries([...helpers, "run_end"].map((name) => [name, () => {}])));
  expect(refusal(() => proc.addCallback(callback))).toBe("accepted");
});

test.each<[() => unknown, string]>([
  [() => scripted(any(["Hello"])), 'Reply 1 of the script is the text "Hello": write { text: "Hello" }.'],
  [
    () => scripted([{ text: "a" }, any({ txt: "b" })]),
    'Reply 2 of the script has no option "txt". Did you mean "text"?',
  ],
  [() => scripted(any("Hello")), 'as in scripted([{ text: "Hello" }])'],
  [() => scripted(any({ text: "Hello" })), 'as in scripted([{ text: "Hello" }])'],
  [() => scripted(any(undefined)), "not undefined."],
  [() => scripted([any(null)]), "Reply 1 of the script must be an object, not null."],
  [
    () => scripted([any({ toolCalls: [{ nme: "add" }] })]),
    'Call 1 of reply 1 of the script has no option "nme". Did you mean "name"?',
  ],
  [() => scripted([any({ toolCalls: [{}] })]), "Call 1 of reply 1 of the script has no name"],
  [() => scripted([any({ toolCalls: { name: "add" } })]), "The toolCalls of reply 1 of the script must be a list"],
  [
    () => scripted([any({ usage: { input: 1 } })]),
    'The usage of reply 1 of the script has no option "input". Did you mean "inputTokens"?',
  ],
  [() => scripted([any({ usage: { inputTokens: "1" } })]), 'must be a whole number, 0 or more, not the text "1".'],
  [
    () => scripted([any({ usage: { inputTokens: -1 } })]),
    "The inputTokens of the usage of reply 1 of the script must be a whole number, 0 or more, not -1.",
  ],
  [() => scripted([any({ usage: { outputTokens: 1.5 } })]), "must be a whole number, 0 or more, not 1.5."],
  [() => scripted([any({ usage: { cacheReadTokens: Number.NaN } })]), "must be a whole number, 0 or more, not NaN."],
  [() => scripted([any({ error: { status: -1 } })]), "The status of the error of reply 1 of the script must be"],
  [() => scripted([any({ text: 1 })]), "The text of reply 1 of the script must be a text, not 1."],
  [() => scripted([any({ stopReason: "stop" })]), "must be one of end, tool_use, max_tokens, refusal, other"],
  [() => scripted([any({ error: { code: 529 } })]), 'The error of reply 1 of the script has no option "code".'],
  [() => scripted([{ delayMs: -1 }]), "The delayMs of reply 1 of the script must be a number, 0 or more, not -1."],
  [() => scripted(any({ root: [] })), "The script has no list child"],
  [() => scripted(any({ root: [], child: ["x"] })), "Reply 1 of the script's child is the text"],
  [() => scripted([], any({ reapeat: true })), 'scripted() has no option "reapeat". Did you mean "repeat"?'],
  [() => tool(any<never>({ nmae: "add" })), "Did you mean"],
  [() => tool(any<never>({ name: "add", paramters: {} })), "Did you mean"],
  [() => new LLMProgram(any({ modle: {} })), 'modle is not a known option. Did you mean "model"?'],
  [() => program.start(any({ callback: () => {} })), 'start() has no option "callback". Did you mean "callbacks"?'],
  [() => proc.addCallback(any("tool_start")), 'Hear one event with on("tool_start", handler).'],
  [
    () => consoleLog(any({ verbositty: "quiet" })),
    'consoleLog() has no option "verbositty". Did you mean "verbosity"?',
  ],
  [
    () => consoleLog(any({ verbosity: "loud" })),
    "callback_invalid: verbosity of consoleLog() must be one of quiet, normal, verbose, not loud.",
  ],
  [() => consoleLog(any({ verbosity: "Verbos" })), 'not Verbos. Did you mean "verbose"?'],
  [() => consoleLog(any({ verbosity: 2 })), "must be one of quiet, normal, verbose, not 2."],
  [() => consoleLog(any({ verbosity: null })), "must be one of quiet, normal, verbose, not null."],
  [() => consoleLog(any({ verbosity: "toString" })), "must be one of quiet, normal, verbose, not toString."],
  [() => consoleLog(any({ color: "no" })), "color of consoleLog() must be true or false, not no."],
  [() => consoleLog(any({ stream: "stderr" })), "stream of consoleLog() must be a stream to write to, such as"],
  [() => any<(given: unknown) => void>(timing)(5), "callback_invalid: timing() has no options, and was given 5."],
  [() => any<(given: unknown) => void>(timing)({ limit: 3 }), 'timing() has no options, and was given {"limit":3}.'],
  [() => program.start(any([])), "run_invalid: The options of start() are an object, not []."],
  [() => proc.forkProcess(any([])), "run_invalid: The options of forkProcess() are an object, not []."],
  [() => costLimit(1, any({ warn: 0.5 })), 'costLimit() has no option "warn".'],
  [() => costLimit(any("5")), 'costLimit("5")'],
  [() => apiLogger(any({ limt: 3 })), 'apiLogger() has no option "limt". Did you mean "limit"?'],
  [() => approval(any({ tool: "*" })), 'approval() has no option "tool". Did you mean "tools"?'],
])("what cannot be meant is refused at once: %s", (call, text) => {
  expect(refusal(call)).toContain(text);
});

test("what a function of a script returns is looked at, too, and the run says what was wrong", async () => {
  const model = scripted([any(() => ({ txt: "Hello" }))]);
  const run = new LLMProgram({ model }).start().then((started) => started.run("x"));
  await expect(run).rejects.toThrow('What the function for reply 1 returned has no option "txt". Did you mean "text"?');
});
