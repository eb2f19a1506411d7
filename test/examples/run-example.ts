import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";

const BUNDLE = inject("bundle");
const REGISTER = join(BUNDLE, "register.mjs");

export interface Outcome {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs an example, or a script with types, in a Node of its own, with the package as it ships. */
export function runExample(path: string, args: readonly string[] = [], stdin = ""): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const built = [join(BUNDLE, path.replace(/\.ts$/, ".js"))];
    const script = path.startsWith("examples/") ? built : ["--import", REGISTER, path];
    const child = spawn(process.execPath, [...script, ...args]);
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", reject);
    child.on("close", (exitCode) => resolve({ exitCode, stdout, stderr }));
    child.stdin.on("error", () => {}); // An example that reads nothing may be gone by now.
    child.stdin.end(stdin);
  });
}

/** What an example says of itself that it prints, written by hand at its end. */
export function writtenOutput(path: string): string {
  const [, written] = /\n\/\* Prints:\n([\s\S]*?)\*\/\s*$/.exec(readFileSync(path, "utf8")) ?? [];
  if (written === undefined) throw new Error(`${path} does not end with /* Prints: … */.`);
  return written;
}

/** `…` stands for what differs from run to run, within one line. */
export function asPattern(written: string): RegExp {
  const parts = written.split("…").map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^\\n]+")}$`);
}
