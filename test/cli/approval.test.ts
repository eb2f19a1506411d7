import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { expect, inject, test } from "vitest";
import { folder, llmproc, program } from "./command.ts";
import { foreignSequences, inTerminal } from "./terminal.ts";

const note = (message: string) => `{ name = "write_stderr", args = { message = "${message}" } }`;
const TOOLS = '[tools]\nbuiltin = ["write_stderr", "fork", "calculator"]\n';

/** A program that asks for these calls in one reply, and for approval of its notes. */
function asking(...calls: readonly string[]): string {
  return `${program(`tool_calls = [${calls.join(", ")}]`, 'text = "Well."')}${TOOLS}[callbacks]\napproval = ["write_stderr"]\n`;
}

test("what the program wants approved is asked, and the answers hold", async () => {
  const cwd = folder({ "notes.toml": asking(note("one"), note("two"), note("three"), note("four")) });
  const terminal = await inTerminal(["notes.toml", "-p", "Go"], { cwd, columns: 100 });
  await terminal.shows(/message: one\n[\s\S]*Run it\? >$/m);
  await terminal.types("y");
  await terminal.shows(/message: two\n[\s\S]*Run it\? >$/m);
  await terminal.types("n");
  await terminal.shows(/Why not\?.*>$/m);
  await terminal.types("too many");
  await terminal.shows(/message: three\n[\s\S]*Run it\? >$/m);
  await terminal.types("a");
  expect(await terminal.exitCode()).toBe(0);
  const screen = await terminal.shows(/\nWell\.\n/);
  expect(screen).toMatch(/✓ write_stderr {2}message="one"/);
  expect(screen).toMatch(/⊘ write_stderr {2}message="two" · denied by approval: The user said no: too many/);
  expect(screen).toMatch(/✓ write_stderr {2}message="three"/);
  expect(screen).toMatch(/✓ write_stderr {2}message="four"/);
  expect(screen.match(/^\? write_stderr/gm)).toHaveLength(3);
  expect(await terminal.modes()).toEqual({ cursor: "1", wrap: "1" });
  expect(foreignSequences(terminal.bytes())).toEqual([]);
});

test("children that ask at the same time are asked one after the other, below a view that stands still", async () => {
  const children = ["a", "b", "c"].map((name) => `{ tool_calls = [${note(name)}] }`);
  const done = ["a", "b", "c"].map(() => '{ text = "done" }');
  const script = `${program('tool_calls = [{ name = "fork", args = { prompts = ["1", "2", "3"] } }]', 'text = "Well."')}child_replies = [${[...children, ...done].join(", ")}]\n${TOOLS}`;
  const cwd = folder({ "forks.toml": script });
  const terminal = await inTerminal(["forks.toml", "-p", "Go", "--approve", "write_stderr"], { cwd });
  for (const [count, answer] of ["y", "n no", "y"].entries()) {
    await terminal.shows(new RegExp(`(?:\\? write_stderr[\\s\\S]*){${count + 1}}Run it\\? >\\s*$`));
    await terminal.types(answer);
  }
  expect(await terminal.exitCode()).toBe(0);
  const screen = await terminal.shows(/\nWell\.\n/);
  expect(
    [...screen.matchAll(/^\? write_stderr {2}for forks\.(\d) · depth 1/gm)]
      .map(([, id]) => id)
      .toSorted((a = "", b = "") => a.localeCompare(b)),
  ).toEqual(["1", "2", "3"]);
  expect(screen.match(/✓ write_stderr/g)).toHaveLength(2);
  expect(screen.match(/⊘ write_stderr/g)).toHaveLength(1);
  // Nothing was drawn into a question, and no question into the view.
  expect(screen.match(/Run it\? > (y|n no)$/gm)).toHaveLength(3);
  expect(screen).not.toMatch(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/);
});

test("Ctrl-C at a question ends the run, Ctrl-D refuses this one call", async () => {
  const cwd = folder({ "notes.toml": asking(note("one"), note("two")) });
  const left = await inTerminal(["notes.toml", "-p", "Go"], { cwd });
  await left.shows(/message: one\n[\s\S]*Run it\? >$/m);
  await left.press("C-d");
  await left.shows(/\(nobody there: refused\)[\s\S]*message: two\n[\s\S]*Run it\? >$/m);
  await left.press("C-c");
  expect(await left.exitCode()).toBe(130);
  const screen = await left.shows(/^error: The run was ended by Ctrl-C\.$/m);
  expect(screen).toContain("(withdrawn: the run was ended)");
  expect(await left.modes()).toEqual({ cursor: "1", wrap: "1" });
});

test("with a prompt from a pipe and stderr in a file, it asks on the terminal all the same", async () => {
  const cwd = folder({ "notes.toml": asking(note("one"), note("two")), "prompt.txt": "from a file" });
  const terminal = await inTerminal(["notes.toml"], { cwd, redirect: "< prompt.txt 2> log.txt" });
  await terminal.shows(/message: one\n[\s\S]*Run it\? >$/m);
  await terminal.types("y");
  await terminal.shows(/message: two\n[\s\S]*Run it\? >$/m);
  await terminal.types("n no");
  expect(await terminal.exitCode()).toBe(0);
  await terminal.shows(/^Well\.$/m);
  expect(readFileSync(join(cwd, "log.txt"), "utf8")).toMatch(/run: from a file\n[\s\S]*two.* denied by approval/);
});

