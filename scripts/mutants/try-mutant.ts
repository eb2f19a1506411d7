import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync } from "oxc-parser";
import type { Mutant } from "./mutant.ts";
import type { TestRunner } from "./test-runner.ts";

export interface MutantOutcome {
  readonly isKilled: boolean;
  readonly verdict: string;
}

/** Damages the tree, runs the tests, and mends the tree. A run that hangs counts as noticed. */
export async function tryMutant(
  mutant: Mutant,
  tree: string,
  runner: TestRunner,
  limitMs: number,
): Promise<MutantOutcome> {
  if (!applyPatch(mutant.patch, tree)) return { isKilled: false, verdict: "does not apply" };
  const outcome = await judge(mutant, tree, runner, limitMs);
  if (!applyPatch(mutant.patch, tree, "--reverse")) throw new Error(`${mutant.name} could not be taken back.`);
  return outcome;
}

async function judge(
  { files, tests }: Mutant,
  tree: string,
  runner: TestRunner,
  limitMs: number,
): Promise<MutantOutcome> {
  // What does not parse would fail every test, and prove nothing.
  if (!files.every((file) => parses(join(tree, file)))) return { isKilled: false, verdict: "does not parse" };
  const missing = tests.find((path) => !existsSync(join(tree, path)));
  if (missing !== undefined) return { isKilled: false, verdict: `names tests that are not there: ${missing}` };
  const { end, why } = await runner.run({ tests, changed: files }, limitMs);
  if (end === "passed") return { isKilled: false, verdict: "SURVIVED" };
  if (end === "none") return { isKilled: false, verdict: `could not be tried: ${why}` };
  return { isKilled: true, verdict: end === "hangs" ? "killed: it hangs" : `killed: ${why}` };
}

function applyPatch(patch: string, tree: string, ...options: readonly string[]): boolean {
  const args = ["apply", "--recount", "--whitespace=nowarn", ...options, "-"];
  return spawnSync("git", args, { cwd: tree, input: patch }).status === 0;
}

function parses(path: string): boolean {
  return parseSync(path, readFileSync(path, "utf8")).errors.length === 0;
}
