import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** What a script prints as JSON, run in a Node of its own with the garbage collector at hand. */
export async function measured<T>(script: URL): Promise<T> {
  const options = ["--expose-gc", "--import", "./examples/from-source.ts", fileURLToPath(script)];
  const { stdout } = await promisify(execFile)(process.execPath, options, { timeout: 18_000 });
  // A border post: each script says what it prints.
  return JSON.parse(stdout) as T;
}
