import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { inject, onTestFinished } from "vitest";

/** The command line as it ships, built from the source when the tests began. */
export const COMMAND: readonly string[] = [process.execPath, join(inject("bundle"), "dist/cli/main.js")];

export interface CommandOptions {
  readonly cwd?: string;
  /** What is piped in; `null` for a pipe that stays open; without it, stdin is /dev/null. */
  readonly stdin?: string | Uint8Array | null;
  readonly env?: Readonly<Record<string, string>>;
  /** In a session of its own, so that it has no terminal, also where the tests have one. */
  readonly detached?: boolean;
  readonly finish?: Finish;
}

/** What cleans up after a test; a concurrent test hands in that of its context. */
export type Finish = (cleanUp: () => void | Promise<void>) => void;

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command under way. */
export interface Running {
  readonly ended: Promise<Ended>;
  /** Resolves when stderr has a text. */
  says(text: string): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  closeStdout(): void;
}

/** Starts `llmproc` as a child with pipes, and with nothing of this process's environment but PATH. */
export function start(
  args: readonly string[],
  { cwd, stdin, env = {}, detached = false, finish = onTestFinished }: CommandOptions = {},
): Running {
  const [node = "", ...before] = COMMAND;
  const child = spawn(node, [...before, ...args], {
    cwd,
    detached,
    env: { PATH: process.env.PATH ?? "", ...env },
    stdio: [stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"],
  });
  const out = { stdout: "", stderr: "" };
  const waiting = new Map<string, () => void>();
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    out.stdout += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    out.stderr += text;
    for (const [awaited, resolve] of waiting) if (out.stderr.includes(awaited)) resolve();
  });
  // What does not read its stdin may end before all is written there.
  child.stdin?.on("error", () => {});
  if (stdin !== undefined && stdin !== null) child.stdin?.end(stdin);
  finish(() => void child.kill("SIGKILL"));
  return {
    ended: new Promise((resolve) => child.on("close", (code) => resolve({ code, ...out }))),
    says: (text) =>
      new Promise((resolve) => {
        waiting.set(text, resolve);
        if (out.stderr.includes(text)) resolve();
      }),
    kill: (signal) => void child.kill(signal),
    closeStdout: () => void child.stdout?.destroy(),
  };
}

/** Runs `llmproc` to its end. */
export function llmproc(args: readonly string[], options: CommandOptions = {}): Promise<Ended> {
  return start(args, options).ended;
}

/** A folder with these files, gone after the test. */
export function folder(
  files: Readonly<Record<string, string | Uint8Array>> = {},
  finish: Finish = onTestFinished,
): string {
  const path = mkdtempSync(join(tmpdir(), "llmproc-cli-"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  finish(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A program whose scripted model gives these replies; each is the inside of a TOML table. */
export function program(...replies: readonly string[]): string {
  return `[model]\nprovider = "scripted"\nreplies = [${replies.map((reply) => `{ ${reply} }`).join(", ")}]\n`;
}
