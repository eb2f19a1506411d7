import { expect, test } from "vitest";
import { consoleLog } from "../../src/callbacks/console-log.ts";
import { answer, Veto } from "../../src/events/verdict.ts";
import { tool } from "../../src/tools/tool.ts";
import { watchTimers } from "../support/timers.ts";
import { forbiddenOnTerminal, HOSTILE } from "./hostile.ts";
import { echo, failureOf, programOf, TEN_CENTS, unpricedProgramOf } from "./program.ts";
import { screen } from "./screen.ts";

const timersUnderWay = watchTimers();

const BUSY = /[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/;
const BUSY_QUICK = /demo\.2 .*\n +[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] (waiting for the model|quick|qui)/;

/** A tool that returns when the test says so. */
function gate() {
  const { promise, resolve } = Promise.withResolvers<string>();
  const hold = tool({ name: "hold", description: "Waits.", parameters: { type: "object" }, execute: () => promise });
  return { hold, open: () => resolve("open") };
}

/** Durations and signs of motion differ from run to run. */
function settled(lines: readonly string[]): string[] {
  return lines.map((line) => line.replace(/ +\d+(\.\d+)? (ms|s)$/, " TIME").replace(/\d+(\.\d+)? (ms|s)\b/g, "TIME"));
}

test("at the end the screen shows the run as a tree, with its summary, and nothing of the live lines", async () => {
  const stream = screen();
  const proc = await programOf({
    root: [
      {
        text: "I ask two helpers.",
        usage: TEN_CENTS,
        toolCalls: [{ name: "fork", args: { prompts: ["one", "two"] } }],
      },
      { text: "Both are back.", usage: TEN_CENTS },
    ],
    child: [
      { usage: TEN_CENTS, toolCalls: [{ name: "echo", args: { text: "a" } }] },
      { usage: TEN_CENTS, toolCalls: [{ name: "broken", args: {} }] },
      { text: "first", usage: TEN_CENTS },
      { text: "second", usage: TEN_CENTS },
    ],
  })
    .start()
    .addCallback(consoleLog({ stream }));
  await proc.run("Ask around");
  await proc.close();

  expect(settled(await stream.lines())).toEqual([
    "▶ demo  Ask around",
    "  turn 1",
    "  “ I ask two helpers.",
    '  ✓ fork  prompts=["one", "two"] TIME',
    "    ├─ ✓ demo.1  done · 2 turns · 200.0k tokens · $0.2000 TIME",
    '    │  ✓ echo  text="a" TIME',
    expect.stringMatching(/^ {4}│ {2}“ (first|second)$/),
    "    └─ ✓ demo.2  done · 2 turns · 200.0k tokens · $0.2000 TIME",
    "       ✗ broken  out of paper TIME",
    expect.stringMatching(/^ {7}“ (first|second)$/),
    "  turn 2",
    "  “ Both are back.",
    "",
    "✓ demo  done TIME",
    "  work    6 turns · 6 API calls · 3 tool calls · 2 children",
    "  tokens  600,000 in · 0 out",
    "  cost    $0.6000",
    "  tools   echo    1× · TIME",
    "          broken  1× · TIME · 1 error",
    "          fork    1× · TIME",
  ]);
  expect(await stream.cursor()).toEqual([(await stream.lines()).length, 0]);
});

test("each child stands under the call that made it, also when two calls fork at the same time", async () => {
  const stream = screen();
  const calls = ["one", "two"].map((prompt) => ({ name: "fork", args: { prompts: [prompt] } }));
  const proc = await programOf({
    root: [{ toolCalls: [...calls, { name: "echo", args: { text: "aside" } }] }, { text: "ok" }],
    child: [0, 1].map(() => ({ messages }) => {
      const prompt = JSON.stringify(messages.at(-1)?.content).includes("two") ? "two" : "one";
      return { text: `I am ${prompt}`, delayMs: prompt === "two" ? 20 : 120 };
    }),
  })
    .start()
    .addCallback(consoleLog({ stream }));
  await proc.run("go");
  expect(settled(await stream.lines()).slice(2, 9)).toEqual([
    '  ✓ echo  text="aside" TIME',
    '  ✓ fork  prompts=["two"] TIME',
    "    └─ ✓ demo.2  done · 1 turn · 0 tokens · $0 TIME",
    "       “ I am two",
    '  ✓ fork  prompts=["one"] TIME',
    "    └─ ✓ demo.1  done · 1 turn · 0 tokens · $0 TIME",
    "       “ I am one",
  ]);
});

test("while it runs, the screen shows what is under way, in which child, and what it cost so far", async () => {
  const stream = screen({ columns: 100 });
  const { hold, open } = gate();
  const prompts = ["look into it", "be quick"];
  const proc = await programOf(
    {
      root: [{ usage: TEN_CENTS, toolCalls: [{ name: "fork", args: { prompts } }] }, { text: "ok" }],
      child: [0, 1, 2].map(() => ({ messages }) => {
        const last = messages.at(-1);
        if (last?.role === "tool") return { text: "held" };
        const isQuick = JSON.stringify(last?.content).includes("quick");
        return isQuick
          ? { text: "quick", delayMs: 300, usage: TEN_CENTS }
          : { toolCalls: [{ name: "hold", args: {} }] };
      }),
    },
    { tools: ["fork", hold] },
  )
    .start()
    .addCallback(consoleLog({ stream }));
  const run = proc.run("go");
  await expect.poll(() => stream.text()).toMatch(BUSY_QUICK);
  await expect.poll(() => stream.text()).toContain("✓ demo.2");
  const lines = (await stream.lines()).map((line) => line.replace(BUSY, "*"));
  expect(settled(lines)).toEqual([
    "▶ demo  go",
    "  turn 1",
    '  * fork  prompts=["look into it", "be quick"] TIME',
    "    ├─ * demo.1  turn 1 · look into it TIME",
    "    │  * hold TIME",
    "    └─ ✓ demo.2  done · 1 turn · 100.0k tokens · $0.1000 TIME",
    expect.stringMatching(
      /^▶ demo {2}turn 1 · \$0\.2000 · 200\.0k tokens in, 0 out · \d tool calls? · 2 children TIME$/,
    ),
  ]);
  open();
  await run;
  expect(await stream.text()).not.toMatch(BUSY);
});

test("text is shown while it streams in, and a retry while it waits", async () => {
  const stream = screen();
  const proc = await programOf(
    [{ error: { status: 429, message: "slow down" } }, { text: "one two three four five six", delayMs: 700 }],
    { retry: { maxAttempts: 2, initialDelayMs: 0, maxDelayMs: 0 } },
  )
    .start()
    .addCallback(consoleLog({ stream }));
  const seen: string[] = [];
  const run = proc.run("go");
  await expect
    .poll(async () => seen.push(await stream.text()) && seen.join("\n"), { interval: 20 })
    .toMatch(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] one/);
  await run;
  expect(await stream.text()).toContain("  ↻ retrying now (429), attempt 2 of 2: slow down");
  expect(await stream.text()).toContain("  “ one two three four five six");
});

