import { expect, test } from "vitest";
import { consoleLog } from "../../src/callbacks/console-log.ts";
import { replaceResult, Veto } from "../../src/events/verdict.ts";
import { forbiddenInPlain, HOSTILE } from "./hostile.ts";
import { failureOf, programOf, TEN_CENTS, unpricedProgramOf } from "./program.ts";

/** A pipe: something with a `write` that is no terminal. */
function pipe() {
  const written: string[] = [];
  return {
    write: (text: string) => void written.push(text),
    get bytes() {
      return written.join("");
    },
    get lines() {
      return written.join("").trimEnd().split("\n");
    },
  };
}

/** Durations differ from run to run. */
function withoutTimes(lines: readonly string[]): string[] {
  return lines.map((line) => line.replace(/\d+(\.\d+)? (ms|s)\b/g, "TIME"));
}

test("a run in a pipe is one plain line for each fact, and its summary", async () => {
  const out = pipe();
  const proc = await programOf(
    [
      { error: { status: 429, message: "slow down", retryAfterMs: 1 } },
      {
        text: "I say it twice.",
        usage: TEN_CENTS,
        toolCalls: [
          { name: "echo", args: { text: "a" } },
          { name: "broken", args: {} },
        ],
      },
      { text: "Done.", usage: { inputTokens: 1000, outputTokens: 20, cacheReadTokens: 400 } },
    ],
    { parallelToolCalls: false },
  )
    .start()
    .addCallback(consoleLog({ stream: out }));
  await proc.run("Say a twice");
  await proc.close();

  expect(withoutTimes(out.lines)).toEqual([
    "run: Say a twice",
    "turn 1",
    "retrying in under TIME (429), attempt 2 of 3: slow down",
    "text: I say it twice.",
    'tool echo text="a" started',
    'tool echo text="a" done in TIME',
    "tool broken started",
    "tool broken failed after TIME: out of paper",
    "turn 2",
    "text: Done.",
    "✓ demo  done · TIME",
    "  work    2 turns · 3 API calls · 2 tool calls",
    "  tokens  101,000 in (400 from the cache) · 20 out",
    "  cost    $0.1010",
    "  tools   echo    1× · TIME",
    "          broken  1× · TIME · 1 error",
  ]);
  expect(out.bytes).not.toContain("\x1b");
});

test("lines of children carry their name, and the parent's do not", async () => {
  const out = pipe();
  const proc = await programOf({
    root: [{ toolCalls: [{ name: "fork", args: { prompts: ["count"] } }] }, { text: "ok" }],
    child: [{ text: "three" }],
  })
    .start()
    .addCallback(consoleLog({ stream: out }));
  await proc.run("go");
  const children = withoutTimes(out.lines).filter((line) => line.startsWith("["));
  expect(children).toEqual([
    "[demo.1] started",
    "[demo.1] run: count",
    "[demo.1] turn 1",
    "[demo.1] text: three",
    "[demo.1] run ended: done, 1 turn, $0, in TIME",
    "[demo.1] ended",
  ]);
  expect(out.lines).toContain("  work    3 turns · 3 API calls · 1 tool call · 1 child");
});

test("a fork of which a part failed says how many", async () => {
  const out = pipe();
  const proc = await programOf(
    { root: [{ toolCalls: [{ name: "fork", args: { prompts: ["a", "b", "c"] } }] }, { text: "ok" }], child: [{}, {}] },
    { limits: { children: 2 } },
  )
    .start()
    .addCallback(consoleLog({ stream: out }));
  await proc.run("go");
  expect(withoutTimes(out.lines)).toContain('tool fork prompts=["a", "b", "c"] done in TIME, 1 of 3 failed');
});

test.for([
  '[{"id":0,"error":"no"}',
  '[{"id":0,"error":"no"},{"id":7,"error":"no"}]',
  '[{"id":0,"error":5}]',
  '[{"id":0,"message":"well"}]',
  '[{"id":0,"message":"well"},null]',
])("the result %s is not taken for children that failed", async (text) => {
  const out = pipe();
  const proc = await programOf([{ toolCalls: [{ name: "echo", args: { text } }] }, { text: "ok" }])
    .start()
    .addCallback(consoleLog({ stream: out }));
  await proc.run("go");
  expect(withoutTimes(out.lines)).toContainEqual(expect.stringMatching(/^tool echo .* done in TIME$/));
});

test("what is said in the midst of a run is shown, and that it had no answer", async () => {
  const out = pipe();
  const script = [{ toolCalls: [{ name: "echo", args: {} }] }, { error: { status: 400 } }];
  const proc = await programOf(script)
    .start()
    .addCallback(consoleLog({ stream: out }));
  proc.on("tool_start", () => void proc.say("Be brief."));
  await proc.run("go").catch(() => {});
  expect(out.lines).toContain("said: Be brief.");
  expect(out.lines).toContain("what was said has no answer: it is out of the conversation");
});

