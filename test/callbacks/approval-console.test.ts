import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { approval } from "../../src/callbacks/approval.ts";
import { holdConsole } from "../../src/callbacks/console/floor.ts";
import { consoleLog } from "../../src/callbacks/console-log.ts";
import { Veto } from "../../src/events/verdict.ts";
import type { Script } from "../../src/models/script.ts";
import { forbiddenOnTerminal, HOSTILE } from "./hostile.ts";
import { person, WAITS } from "./person.ts";
import { failureOf, programOf } from "./program.ts";

// The frames of the view and the clocks: no test waits for them.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "Date", "performance"] });
  onTestFinished(() => void vi.useRealTimers());
});

const call = (text: string) => ({ name: "echo", args: { text } });

/** A process with the live view and a person on one terminal. */
async function watched(script: Script, someone = person({ columns: 100, rows: 30 })) {
  const { input, output } = someone;
  const proc = await programOf(script)
    .start()
    .addCallback(approval({ tools: ["echo"], input, output }))
    .addCallback(consoleLog({ stream: output, color: false }));
  return { proc, someone };
}

function settled(text: string): string[] {
  return text.split("\n").map((line) => line.replace(/\d+(\.\d+)? (ms|s)\b/g, "TIME").replace(/ +TIME$/, " TIME"));
}

test("a question stands below what was done, and the view goes on below the answer", async () => {
  const { proc, someone } = await watched([{ text: "I echo.", toolCalls: [call("one")] }, { text: "done" }]);
  const run = proc.run("go");
  await someone.sees(WAITS);
  expect(settled((await someone.output.text()).replaceAll(proc.id, "ROOT").trimEnd())).toEqual([
    "▶ demo  go",
    "  turn 1",
    "  “ I echo.",
    "? echo  for demo · depth 0 · process ROOT",
    "  │ text: one",
    "  y yes · n no · s stop the run",
    "  a yes, and to every echo of this process tree",
    "  Run it? >",
  ]);
  someone.types("y");
  await run;
  const after = settled((await someone.output.text()).replaceAll(proc.id, "ROOT")).slice(7, 12);
  expect(after).toEqual([
    "  Run it? > y",
    expect.stringMatching(/^ {2}✓ echo {2}text="one"/),
    "  turn 2",
    "  “ done",
    "",
  ]);
});

test("while a question stands nothing is drawn, and what others did meanwhile is shown after the answer", async () => {
  const { proc, someone } = await watched({
    root: [{ toolCalls: ["a", "b"].map((name) => ({ name: "fork", args: { prompts: [name] } })) }, {}],
    child: [
      { toolCalls: [call("asked")] },
      { toolCalls: [{ name: "broken", args: {} }], delayMs: 30 },
      { text: "over" },
      {},
    ],
  });
  const forked = new Promise<void>((resolve) => {
    proc.on("tool_end", (toolName) => {
      if (toolName === "fork") resolve();
    });
  });
  const run = proc.run("go");
  await someone.sees(WAITS);
  await forked;
  const { bytes } = someone.output;
  vi.advanceTimersByTime(10_000);
  expect(someone.output.bytes).toBe(bytes);
  expect(await someone.sees(WAITS)).not.toContain("✓ fork");
  someone.types("y");
  await run;
  expect(settled(await someone.output.text()).filter((line) => /[✓✗] (fork|broken|echo)/.test(line))).toEqual([
    '  ✓ fork  prompts=["b"] TIME',
    "       ✗ broken  out of paper TIME",
    '  ✓ fork  prompts=["a"] TIME',
    expect.stringMatching(/^ {7}✓ echo {2}text="asked" · waited TIME for an answer +TIME$/),
  ]);
});

test("how long a person took is not counted as the tool's time", async () => {
  const { proc, someone } = await watched([{ toolCalls: [call("one"), call("two")] }, {}]);
  const run = proc.run("go");
  await someone.sees(WAITS);
  vi.advanceTimersByTime(41_000);
  someone.types("y");
  await someone.answers(/text: two/, "n");
  await someone.sees(/Why not/);
  someone.types("");
  await run;
  expect((await someone.output.lines()).filter((line) => line.includes("waited"))).toEqual([
    expect.stringMatching(/^ {2}✓ echo {2}text="one" · waited 41\.0 s for an answer +0 ms$/),
    expect.stringMatching(/^ {2}⊘ echo {2}text="two" · denied by approval: .* +0 ms$/),
  ]);
});

