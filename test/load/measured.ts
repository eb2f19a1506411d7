import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { inject } from "vitest";

interface MeasuredOptions {
  readonly args?: readonly string[];
  /** Options of Node's. */
  readonly flags?: readonly string[];
}

/** What a script prints as JSON, run in a Node of its own with the garbage collector at hand. */
export async function measured<T>(script: URL, { args = [], flags = [] }: MeasuredOptions = {}): Promise<T> {
  const options = [
    "--expose-gc",
    ...flags,
    "--import",
    join(inject("bundle"), "register.mjs"),
    fileURLToPath(script),
    ...args,
  ];
  const { stdout } = await promisify(execFile)(process.execPath, options);
  // A border post: each script says what it prints.
  return JSON.parse(stdout) as T;
}
