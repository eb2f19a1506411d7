import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { sampleOf } from "../support/sample.ts";
import { folder, llmproc, program } from "./command.ts";

const hello = program('text = "Hello."');

test.for(["--version", "-V"])("%s prints the version of the package", async (option) => {
  const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
  expect(await llmproc([option])).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
});

test("without arguments it says the three commands to begin with", async () => {
  const { code, stdout, stderr } = await llmproc([]);
  expect([code, stderr]).toEqual([0, ""]);
  const commands = stdout.split("\n").filter((line) => line.startsWith("  llmproc "));
  expect(commands.map((line) => line.trim().split(/ {2,}/)[0])).toEqual([
    "llmproc demo",
    'llmproc program.toml -p "Hello."',
    "llmproc --help",
  ]);
});

test("--help fits a screen of 80 × 24, and names every command", async () => {
  const { code, stdout, stderr } = await llmproc(["--help"]);
  expect([code, stderr]).toEqual([0, ""]);
  const lines = stdout.trimEnd().split("\n");
  expect(lines.length).toBeLessThanOrEqual(24);
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
  expect(stdout).toMatch(/^ {2}run /m);
  expect(stdout).toMatch(/^ {2}demo /m);
  expect(stdout).not.toContain("\x1b");
});

test("the help of run names every option", async () => {
  const { code, stdout } = await llmproc(["run", "--help"]);
  expect(code).toBe(0);
  const options = [...stdout.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, option]) => option);
  expect(options).toEqual([
    "--prompt",
    "--prompt-file",
    "--append",
    "--callback",
    "--approve",
    "--allow",
    "--max-turns",
    "--cost-limit",
    "--token-limit",
    "--time-limit",
    "--json",
    "--quiet",
    "--help",
  ]);
});

const NO_PROMPT =
  'There is no prompt. Give one with -p "…", -f file or on stdin, or as `user` in the [prompt] section of the program.';

const WRONG: readonly [args: string[], line: string, hint: string][] = [
  [["rum", "hello.toml"], 'There is no command "rum". Did you mean "run"?', "Try: llmproc --help"],
  [["dmeo"], 'There is no command "dmeo". Did you mean "demo"?', "Try: llmproc --help"],
  [
    ["fetch"],
    'There is no command "fetch". There are run and demo; a program is named by its file.',
    "Try: llmproc --help",
  ],
  [["hello.toml", "--promt", "Hi"], "unknown option '--promt'", "(Did you mean --prompt?)"],
  [["demo", "--jsn"], "unknown option '--jsn'", "(Did you mean --json?)"],
  [["--verison"], "unknown option '--verison'", ""],
  [["run"], "missing required argument 'program'", "Try: llmproc run --help"],
  [
    ["hello.toml", "Hi", "there"],
    "too many arguments for 'run'. Expected 1 argument but got 3: hello.toml, Hi, there.",
    "",
  ],
  [["hello.toml", "-p"], "option '-p, --prompt <text>' argument missing", "Try: llmproc run --help"],
  [["hello.toml"], NO_PROMPT, "Try: llmproc --help"],
  [["hello.toml", "-p", ""], "The prompt of -p is empty.", "Try: llmproc --help"],
  [["hello.toml", "-p", " \n"], "The prompt of -p is empty.", "Try: llmproc --help"],
  [["hello.toml", "-f", "empty.txt"], "The prompt in empty.txt is empty.", "Try: llmproc --help"],
  [["hello.toml", "-f", "-"], "The prompt on stdin is empty.", "Try: llmproc --help"],
  [["hello.toml", "-f", "none.txt"], "The prompt file none.txt cannot be used: There is no such file.", ""],
  [["hello.toml", "-p", "a", "-f", "empty.txt"], "-p and -f both give a prompt. Take one of them.", ""],
  [
    ["hello.toml", "-p", "Hi", "--max-turns", "0"],
    "option '--max-turns <n>' argument '0' is invalid. It is a whole number, at least 1.",
    "",
  ],
  [
    ["hello.toml", "-p", "Hi", "--cost-limit", "0"],
    "option '--cost-limit <usd>' argument '0' is invalid. It is a number above 0, such as 0.5.",
    "",
  ],
  [
    ["hello.toml", "-p", "Hi", "--max-turns", "many"],
    "option '--max-turns <n>' argument 'many' is invalid. It is a whole number, at least 1.",
    "",
  ],
];