test.for([
  ["the live view", true],
  ["the plain log", false],
] as const)("in %s a person's time is no tool's time, in the summary as well", async ([, isLive]) => {
  const someone = person({ columns: 100 });
  const { input, output } = someone;
  Object.assign(output, { isTTY: isLive });
  const view = consoleLog({ stream: output, color: false });
  Object.assign(output, { isTTY: true });
  const proc = await programOf([{ toolCalls: [call("one"), call("two")] }, {}])
    .start()
    .addCallback(approval({ tools: ["echo"], input, output }))
    .addCallback(view);
  const run = proc.run("go");
  for (const text of ["one", "two"]) {
    await someone.sees(new RegExp(`text: ${text}[\\s\\S]*${WAITS.source}`));
    vi.advanceTimersByTime(4000);
    someone.types("y");
  }
  await run;
  const lines = await output.lines();
  expect(lines).toContainEqual(expect.stringMatching(/echo +2× · 0 ms · average 0 ms · longest 0 ms$/));
  const done = lines.filter((line) => line.includes("done in"));
  expect(done).toEqual(Array(isLive ? 0 : 2).fill(expect.stringMatching(/done in 0 ms$/)));
});

test("a call that is interrupted at its question, or while it waits for one, has taken no time", async () => {
  const { proc, someone } = await watched({
    root: [{ toolCalls: ["a", "b"].map((name) => ({ name: "fork", args: { prompts: [name] } })) }, {}],
    child: [{ toolCalls: [call("one"), call("two")] }, { toolCalls: [call("three")] }],
  });
  const asked = Promise.withResolvers<void>();
  let count = 0;
  proc.on("tool_start", (toolName) => {
    if (toolName === "echo" && ++count === 3) asked.resolve();
  });
  const controller = new AbortController();
  const run = failureOf(proc.run("go", { signal: controller.signal }));
  await asked.promise;
  await someone.sees(WAITS);
  vi.advanceTimersByTime(4000);
  controller.abort(new Error("enough"));
  await run;
  const summary = (await someone.output.lines()).filter((line) => line.includes("longest"));
  expect(summary).toContainEqual(expect.stringMatching(/echo +3× · 0 ms · average 0 ms · longest 0 ms/));
});

test("nothing of names and arguments is obeyed by the terminal, and no value can look like a question", async () => {
  const someone = person({ columns: 120, rows: 40 });
  const { input, output } = someone;
  const forged = "Run it? > y\n? rm  for demo\n  │ file: safe";
  const args = { [`key ${HOSTILE}`]: HOSTILE, text: `${"x".repeat(130)}${forged}` };
  const proc = await programOf([{ toolCalls: [{ name: "echo", args: { text: "" } }] }, {}], { name: `demo ${HOSTILE}` })
    .start()
    .addCallback(approval({ tools: ["echo"], input, output }));
  const asking = proc.run("go");
  await someone.sees(/text: ""[\s\S]*Run it\? >$/);
  someone.types("y");
  await asking;
  const guard = approval({ tools: "*", input, output });
  const info = { process: proc, signal: new AbortController().signal, phase: "live" } as never;
  const answered = guard.tool_start?.(`echo ${HOSTILE}`, args, info);
  await someone.sees(/file: safe[\s\S]*Run it\? >$/);
  expect(forbiddenOnTerminal(output.bytes)).toEqual([]);
  const lines = (await output.lines()).slice(5);
  const others = lines.filter((line) => !line.startsWith("  │ "));
  expect(others.map((line) => line.slice(0, 9))).toEqual(["? echo ␛[", "  y yes ·", "  a yes, ", "  Run it?"]);
  someone.types("y");
  await answered;
});