test("a call whose result was withheld or replaced says who it was", async () => {
  const out = pipe();
  const toolCalls = ["a", "b"].map((text) => ({ name: "echo", args: { text } }));
  const proc = await programOf([{ toolCalls }, { text: "ok" }])
    .start()
    .addCallback(consoleLog({ stream: out }));
  proc.addCallback({
    callbackOptions: { name: "keeper" },
    tool_result(_name, { content }) {
      if (content === "a") throw new Veto("not on Sundays");
      return replaceResult("c");
    },
  });
  await proc.run("go");
  const lines = withoutTimes(out.lines);
  expect(lines).toContainEqual(expect.stringMatching(/^tool echo .*a.* withheld by keeper: not on Sundays$/));
  expect(lines).toContainEqual(expect.stringMatching(/^tool echo .*b.* done in TIME, result replaced by keeper$/));
});

test("a denied call says who denied it and why", async () => {
  const out = pipe();
  const proc = await programOf([{ toolCalls: [{ name: "echo", args: {} }] }, { text: "ok" }])
    .start()
    .addCallback(consoleLog({ stream: out }));
  proc.addCallback({
    callbackOptions: { name: "keeper" },
    tool_start() {
      throw new Veto("not on Sundays");
    },
  });
  await proc.run("go");
  expect(out.lines).toContain("tool echo denied by keeper: not on Sundays");
  expect(out.lines).toContain("  tools   echo  1 denied");
});

test("a cost that is not known is never shown as a number", async () => {
  const out = pipe();
  const proc = await unpricedProgramOf([{ text: "ok", usage: TEN_CENTS }])
    .start()
    .addCallback(consoleLog({ stream: out }));
  await proc.run("go");
  expect(out.bytes).toMatch(/cost {4}cost unknown: no price for .*mystery-1|cost {4}unknown: no price for .*mystery-1/);
  expect(out.bytes).not.toContain("$0");
});

test("a failed run says how it ended, and a faulty callback is named", async () => {
  const out = pipe();
  const proc = await programOf([{ error: { status: 400, message: "bad request" } }])
    .start()
    .addCallback(consoleLog({ stream: out }));
  proc.addCallback(function careless(event) {
    if (event === "api_error") throw new TypeError("x is undefined");
  });
  await failureOf(proc.run("go"));
  expect(out.lines).toContain("API error: 400 bad request");
  expect(out.lines).toContain("callback careless threw TypeError: x is undefined in api_error");
  expect(withoutTimes(out.lines)).toContain("✗ demo  API error · TIME");
});

test("quiet shows problems and the summary only; verbose shows requests and results too", async () => {
  const script = [
    {
      toolCalls: [
        { name: "echo", args: { text: "hello" } },
        { name: "broken", args: {} },
      ],
    },
    { text: "ok" },
  ];
  const [quiet, verbose] = [pipe(), pipe()];
  const proc = await programOf(script).start();
  proc.addCallback(consoleLog({ stream: quiet, verbosity: "quiet" }));
  proc.addCallback(consoleLog({ stream: verbose, verbosity: "verbose" }));
  await proc.run("go");
  expect(withoutTimes(quiet.lines).slice(0, 2)).toEqual([
    "tool broken failed after TIME: out of paper",
    "✓ demo  done · TIME",
  ]);
  expect(verbose.lines).toContain("request sent, attempt 1");
  expect(verbose.lines).toContain('tool echo text="hello" result: hello');
});

test("two processes on one console are told apart", async () => {
  const out = pipe();
  const log = consoleLog({ stream: out });
  const program = programOf([{ text: "ok" }], { scripted: { repeat: true } });
  const [one, two] = [await program.start().addCallback(log), await program.start().addCallback(log)];
  await one.run("first");
  await two.run("second");
  expect(out.lines).toContain("run: first");
  expect(out.lines).toContain("[demo#2] run: second");
});

test("nothing that a model, a tool or an error says brings a control sequence into the log", async () => {
  const out = pipe();
  const proc = await programOf(
    [
      { error: { status: 500, message: HOSTILE } },
      {
        text: HOSTILE,
        toolCalls: [
          { name: "echo", args: { text: HOSTILE } },
          { name: HOSTILE, args: { [HOSTILE]: HOSTILE } },
        ],
      },
      { text: "ok" },
    ],
    { name: HOSTILE },
  )
    .start()
    .addCallback(consoleLog({ stream: out, verbosity: "verbose" }));
  proc.addCallback({
    callbackOptions: { name: HOSTILE },
    tool_start() {
      throw new Veto(HOSTILE);
    },
    response() {
      throw new Error(HOSTILE);
    },
  });
  await proc.run(HOSTILE);
  expect(out.bytes).toContain("evil.example");
  expect(forbiddenInPlain(out.bytes)).toEqual([]);
});
