import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

/** A fixed part of what `npm run soak` does. */
const ARGS = [
  "--expose-gc",
  "--import",
  "./examples/from-source.ts",
  "soak/main.ts",
  "--turns",
  "400",
  "--seed",
  "7",
  "--part",
  "lifecycle",
];

test("four hundred turns with random faults break no promise, and leave nothing behind", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ARGS).catch((error: Error & { stdout?: string }) => ({
    stdout: `${error.message}\n${error.stdout ?? ""}`,
  }));
  expect(stdout).toContain("lifecycle: 0 problems with seed 7");
  const counted = Object.fromEntries(
    [...stdout.matchAll(/([a-z_ ]+) (\d+)/g)].map(([, what = "", n]) => [what.trim(), Number(n)]),
  );
  expect(counted.turns).toBeGreaterThanOrEqual(400);
  // What never happened was not tried.
  const tried = ["faults throw", "faults timeout", "events missed", "failed calls", "runs aborted", "runs interrupted"];
  expect(tried.filter((what) => (counted[what] ?? 0) === 0)).toEqual([]);
});