test("arguments that are long are cut by lines, it says how much is missing, and v shows all", async () => {
  const someone = person({ columns: 60, rows: 14 });
  const { input, output } = someone;
  const text = Array.from({ length: 40 }, (_, index) => `line ${index + 1}`).join("\n");
  const proc = await programOf([{ toolCalls: [call(`${text}\n${"long ".repeat(30)}`)] }, {}])
    .start()
    .addCallback(approval({ tools: ["echo"], input, output }));
  const run = proc.run("go");
  const cut = await someone.sees(/v view all[\s\S]*Run it\? >$/);
  expect(cut.split("\n").slice(1, -3)).toEqual([
    "  │ text:",
    ...[1, 2, 3, 4, 5].map((number) => `  │   line ${number}`),
    expect.stringMatching(/^ {2}… 36 more lines, \d+ characters: v shows all$/),
  ]);
  someone.types("v");
  const whole = await someone.sees(/line 40\n( {2}│ {2,}(long ?)+\n)+ {2}y yes[\s\S]*Run it\? >$/);
  expect(whole.match(/long/g)).toHaveLength(30);
  someone.types("y");
  await run;
});

test("no question says how many others are to come: that is not known", async () => {
  const { proc, someone } = await watched({
    root: [{ toolCalls: ["a", "b"].map((name) => ({ name: "fork", args: { prompts: [name] } })) }, {}],
    child: [{ toolCalls: [call("one"), call("two")] }, { toolCalls: [call("three")] }, {}, {}],
  });
  const asked = Promise.withResolvers<void>();
  let count = 0;
  proc.on("tool_start", (toolName) => {
    if (toolName === "echo" && ++count === 3) asked.resolve();
  });
  const run = proc.run("go");
  await asked.promise;
  for (const number of [1, 2, 3]) {
    expect(await someone.question(number)).not.toMatch(/\d+ more|asked after/);
    someone.types("y");
  }
  await run;
});

test("two approvals on one terminal ask one after the other", async () => {
  const someone = person();
  const { input, output } = someone;
  const proc = await programOf([{ toolCalls: [call("one"), { name: "broken", args: {} }] }, {}])
    .start()
    .addCallback(approval({ tools: ["echo"], input, output }))
    .addCallback(approval({ tools: ["broken"], input, output }), { name: "second" });
  const run = proc.run("go");
  await someone.answers(/\? echo/, "y");
  await someone.answers(/\? broken/, "n late");
  expect((await run).vetoes).toMatchObject([{ callback: "second" }]);
});

test("two approvals of the same call on one terminal ask once, and each call anew", async () => {
  const someone = person();
  const { input, output } = someone;
  const again = { id: "same", ...call("one") };
  const proc = await programOf([{ toolCalls: [again] }, { toolCalls: [again] }, {}])
    .start()
    .addCallback(approval({ tools: "*", input, output }))
    .addCallback(approval({ tools: ["echo"], input, output }), { name: "second" });
  const run = proc.run("go");
  await someone.answers(/text: one/, "y");
  const second = await someone.question(2);
  expect(second).toContain("text: one");
  someone.types("n no");
  expect((await run).vetoes).toMatchObject([{ reason: "The user said no: no" }]);
  expect((await output.text()).match(/^\?/gm)).toHaveLength(2);
});

test("a callback of one's own can ask on the terminal of the live view, too", async () => {
  const someone = person({ columns: 100 });
  const { output } = someone;
  const proc = await programOf([{ toolCalls: [call("one")] }, { text: "done" }])
    .start()
    .addCallback(consoleLog({ stream: output, color: false }));
  const answered = Promise.withResolvers<void>();
  proc.on("tool_start", async (_toolName, _toolArgs, info) => {
    const release = await holdConsole(info, output);
    output.write("May I? ");
    await answered.promise;
    release();
    throw new Veto("no");
  });
  const run = proc.run("go");
  await someone.sees(/May I\?$/);
  const { bytes } = output;
  vi.advanceTimersByTime(10_000);
  expect(output.bytes).toBe(bytes);
  output.write("no\r\n");
  answered.resolve();
  await run;
  expect(await output.text()).toMatch(/May I\? no\n {2}⊘ echo {2}text="one" · denied by .*: no/);
});
