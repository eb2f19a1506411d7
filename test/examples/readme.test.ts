import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readmeExamples } from "../../scripts/pack-check/readme.ts";
import { llmproc } from "../cli/command.ts";
import { fencedBlocks } from "../house/fenced-blocks.ts";
import { readSources } from "../house/project-files.ts";
import { runExample } from "./run-example.ts";

const folder = mkdtempSync(join(tmpdir(), "llmproc-readme-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const { typescript, output, program, answer } = readmeExamples();

test("the README's first example prints what the README says", async () => {
  const { stdout, stderr, exitCode } = await runExample(write("first.mts", typescript));
  expect(stdout).toBe(output);
  expect(stderr).not.toMatch(/LLMProcWarning|Error/);
  expect(exitCode).toBe(0);
});

test("the README's first program file runs from the command line, and only its answer is on stdout", async () => {
  const { stdout, code } = await llmproc([write("hello.toml", program)]);
  expect(stdout.trimEnd()).toBe(answer);
  expect(code).toBe(0);
});

test("the README's callback module denies what it says, given with --callback", async () => {
  const [readme = ""] = readSources(["README.md"]).values();
  const module = fencedBlocks("README.md", readme).find(({ words }) => words.includes("file=monitor.mts"));
  const monitor = write("monitor.mts", module?.code ?? "");
  const reading = write(
    "reading.toml",
    `[model]
provider = "scripted"
replies = [
  { tool_calls = [{ name = "read_file", args = { file_path = "reading.toml" } }] },
  { text = "I could not." },
]
[tools]
builtin = ["read_file"]
root = "."
`,
  );
  const args = [reading, "-p", "Read.", "--callback", monitor];
  const { stdout, stderr } = await llmproc(args);
  expect(stdout).toContain("I could not.");
  expect(stderr).toMatch(/read_file.*denied/);
});
