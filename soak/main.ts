// Runs processes with random faults for as long as it takes, and says whether everything that is promised held.
//
//   npm run soak -- [--turns 100000] [--seed 7] [--part name] [--only scenario]
//
// A failure prints the seed and the scenario that it came from: `--seed S --only N` plays that one again.
import { parseArgs } from "node:util";
import type { Part } from "./part.ts";

/** Loaded when they are played: what some are made of, Node 22 cannot read. */
const PARTS: Readonly<Record<string, () => Promise<Part>>> = {
  lifecycle: async () => (await import("./lifecycle.ts")).lifecycle,
  replies: async () => (await import("./replies.ts")).replies,
  vendors: async () => (await import("./vendors.ts")).vendors,
  cuts: async () => (await import("./cuts.ts")).cuts,
  hostile: async () => (await import("./hostile.ts")).hostile,
  files: async () => (await import("./files.ts")).files,
  money: async () => (await import("./money.ts")).money,
  tests: async () => (await import("./tests.ts")).tests,
};

const { values } = parseArgs({
  options: {
    turns: { type: "string", default: "100000" },
    seed: { type: "string", default: "7" },
    part: { type: "string" },
    only: { type: "string" },
  },
});
const turns = count("turns", values.turns, 1);
const seed = count("seed", values.seed);
const only = values.only === undefined ? undefined : count("only", values.only);
if (values.part !== undefined && !(values.part in PARTS)) {
  throw new Error(`There is no part "${values.part}". There are ${Object.keys(PARTS).join(" and ")}.`);
}
const unhandled: unknown[] = [];
process.on("unhandledRejection", (reason) => unhandled.push(reason));
process.on("uncaughtException", (error) => unhandled.push(error));
// Faults that no callback listens for are warnings: that there are some is the point here.
process.removeAllListeners("warning");

for (const [name, load] of Object.entries(PARTS)) {
  if (values.part !== undefined && values.part !== name) continue;
  const part = await load();
  const startMs = performance.now();
  const report = (line: string) => console.log(`${part.name}: ${line}`);
  const problems = [...(await part.run({ turns, seed, only, report }))];
  for (const reason of unhandled.splice(0)) problems.push(`nobody handled ${String(reason)}`);
  for (const problem of problems) report(`WRONG: ${problem}`);
  report(`${problems.length} problems with seed ${seed} in ${Math.round((performance.now() - startMs) / 1000)} s`);
  if (problems.length > 0) process.exitCode = 1;
}

/** A count that is none would let nothing run, and everything pass. */
function count(option: string, text: string, min = 0): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= min) return value;
  throw new Error(`--${option} takes a whole number from ${min}, not "${text}".`);
}
