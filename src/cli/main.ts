#!/usr/bin/env node
// What --version needs and no more: everything else is imported when a command is run.
import fs from "node:fs";
import process from "node:process";

const NEEDED = { major: 22, minor: 13 };

const args = process.argv.slice(2);
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

if (major < NEEDED.major || (major === NEEDED.major && minor < NEEDED.minor)) {
  const needed = `${NEEDED.major}.${NEEDED.minor}`;
  process.stderr.write(`error: llmproc needs Node ${needed} or newer, and this is ${process.version}.\n`);
  process.exitCode = 1;
} else if (args.length === 1 && (args[0] === "--version" || args[0] === "-V")) {
  // The same path from src/ and from dist/.
  const text = fs.readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  process.stdout.write(`${(JSON.parse(text) as { version: string }).version}\n`);
} else {
  const { runCommandLine } = await import("./command-line.ts");
  // Not just the exit code: a handle that a tool or callback left open must not keep the command alive.
  process.exit(await runCommandLine(args));
}
