import { spawn } from "node:child_process";
import { join } from "node:path";

export interface ToolOutcome {
  readonly exitCode: number | null;
  /** Both outputs, as they came. */
  readonly output: string;
}

/** Runs a development tool of this project under the Node of this process. */
export function runTool(script: string, ...args: readonly string[]): Promise<ToolOutcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join("node_modules", script), ...args], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const collect = (chunk: Buffer) => {
      output += chunk.toString();
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.on("error", reject);
    child.on("close", (exitCode) => resolve({ exitCode, output }));
  });
}

export const TSC = "typescript/bin/tsc";