test("a call that a callback answered says so", async () => {
  const stream = screen();
  const proc = await programOf([{ toolCalls: [{ name: "echo", args: { text: "a" } }] }, { text: "ok" }])
    .start()
    .addCallback(consoleLog({ stream }));
  proc.addCallback({ callbackOptions: { name: "cache" }, tool_start: () => answer("known") });
  await proc.run("go");
  expect(await stream.text()).toContain('✓ echo  text="a" · answered by cache');
  expect(await stream.text()).toContain("echo  1 answered by a callback");
});

test("a denied call says who denied it and why, and an unknown cost is no number", async () => {
  const stream = screen();
  const proc = await unpricedProgramOf([{ usage: TEN_CENTS, toolCalls: [{ name: "echo", args: {} }] }, { text: "ok" }])
    .start()
    .addCallback(consoleLog({ stream }));
  proc.addCallback({
    callbackOptions: { name: "keeper" },
    tool_start() {
      throw new Veto("not on Sundays");
    },
  });
  await proc.run("go");
  const text = await stream.text();
  expect(text).toContain("⊘ echo  denied by keeper: not on Sundays");
  expect(text).toMatch(/unknown: no price for .*mystery-1/);
  expect(text).not.toContain("$0");
});

test.each([20, 80, 120])(
  "at %i columns no line is broken, and each call is shown once, with forty children",
  async (columns) => {
    const stream = screen({ columns, rows: 12 });
    const prompts = Array.from(
      { length: 40 },
      (_, index) => `漢字 part ${index} of a longer task that needs a line of its own`,
    );
    const proc = await programOf({
      root: [{ toolCalls: [{ name: "fork", args: { prompts } }] }, { text: "ok" }],
      child: prompts.map(() => ({ text: "a long answer ".repeat(20), delayMs: 150 })),
    })
      .start()
      .addCallback(consoleLog({ stream }));
    await proc.run("go");
    const lines = await stream.lines();
    expect(lines[0]).toBe("▶ demo  go");
    expect(lines.filter((line) => line.includes("✓ fork"))).toHaveLength(1);
    expect(lines.filter((line) => /[├└]─ ✓ /.test(line))).toHaveLength(40);
    expect(lines.filter((line) => BUSY.test(line))).toEqual([]);
    // Heading, two turns, fork, forty children of two lines, text, an empty line, and the summary.
    expect(lines).toHaveLength(1 + 2 + 1 + 80 + 1 + 1 + 5);
  },
);

