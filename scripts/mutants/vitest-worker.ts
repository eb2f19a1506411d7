// Runs tests of the folder that it is started in, as often as it is asked to: what no mutant changes is transformed once.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { inspect } from "node:util";
import type { TestSpecification } from "vitest/node";
import { createVitest } from "vitest/node";
import type { TestOutcome, TestRequest } from "./test-runner.ts";

/** What starts commands or scripts, and so needs the bundle that the tests build (test/support/bundle.ts). */
const NEEDS_BUNDLE = /inject\("bundle"\)|\/(bundled|command|run-example|measured|terminal)\.ts"/;

/** No test takes so long unless it hangs. */
const TEST_MS = 9000;

const vitest = await createVitest("test", {
  run: true,
  watch: false,
  bail: 1,
  reporters: [{}],
  testTimeout: TEST_MS,
});
await vitest.standalone();
let isStale = false;

process.on("message", (request: TestRequest) => {
  const answer = (outcome: TestOutcome) => void process.send?.(outcome);
  run(request).then(answer, (error: unknown) => answer({ end: "none", why: inspect(error) }));
});
process.send?.("ready");

async function run({ tests, changed }: TestRequest): Promise<TestOutcome> {
  for (const path of changed) vitest.invalidateFile(resolve(path));
  // What failed before would count as the first failure of this run, too.
  vitest.state.filesMap.clear();
  vitest.state.idMap.clear();
  vitest.state.clearErrors();
  const specifications = await vitest.globTestSpecifications([...tests]);
  const needsBundle = specifications.some(needs);
  const builds = needsBundle || isStale;
  isStale = needsBundle;
  // A rerun is what builds the bundle again.
  const { testModules, unhandledErrors } = builds
    ? await vitest.rerunTestSpecifications(specifications)
    : await vitest.runTestSpecifications(specifications);
  const failed = testModules.flatMap((module) => [...module.children.allTests("failed")]);
  const errors = [...testModules.flatMap((module) => module.errors()), ...unhandledErrors];
  const why = failed[0]?.fullName ?? messageOf(errors[0]) ?? "no test failed";
  // A module that was left early is neither passed nor failed.
  const passed = testModules.every((module) => module.state() === "passed") && errors.length === 0;
  if (testModules.length === 0) return { end: "none", why: "there are no such tests" };
  return { end: passed ? "passed" : "failed", why };
}

function needs({ moduleId }: TestSpecification): boolean {
  return NEEDS_BUNDLE.test(readFileSync(moduleId, "utf8"));
}

function messageOf(error: unknown): string | undefined {
  return error === undefined ? undefined : inspect(error).split("\n", 1)[0];
}
