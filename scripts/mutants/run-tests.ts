import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface TestOutcome {
  readonly passed: boolean;
  readonly timedOut: boolean;
  /** The first test that failed, or what came instead of tests. */
  readonly why: string;
}

/** Runs tests of a tree until the first failure. Whatever still runs after `limitMs` is killed. */
export async function runTests(tree: string, tests: readonly string[], limitMs: number): Promise<TestOutcome> {
  const missing = tests.find((path) => !existsSync(join(tree, path)));
  if (missing !== undefined) return { passed: false, timedOut: false, why: `there is no ${missing}` };
  const scratch = mkdtempSync(join(tmpdir(), "llmproc-tests-"));
  try {
    const report = join(scratch, "report.json");
    const args = ["run", "--bail=1", "--reporter=json", `--outputFile=${report}`, ...tests];
    const exit = await runVitest(tree, args, limitMs);
    return { passed: exit === 0, timedOut: exit === "time", why: firstFailure(report) };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function runVitest(tree: string, args: readonly string[], limitMs: number): Promise<number | null | "time"> {
  return new Promise((resolve, reject) => {
    // Its own process group, so that no worker of a hanging run outlives it.
    const options = { cwd: tree, stdio: "ignore", detached: true, env: { ...process.env, CI: "true" } } as const;
    const child = spawn(process.execPath, ["node_modules/vitest/vitest.mjs", ...args], options);
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    }, limitMs);
    child.on("error", reject);
    child.on("close", (exitCode) => {
      clearTimeout(timer);
      resolve(timedOut ? "time" : exitCode);
    });
  });
}

interface Report {
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

function firstFailure(report: string): string {
  if (!existsSync(report)) return "no report was written";
  const { testResults } = JSON.parse(readFileSync(report, "utf8")) as Report;
  const failed = testResults.flatMap((file) => file.assertionResults).find(({ status }) => status === "failed");
  const message = testResults.find((file) => file.message !== "")?.message.split("\n", 1)[0];
  return failed?.fullName ?? message ?? "no test failed";
}
