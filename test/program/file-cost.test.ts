import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const SCRIPT = fileURLToPath(new URL("file-cost.ts", import.meta.url));

/** Only for what would never come back: it decides nothing. */
const HANG_MS = 120_000;

test("a file of four times the size costs about four times as much, whatever is in it", {
  timeout: HANG_MS,
}, async () => {
  const options = JSON.stringify({ suspects: true, seeds: [1, 0], whole: false });
  // All that is read has to fit into a heap of 100 MB.
  const args = ["--disable-warning=ExperimentalWarning", "--experimental-strip-types", "--max-old-space-size=100"];
  const { stdout } = await promisify(execFile)(process.execPath, [...args, SCRIPT, options], {
    timeout: HANG_MS - 5_000,
  });
  expect(JSON.parse(stdout)).toEqual([]);
});