test.for(sampleOf(WRONG, 6))(
  "llmproc %j is wrong usage: one line says why, exit code 2",
  async ([args, line, hint]) => {
    const cwd = folder({ "hello.toml": hello, "empty.txt": "\n" });
    const { code, stdout, stderr } = await llmproc(args, { cwd });
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr.split("\n")[0]).toBe(`error: ${line}`);
    expect(stderr).toContain(hint);
  },
);

test("a pipe with nothing in it is no prompt", async () => {
  const cwd = folder({ "hello.toml": hello });
  expect(await llmproc(["hello.toml"], { cwd, stdin: "\n" })).toMatchObject({ code: 2, stdout: "" });
});

test.for<[what: string, args: string[], lines: string[]]>([
  ["a missing program", ["none.toml", "-p", "Hi"], ["none.toml: There is no such file."]],
  [
    "a folder",
    ["folder.toml/..", "-p", "Hi"],
    ["folder.toml/..: The file has no ending, expected .toml, .yaml or .yml."],
  ],
  [
    "another kind of file",
    ["notes.txt", "-p", "Hi"],
    ["notes.txt: The file has the ending .txt, expected .toml, .yaml or .yml."],
  ],
  ["broken TOML", ["broken.toml", "-p", "Hi"], [expect.stringMatching(/^broken\.toml:2:\d+: /)]],
  [
    "wrong keys",
    ["wrong.toml", "-p", "Hi"],
    [
      'wrong.toml:3:1: [model] repeet is not a known key. Did you mean "repeat"?',
      "wrong.toml:5:2: [promt] is not a known section. Did you mean [prompt]?",
    ],
  ],
  [
    "a missing callback file",
    ["hello.toml", "-p", "Hi", "--callback", "none.ts"],
    [expect.stringMatching(/none\.ts: There is no such file\.$/)],
  ],
  [
    "a callback that could never hear anything",
    ["hello.toml", "-p", "Hi", "--callback", "deaf.mjs"],
    [expect.stringContaining("has a method tool_strat, which is no event: did you mean tool_start?")],
  ],
])("%s ends with its place and exit code 1, without a trace", async ([, args, lines]) => {
  const cwd = folder({
    "hello.toml": hello,
    "notes.txt": "",
    "broken.toml": "[model]\nprovider = \n",
    "wrong.toml": '[model]\nprovider = "scripted"\nrepeet = true\nreplies = [{ text = "Hi" }]\n[promt]\nuser = "Hi"\n',
    "deaf.mjs": "export default { tool_strat() {} };",
  });
  const { code, stdout, stderr } = await llmproc(args, { cwd });
  expect([code, stdout]).toEqual([1, ""]);
  const shown = stderr
    .trimEnd()
    .split("\n")
    .map((line) => line.replace(/^(error: | {7})/, ""));
  expect(shown).toEqual(lines);
  expect(stderr.startsWith("error: ")).toBe(true);
});

test("without a key for the model, one line says which variable to set", async () => {
  const cwd = folder({ "claude.toml": '[model]\nprovider = "anthropic"\nname = "claude-sonnet-5-5"\n' });
  const { code, stdout, stderr } = await llmproc(["claude.toml", "-p", "Hi", "-q"], { cwd });
  expect([code, stdout]).toEqual([5, ""]);
  expect(stderr).toMatch(/^error: There is no API key [^\n]*ANTHROPIC_API_KEY[^\n]*\n$/);
});