test("a terminal that becomes narrower keeps no remains of the wider lines", async () => {
  const stream = screen({ columns: 100 });
  const { hold, open } = gate();
  const proc = await programOf([{ toolCalls: [{ name: "hold", args: { note: "x".repeat(200) } }] }, { text: "ok" }], {
    tools: [hold],
  })
    .start()
    .addCallback(consoleLog({ stream }));
  const run = proc.run("go");
  await expect.poll(() => stream.text()).toMatch(/hold/);
  await stream.resize(40);
  open();
  await run;
  const lines = await stream.lines();
  expect(lines.filter((line) => line.includes("hold  note"))).toHaveLength(1);
  expect(lines.filter((line) => BUSY.test(line))).toEqual([]);
});

test("nothing that a model, a tool or an error says reaches the terminal as a control sequence", async () => {
  const stream = screen();
  const proc = await programOf(
    [
      { error: { status: 500, message: HOSTILE } },
      {
        text: HOSTILE,
        delayMs: 250,
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
    .addCallback(consoleLog({ stream, color: true, verbosity: "verbose" }));
  proc.addCallback({
    callbackOptions: { name: HOSTILE },
    async tool_start() {
      await new Promise((resolve) => setTimeout(resolve, 150));
      throw new Veto(HOSTILE);
    },
    response() {
      throw new Error(HOSTILE);
    },
  });
  await proc.run(HOSTILE);
  expect(stream.bytes).toContain("evil");
  expect(forbiddenOnTerminal(stream.bytes)).toEqual([]);
  expect((await stream.lines()).filter((line) => /^\s*✓ delete_file/.test(line))).toEqual([]);
});

test("colours are used where the terminal has them, and not where it or the caller says no", async () => {
  const program = programOf([{ text: "ok" }], { scripted: { repeat: true } });
  const withColors = screen();
  const without = screen();
  const dull = Object.assign(screen(), { getColorDepth: () => 1 });
  const proc = await program.start();
  proc.addCallback(consoleLog({ stream: withColors }));
  proc.addCallback(consoleLog({ stream: without, color: false }));
  proc.addCallback(consoleLog({ stream: dull }));
  await proc.run("go");
  const colors = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`);
  expect(withColors.bytes).toMatch(colors);
  expect(without.bytes).not.toMatch(colors);
  expect(dull.bytes).not.toMatch(colors);
});

test("the live view keeps no process alive, and writes nothing once nothing runs", async () => {
  const timers: number[] = [];
  const count = tool({
    name: "count",
    description: "Counts what keeps the process alive.",
    parameters: { type: "object" },
    async execute() {
      await new Promise((resolve) => setTimeout(resolve, 250));
      timers.push(timersUnderWay());
      return "ok";
    },
  });
  const script = [{ toolCalls: [{ name: "count", args: {} }] }, { text: "ok" }];
  const program = programOf(script, { tools: [count], scripted: { repeat: true } });
  const proc = await program.start();
  await proc.run("without");
  const stream = screen();
  let looks = 0;
  const watched = {
    isTTY: true,
    get columns() {
      looks += 1;
      return 80;
    },
    write: (text: string) => stream.write(text),
  };
  proc.addCallback(consoleLog({ stream: watched }));
  proc.addCallback({
    run_end() {
      throw new Error("late");
    },
  });
  await proc.run("with");
  expect(timers[1]).toBe(timers[0]);

  expect(await stream.text()).toContain("threw Error: late in run_end");
  const [written, looked] = [stream.bytes.length, looks];
  await new Promise((resolve) => setTimeout(resolve, 350));
  expect(stream.bytes).toHaveLength(written);
  expect(looks, "a timer still runs").toBe(looked);
});

test("a callback that joins in the middle of a run shows the rest of it", async () => {
  const stream = screen();
  const proc = await programOf([{ toolCalls: [{ name: "echo", args: { text: "a" } }] }, { text: "ok" }]).start();
  proc.on("tool_start", () => {
    proc.addCallback(consoleLog({ stream }));
  });
  await proc.run("go");
  const lines = settled(await stream.lines());
  expect(lines.slice(0, 5)).toEqual(["  ✓ echo TIME", "  turn 2", "  “ ok", "", "✓ demo  done TIME"]);
});

test("an aborted run leaves a clean screen", async () => {
  const stream = screen();
  const { hold } = gate();
  const proc = await programOf([{ toolCalls: [{ name: "hold", args: {} }] }], { tools: [hold, echo] })
    .start()
    .addCallback(consoleLog({ stream }));
  const controller = new AbortController();
  const run = failureOf(proc.run("go", { signal: controller.signal }));
  await expect.poll(() => stream.text()).toMatch(/hold/);
  controller.abort();
  await run;
  const text = await stream.text();
  expect(text).toContain("✗ demo  aborted");
  expect(text).not.toMatch(BUSY);
});
