import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { RunResult } from "../../src/events/run-result.ts";
import type { Finish } from "./command.ts";
import { folder, llmproc } from "./command.ts";
import { inTerminal } from "./terminal.ts";

/** Runs the demo in a folder with these files. */
async function demo(finish: Finish, files: Readonly<Record<string, string>>, ...args: readonly string[]) {
  const { code, stdout, stderr } = await llmproc(["demo", ...args], { cwd: folder(files, finish), finish });
  expect(code).toBe(0);
  return { stdout, stderr };
}

const files = { "README.md": "Read me.", ".env": "SECRET=1" };

// Concurrent, since each takes ten seconds.
test.concurrent("it lists and reads its folder, calculates, forks, is denied a call, and says the cost", async (t) => {
  const { stdout, stderr } = await demo(t.onTestFinished, files);
  expect(stderr).toContain("Scripted model, prices for show");
  for (const line of [
    "stderr: I only read, and change nothing.",
    'tool list_dir directory_path="." done in ',
    'tool read_file file_path="README.md" done in ',
    'tool read_file file_path=".env" denied by no-secrets: Files with secrets stay closed.',
    '[demo.1] tool calculator expression="0.06 * 365" done in ',
    '[demo.2] tool calculator expression="17440 * 365" done in ',
    "[demo.1] text: $21.90 a year.",
    "[demo.2] text: 6,365,600 tokens a year.",
    "work    8 turns · 8 API calls · 7 tool calls · 2 children · 1 denied",
    "tokens  16,800 in · 640 out",
    "cost    $0.0600",
  ]) {
    expect(stderr).toContain(line);
  }
  for (const tool of ["list_dir", "read_file", "write_stderr", "calculator", "fork"]) {
    expect(stderr).toMatch(new RegExp(`^ {2}(tools|     ) +${tool} +\\d`, "m"));
  }
  // The two children were at work at the same time.
  expect(stderr.indexOf("[demo.2] turn 1")).toBeLessThan(stderr.indexOf("[demo.1] run ended"));
  expect(stdout).toContain("$21.90 and 6,365,600 tokens");
});

test.concurrent("where there is no README.md it reads another text file", async (t) => {
  const { stderr } = await demo(t.onTestFinished, { "data.bin": "\0", "notes.txt": "Some notes." });
  expect(stderr).toMatch(/tool read_file file_path="README\.md" done in .*, became file_path="notes\.txt"/);
});

test.concurrent("it runs in an empty folder, and its --json has the numbers of its answer", async (t) => {
  const { stdout, stderr } = await demo(t.onTestFinished, {}, "--json");
  const result = JSON.parse(stdout) as RunResult;
  expect(result).toMatchObject({
    exitCode: 0,
    error: null,
    stopReason: "end",
    usdCost: expect.closeTo(0.06, 9),
    totalTokens: 17_440,
    toolCalls: 7,
    apiCalls: 8,
    vetoes: [{ event: "tool_start", callback: "no-secrets", toolName: "read_file" }],
  });
  expect(result.processes.map(({ name }) => name)).toEqual(["demo", "demo", "demo"]);
  expect(result.lastMessage).toContain(`$${(result.usdCost * 365).toFixed(2)} and `);
  expect(result.lastMessage).toContain(`${(result.totalTokens * 365).toLocaleString("en-US")} tokens`);
  expect(stderr).toContain("answered by any-text");
});

test.concurrent("its program, copied elsewhere, runs as any other program, quietly if asked", async (t) => {
  const read = (name: string) => readFileSync(`examples/demo/${name}`, "utf8");
  const copy = { "copy.toml": read("demo.toml"), "guard.mjs": read("guard.mjs") };
  const { onTestFinished: finish } = t;
  const ended = await llmproc(["copy.toml", "--quiet"], { cwd: folder({ ...files, ...copy }, finish), finish });
  expect(ended).toMatchObject({ code: 0, stderr: "", stdout: expect.stringMatching(/^Such a look costs \$0\.06\./) });
});

test.concurrent("on a terminal of 80 × 24 one sees both children at work, and at the end no line is broken", async (t) => {
  const finish: Finish = t.onTestFinished;
  const terminal = await inTerminal(["demo"], { cwd: folder({ "README.md": "Read me." }, finish), finish });
  await terminal.shows(/├─ . demo\.1 {2}turn 1 .*\n.*\n.*└─ . demo\.2 {2}turn 1 /);
  expect(await terminal.exitCode()).toBe(0);
  const screen = await terminal.shows(/The program of this demo/);
  expect(screen).toMatch(/^ {4}├─ ✓ demo\.1 {2}done · 2 turns · 4\.8k tokens · \$0\.0153/m);
  expect(screen).toMatch(/^ {2}⊘ read_file {2}file_path="\.env" · denied by no-secrets: /m);
  expect(screen).toMatch(/^ {2}cost {4}\$0\.0600$/m);
  // Each line of the answer stands as it was written.
  expect(screen).toContain("\nSuch a look costs $0.06. Once a day, that is $21.90 and 6,365,600 tokens a year.\n");
});
