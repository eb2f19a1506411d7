import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

interface MeasuredOptions {
  readonly args?: readonly string[];
  /** Options of Node's. */
  readonly flags?: readonly string[];
}

/** What a script prints as JSON, run in a Node of its own with the garbage collector at hand. */
export async function measured<T>(script: URL, { args = [], flags = [] }: MeasuredOptions = {}): Promise<T> {
  const options = ["--expose-gc", ...flags, "--import", "./examples/from-source.ts", fileURLToPath(script), ...args];
  const { stdout } = await promisify(execFile)(process.execPath, options, { timeout: 60_000 });
  // A border post: each script says what it prints.
  return JSON.parse(stdout) as T;
}
