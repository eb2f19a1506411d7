import { expect, test } from "vitest";
import { folder, program } from "./command.ts";
import { foreignSequences, inTerminal } from "./terminal.ts";

test("on a terminal the run is drawn as it goes, then comes the answer", async () => {
  const cwd = folder({
    "sum.toml": `${program(
      'text = "Let me see.", tool_calls = [{ name = "calculator", args = { expression = "6 * 7" } }], delay_ms = 1500',
      'text = "It is\\n\\t42."',
    )}[tools]\nbuiltin = ["calculator"]\n`,
  });
  const terminal = await inTerminal(["sum.toml", "-p", "Well?"], { cwd });
  expect(await terminal.shows(/▶ sum {2}turn 1 · /)).toMatch(/^▶ sum {2}Well\?$/m);
  expect(await terminal.exitCode()).toBe(0);
  const screen = await terminal.shows(/42\./);
  expect(screen).toMatch(/^ {2}✓ calculator {2}expression="6 \* 7" .* m?s$/m);
  expect(screen).toMatch(/^✓ sum {2}done .*\n {2}work +2 turns · 2 API calls · 1 tool call$/m);
  expect(screen.trimEnd()).toMatch(/\n\nIt is\n 42\.$/);
  expect(screen).not.toMatch(/turn 1 · /);
});

test("--quiet draws nothing on a terminal", async () => {
  const terminal = await inTerminal(["hello.toml", "-p", "Hi", "-q"], {
    cwd: folder({ "hello.toml": program('text = "Hello."') }),
  });
  expect(await terminal.exitCode()).toBe(0);
  expect((await terminal.shows(/Hello/)).trim()).toBe("Hello.");
  expect(terminal.bytes()).not.toContain("\x1b");
});

test("Ctrl-C ends the run with what it has, and leaves the terminal as it was", async () => {
  const cwd = folder({ "slow.toml": program('text = "one two three four", delay_ms = 8000') });
  const terminal = await inTerminal(["slow.toml", "-p", "Count."], { cwd });
  await terminal.shows(/^ {2}\S one/m);
  await terminal.press("C-c");
  expect(await terminal.exitCode()).toBe(130);
  const screen = await terminal.shows(/^error: /m);
  expect(screen).toContain("✗ slow  aborted");
  expect(screen).toMatch(/\n\none[^\n]*\nerror: The run was ended by Ctrl-C\.\n/);
  expect(await terminal.modes()).toEqual({ cursor: "1", wrap: "1" });
});

test("nothing of what models, tools, callbacks and files say is obeyed by the terminal", async () => {
  const toml = "\\u001b[2J\\u001b]0;owned\\u0007\\u009b31m\\u202eevil\\u2066\\r\\u0008\\u0000\\U000e0041\\u2028";
  const raw = "\x1b[2J\x1b]0;owned\x07\u009b31m\u202eevil\u2066\r\b";
  const name = "evil\x1b[31m\u202e.toml";
  const call = `{ name = "write_stderr", args = { message = "stderr ${toml}" } }`;
  const unknown = `{ name = "no ${toml}", args = { "key ${toml}" = "value ${toml}" } }`;
  const script = `${program(
    `text = "first ${toml}", tool_calls = [${call}, ${unknown}, { name = "read_file", args = { file_path = "notes.txt" } }]`,
    `text = "answer ${toml}", delay_ms = 400`,
  )}[tools]\nbuiltin = ["write_stderr", "read_file"]\n`;
  const guard = [
    'import { Veto } from "llmproc";',
    `const raw = ${JSON.stringify(raw)};`,
    "export default {",
    "  callbackOptions: { name: 'guard ' + raw },",
    "  tool_start(name) { if (name === 'read_file') throw new Veto('denied ' + raw); },",
    "  response() { throw new Error('fault ' + raw); },",
    "};",
  ].join("\n");
  const cwd = folder({ [name]: script, "guard.mjs": guard, "notes.txt": raw });
  const terminal = await inTerminal([name, "-p", `Hi ${raw}`, "--callback", "guard.mjs"], { cwd });
  expect(await terminal.exitCode()).toBe(0);
  const screen = await terminal.shows(/^answer ␛\[2J/m);
  for (const said of ["stderr ␛[2J", "fault ␛[2J", "denied by guard ␛[2J", "no ␛", "evil␛[31m"]) {
    expect(screen).toContain(said);
  }
  expect(foreignSequences(terminal.bytes())).toEqual([]);
});

test("nor of errors about files with hostile names and contents", async () => {
  const name = "evil\x1b[31m\u202e.toml";
  const cwd = folder({ [name]: '[model]\nprovider = "scr\u009b31m"\n"k\u202ey" = 1\n' });
  const terminal = await inTerminal([name, "-p", "Hi"], { cwd });
  expect(await terminal.exitCode()).toBe(1);
  expect(await terminal.shows(/^error: /m)).toContain("error: evil␛[31m�.toml:");
  expect(foreignSequences(terminal.bytes())).toEqual([]);
  const unknown = await inTerminal(["hello.toml", "--\x1b[31mred\u202e"], { cwd });
  expect(await unknown.exitCode()).toBe(2);
  expect(await unknown.shows(/^error: /m)).toContain("unknown option '--␛[31mred�'");
  expect(foreignSequences(unknown.bytes())).toEqual([]);
});
