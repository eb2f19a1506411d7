import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folder, program } from "./command.ts";
import type { Terminal } from "./terminal.ts";
import { inTerminal } from "./terminal.ts";

const time = { timeout: 40_000 };
const note = (message: string) => `{ name = "write_stderr", args = { message = "${message}" } }`;

/** A program whose earlier tool takes a while: a child that thinks. Then it asks for these calls. */
function slowThenAsking(...calls: readonly string[]): string {
  const fork = '{ name = "fork", args = { prompts = ["think"] } }';
  return `${program(`tool_calls = [${fork}]`, `tool_calls = [${calls.join(", ")}]`, 'text = "Well."')}child_replies = [{ text = "thought", delay_ms = 1000 }]
[tools]\nbuiltin = ["write_stderr", "fork"]\n[callbacks]\napproval = ["write_stderr"]\n`;
}

const QUESTION = /\? write_stderr[\s\S]*Run it\? >\s*$/;

/** Runs such a program, and does something while its first tool is under way. */
async function typedEarly(type: (terminal: Terminal) => Promise<void>): Promise<Terminal> {
  const cwd = folder({ "slow.toml": slowThenAsking(note("one")) });
  const terminal = await inTerminal(["slow.toml", "-p", "Go"], { cwd, columns: 120 });
  await terminal.shows(/turn 1/);
  await type(terminal);
  return terminal;
}

test.for<[what: string, type: (terminal: Terminal) => Promise<void>]>([
  [
    "lines, one after the other and from the clipboard, and half a line",
    async (terminal) => {
      for (let count = 0; count < 3; count++) await terminal.types("y");
      await terminal.pastes(`${"y\n".repeat(12)}yes`);
    },
  ],
  ["Ctrl-D", (terminal) => terminal.press("C-d")],
])("%s, typed while an earlier tool runs, answer no question", time, async ([, type]) => {
  const terminal = await typedEarly(type);
  expect(await terminal.shows(QUESTION)).toContain("(What was typed before this stood here is no answer.)");
  await terminal.types("");
  await terminal.shows(/Not clear[\s\S]*Run it\? >\s*$/);
  await terminal.types("n");
  await terminal.shows(/Why not\?.*>\s*$/);
  await terminal.types("not now");
  expect(await terminal.exitCode()).toBe(0);
  expect(await terminal.screen()).toMatch(/⊘ write_stderr .* denied by approval: The user said no: not now/);
  expect(await terminal.isAsBefore()).toBe(true);
});

test("nor where prompt and log are files, and the question stands on the terminal of the process", time, async () => {
  const cwd = folder({ "slow.toml": slowThenAsking(note("one")), "prompt.txt": "from a file" });
  const terminal = await inTerminal(["slow.toml"], { cwd, redirect: "< prompt.txt 2> log.txt" });
  await expect.poll(() => readFileSync(join(cwd, "log.txt"), "utf8"), { timeout: 20_000 }).toContain("turn 1");
  await terminal.pastes("y\ny\ny");
  await terminal.shows(/no answer\.\)\n {2}Run it\? >\s*$/);
  await terminal.types("n no");
  expect(await terminal.exitCode()).toBe(0);
  expect(readFileSync(join(cwd, "log.txt"), "utf8")).toMatch(/one.* denied by approval: The user said no: no/);
  expect(await terminal.isAsBefore()).toBe(true);
});

test("an answer that is typed twice does not answer the next question", time, async () => {
  const cwd = folder({ "slow.toml": slowThenAsking(note("one"), note("two"), note("three")) });
  const terminal = await inTerminal(["slow.toml", "-p", "Go"], { cwd, columns: 120 });
  await terminal.shows(/message: one\n[\s\S]*Run it\? >\s*$/);
  await terminal.pastes("y\ny\n");
  await terminal.shows(/message: two\n[\s\S]*Run it\? >\s*$/);
  // A person's keys, a tenth of a second apart.
  for (const key of ["y", "Enter", "y", "Enter"]) {
    await terminal.press(key);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await terminal.shows(/message: three\n[\s\S]*Run it\? >\s*$/);
  await terminal.types("n never");
  expect(await terminal.exitCode()).toBe(0);
  expect(await terminal.screen()).toMatch(/⊘ write_stderr .* denied by approval: The user said no: never/);
});

test.for([
  ["SIGTERM", "process.kill(process.pid, 'SIGTERM')", 143],
  ["a throw that nobody catches", "setTimeout(() => { throw new Error('a defect'); })", 1],
  ["process.exit", "process.exit(7)", 7],
] as const)("%s just before a question stands leaves the terminal as it was", time, async ([, end, code]) => {
  const cwd = folder({
    "notes.toml": `${program(`tool_calls = [${note("one")}]`, 'text = "Well."')}[tools]\nbuiltin = ["write_stderr"]\n`,
    "end.mjs": `export default {
  tool_start() {
    const timer = setInterval(() => {
      if (!process.stdin.isRaw) return;
      clearInterval(timer);
      ${end};
    }, 1);
  },
};`,
  });
  const args = ["notes.toml", "-p", "Go", "--approve", "write_stderr", "--callback", "end.mjs"];
  const terminal = await inTerminal(args, { cwd });
  expect(await terminal.exitCode()).toBe(code);
  expect(await terminal.isAsBefore()).toBe(true);
  expect(await terminal.modes()).toEqual({ cursor: "1", wrap: "1" });
});

test("Ctrl-C just before a question stands ends the run, as it does at any time", time, async () => {
  const cwd = folder({ "slow.toml": slowThenAsking(note("one")) });
  const terminal = await inTerminal(["slow.toml", "-p", "Go"], { cwd });
  await terminal.shows(/turn 1/);
  await terminal.types("y");
  await terminal.shows(/\? write_stderr/);
  await terminal.press("C-c");
  expect(await terminal.exitCode()).toBe(130);
  expect(await terminal.screen()).toContain("(withdrawn: the run was ended)");
  expect(await terminal.isAsBefore()).toBe(true);
});
