import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { projectFiles } from "../house/project-files.ts";
import { asPattern, runExample, writtenOutput } from "./run-example.ts";

/** Loaded by another example, not run. */
const MODULES = ["examples/recipes/keep-secrets.ts"];

const examples = [...projectFiles("examples/spec"), ...projectFiles("examples/recipes")].filter(
  (path) => !MODULES.includes(path),
);

/** What the specification's document shows, in its order. */
const SPECIFIED = [
  "01-registering",
  "02-function-callback",
  "03-class-callback",
  "04-async-and-mixed",
  "05-every-event",
  "06-cost-monitor",
  "07-async-cost-monitor",
  "08-old-and-new-turn-start",
  "09-timing",
  "10-api-logger",
  "11-inheritance",
  "12-callback-demo",
];

test("every snippet of the specification has its example", () => {
  expect(SPECIFIED.filter((name) => !existsSync(`examples/spec/${name}.ts`))).toEqual([]);
  expect(examples.length).toBeGreaterThan(SPECIFIED.length);
});

test.concurrent.each(examples)("%s prints what it says", async (path) => {
  const { exitCode, stdout, stderr } = await runExample(path);
  expect(stdout).toMatch(asPattern(writtenOutput(path)));
  expect(stderr).not.toMatch(/LLMProcWarning|UnhandledPromise/);
  expect(exitCode).toBe(0);
});

test("the comparison of outputs tells them apart", () => {
  expect("a (1)\nb\n").toMatch(asPattern("a (…)\nb\n"));
  for (const other of ["a (1)\n", "a (1)\nb\nc\n", "a ()\nb\n", "a (1)\nB\n"]) {
    expect(other).not.toMatch(asPattern("a (…)\nb\n"));
  }
});
