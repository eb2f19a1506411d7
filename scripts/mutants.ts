// Applies each patch of test/mutants to a copy of the tree and runs its tests there: each must fail.
//
//   npm run mutants -- [--patches test/mutants] [--jobs 4] [--limit-ms 40000] [--passing] [part of a patch's name …]
//
// `--passing` says that the tests pass on the tree as it is: that is not tried first then.
// The first line of a patch may name its tests: `# tests: test/dispatch test/process`. Without it, all run.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { copyTree } from "./mutants/copy-tree.ts";
import type { Mutant } from "./mutants/mutant.ts";
import { readMutant } from "./mutants/mutant.ts";
import { TestRunner } from "./mutants/test-runner.ts";
import { tryMutant } from "./mutants/try-mutant.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    patches: { type: "string", default: "test/mutants" },
    jobs: { type: "string", default: "4" },
    "limit-ms": { type: "string", default: "40000" },
    passing: { type: "boolean", default: false },
  },
});
const limitMs = Number(values["limit-ms"]);
const mutants = readMutants(resolve(values.patches), positionals);
const scratch = mkdtempSync(join(tmpdir(), "llmproc-mutants-"));
try {
  process.exitCode = (await tryAll(mutants, Number(values.jobs))) ? 0 : 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function readMutants(folder: string, parts: readonly string[]): Mutant[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(".patch"));
  const chosen = names.filter((name) => parts.length === 0 || parts.some((part) => name.includes(part)));
  if (chosen.length === 0) throw new Error(`There is no patch to try in ${folder}.`);
  return chosen.sort().map((name) => readMutant(name, readFileSync(join(folder, name), "utf8")));
}

async function tryAll(all: readonly Mutant[], jobs: number): Promise<boolean> {
  if (!values.passing && !(await passesUnchanged(all))) return false;
  const waiting = [...all];
  const survivors: Mutant[] = [];
  const tryWaiting = async (number: number) => survivors.push(...(await tryEach(waiting, `tree-${number}`)));
  await Promise.all(Array.from({ length: Math.min(jobs, all.length) }, (_, number) => tryWaiting(number)));
  // Some are noticed by what comes first, which is another thing on a busy machine: those are tried once more, alone.
  const failed = survivors.length === 0 ? 0 : (await tryEach([...survivors], "alone")).length;
  console.log(`${all.length - failed} passed, ${failed} failed`);
  return failed === 0;
}

/** Takes from the list until it is empty, and returns those that no test noticed. */
async function tryEach(waiting: Mutant[], folder: string): Promise<readonly Mutant[]> {
  const tree = join(scratch, folder);
  copyTree(".", tree);
  const runner = new TestRunner(tree);
  const survivors: Mutant[] = [];
  for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
    const startMs = performance.now();
    const { isKilled, verdict } = await tryMutant(mutant, tree, runner, limitMs);
    if (!isKilled) survivors.push(mutant);
    console.log(`${mutant.name}  ${verdict} (${((performance.now() - startMs) / 1000).toFixed(1)} s)`);
  }
  runner.close();
  return survivors;
}

/** Tests that fail by themselves would kill every mutant: each selection must pass on the unchanged copy. */
async function passesUnchanged(all: readonly Mutant[]): Promise<boolean> {
  const tree = join(scratch, "clean");
  copyTree(".", tree);
  const selections = new Map(all.map(({ tests }) => [tests.join(" "), tests]));
  const runner = new TestRunner(tree);
  for (const [name, tests] of selections) {
    const outcome = await runner.run({ tests, changed: [] }, limitMs * 3);
    if (outcome.end === "passed") continue;
    runner.close();
    console.log(`The tests (${name || "all"}) fail without any mutant: ${outcome.why}`);
    console.log(`0 passed, ${all.length} failed`);
    return false;
  }
  runner.close();
  return true;
}
