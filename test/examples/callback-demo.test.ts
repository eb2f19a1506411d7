import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { runExample } from "./run-example.ts";

const DEMO = "examples/spec/12-callback-demo.ts";
const folder = mkdtempSync(join(tmpdir(), "llmproc-demo-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** It prints the prompt that it was given, by a callback of its own. */
const program = join(folder, "own.toml");
writeFileSync(
  program,
  `[model]
provider = "scripted"
replies = [{ text = "Done, as you can see in the many words of this reply of the model." }]

[callbacks]
modules = ["./show-prompt.mjs"]
`,
);
writeFileSync(
  join(folder, "show-prompt.mjs"),
  `export default { run_start: (process, prompt) => console.log("prompt: " + prompt) };`,
);

test("the demonstration runs the program that it is given, with the prompt of its arguments", async () => {
  const { stdout, stderr, exitCode } = await runExample(DEMO, [program, "count", "to", "ten"]);
  expect(stdout).toMatch(/^Using configuration: own.toml\nprompt: count to ten\n\nRun completed in \d+\.\d\ds\n/);
  expect(stderr).toContain("Response: Done, as you can see in the many words of this rep...\n");
  expect(stdout).not.toContain("Tool statistics");
  expect(exitCode).toBe(0);
});

test("without a prompt, the demonstration reads it from a pipe", async () => {
  const { stdout } = await runExample(DEMO, [program], "from the pipe");
  expect(stdout).toContain("prompt: from the pipe\n");
});

test("the demonstration tells of each tool call, and ends with a table", async () => {
  const { stdout, stderr } = await runExample(DEMO, [], "Go.");
  expect(stderr.match(/Tool started: calculator\n/g)).toHaveLength(2);
  expect(stderr.match(/Tool completed: calculator \(\d+\.\d\ds\)\n/g)).toHaveLength(2);
  expect(stdout).toMatch(/ {2}calculator: 2 calls, \d+\.\d\ds avg\n/);
  expect(stdout).toMatch(/ {2}list_dir: 1 calls, \d+\.\d\ds avg\n/);
});

test("the demonstration says what is wrong with a program, and exits with 1", async () => {
  const { stdout, exitCode } = await runExample(DEMO, [join(folder, "missing.toml")]);
  expect(stdout).toContain("Error: ");
  expect(stdout).toContain("missing.toml");
  expect(exitCode).toBe(1);
});
