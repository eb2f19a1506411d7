// Applies each patch of test/mutants to a copy of the tree and runs its tests there: each must fail.
//
//   npm run mutants -- [--patches test/mutants] [--jobs 2] [--limit-ms 60000] [--passing] [part of a patch's name …]
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
import { runTests } from "./mutants/run-tests.ts";
import { tryMutant } from "./mutants/try-mutant.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    patches: { type: "string", default: "test/mutants" },
    jobs: { type: "string", default: "2" },
    "limit-ms": { type: "string", default: "60000" },
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
  let killed = 0;
  const worker = async (number: number) => {
    const tree = join(scratch, `tree-${number}`);
    copyTree(".", tree);
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
      const { isKilled, verdict } = await tryMutant(mutant, tree, limitMs);
      if (isKilled) killed += 1;
      console.log(`${mutant.name}  ${verdict}`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, all.length) }, (_, number) => worker(number)));
  console.log(`${killed} passed, ${all.length - killed} failed`);
  return killed === all.length;
}

/** Tests that fail by themselves would kill every mutant: each selection must pass on the unchanged copy. */
async function passesUnchanged(all: readonly Mutant[]): Promise<boolean> {
  const tree = join(scratch, "clean");
  copyTree(".", tree);
  const selections = new Map(all.map(({ tests }) => [tests.join(" "), tests]));
  for (const [name, tests] of selections) {
    const outcome = await runTests(tree, tests, limitMs * 3);
    if (outcome.passed) continue;
    console.log(`The tests (${name || "all"}) fail without any mutant: ${outcome.why}`);
    console.log(`0 passed, ${all.length} failed`);
    return false;
  }
  return true;
}