test("a program that uses the library ends by itself after its questions", async () => {
  const cwd = folder();
  writeFileSync(
    join(cwd, "own.mjs"),
    `import { approval, LLMProgram } from "llmproc";
import { scripted } from "llmproc/testing";
const calls = ["one", "two"].map((message) => ({ name: "write_stderr", args: { message } }));
const program = new LLMProgram({ model: scripted([{ toolCalls: calls }, { text: "Well." }]), tools: ["write_stderr"] });
const before = [process.stdin.listenerCount("data"), process.stdin.listenerCount("end"), process.stdin.listenerCount("error")];
const proc = await program.start().addCallback(approval({ tools: "*" }));
const { vetoes, lastMessage } = await proc.run("Go");
const after = [process.stdin.listenerCount("data"), process.stdin.listenerCount("end"), process.stdin.listenerCount("error")];
console.log(lastMessage, vetoes.length, String(before) === String(after), process.stdin.isRaw, process.getActiveResourcesInfo().filter((name) => /TTY|Timeout|Immediate/.test(name)).length);
`,
  );
  const command = [process.execPath, "--import", join(inject("bundle"), "register.mjs")];
  const terminal = await inTerminal(["own.mjs"], { cwd, command });
  await terminal.shows(/message: one\n[\s\S]*Run it\? >$/m);
  await terminal.types("y");
  await terminal.shows(/message: two\n[\s\S]*Run it\? >$/m);
  await terminal.types("n no");
  expect(await terminal.exitCode()).toBe(0);
  expect(await terminal.shows(/Well\./)).toMatch(/^Well\. 1 true false \d$/m);
});

test("without a terminal it says at once what will be refused, and how to allow it", async () => {
  const cwd = folder({ "notes.toml": asking(note("one")) });
  const { code, stdout, stderr } = await llmproc(["notes.toml", "-p", "Go", "-q"], { cwd, detached: true });
  expect([code, stdout]).toEqual([0, "Well.\n"]);
  expect(stderr).toBe(
    "warning: Calls of write_stderr need your approval, and there is no terminal to ask on: they will be refused. " +
      "To let them run: --allow write_stderr.\n",
  );
});

test("what a linked program wants approved holds where another program spawns it", async () => {
  const main = `${program('tool_calls = [{ name = "spawn", args = { prompt = "go", program_name = "notes" } }]', 'text = "Well."')}[tools]\nbuiltin = ["spawn"]\n[linked_programs]\nnotes = "notes.toml"\n`;
  const cwd = folder({ "main.toml": main, "notes.toml": asking(note("one")) });
  const { stdout, stderr } = await llmproc(["main.toml", "-p", "Go", "-q", "--json"], { cwd, detached: true });
  expect(JSON.parse(stdout).vetoes).toMatchObject([{ callback: "approval", toolName: "write_stderr" }]);
  expect(stderr).toContain("approval: write_stderr was refused: it needs a person's approval");
});

test.for<[args: string[], vetoes: number, warning: RegExp]>([
  [[], 1, /Calls of write_stderr need .* To let them run: --allow write_stderr\./],
  [["--allow", "write_stderr"], 0, /^$/],
  [["--allow", "*"], 0, /^$/],
  [
    ["--approve", "calculator"],
    2,
    /Calls of write_stderr, calculator need .* --allow write_stderr --allow calculator\./,
  ],
  [["--approve", "*"], 2, /Every call needs your approval.*--allow '\*'\./],
  [["--approve", "*", "--allow", "calculator"], 1, /Every call needs/],
  [["--approve", "calculator", "--allow", "write_stderr"], 1, /Calls of calculator need/],
])("without a terminal, %j refuses %i calls", async ([args, vetoes, warning]) => {
  const cwd = folder({ "notes.toml": asking(note("one"), '{ name = "calculator", args = { expression = "1" } }') });
  const ended = await llmproc(["notes.toml", "-p", "Go", "-q", "--json", ...args], { cwd, detached: true });
  expect(JSON.parse(ended.stdout).vetoes).toHaveLength(vetoes);
  expect(ended.stderr).toMatch(warning);
});

test.for<[args: string[], says: string]>([
  [
    ["--approve", "write_stder"],
    'error: --approve found "write_stder", which is no tool of this program. Did you mean "write_stderr"?',
  ],
  [
    ["--allow", "nothing"],
    'error: --allow found "nothing", which is no tool of this program. It has write_stderr, fork, calculator.',
  ],
  [["--approve", "fork", "--allow", "*"], "error: --approve fork asks for what --allow lets through. Take one."],
])("%j is wrong usage", async ([args, says]) => {
  const cwd = folder({ "notes.toml": asking(note("one")) });
  const { code, stderr } = await llmproc(["notes.toml", "-p", "Go", "-q", ...args], { cwd, detached: true });
  expect(code).toBe(2);
  expect(stderr).toContain(says);
});
