// Runs processes with random faults for as long as it takes, and says whether everything that is promised held.
//
//   npm run soak -- [--turns 100000] [--seed 7] [--part name] [--only scenario]
//
// A failure prints the seed and the scenario that it came from: `--seed S --only N` plays that one again.
import { parseArgs } from "node:util";
import { lifecycle } from "./lifecycle.ts";
import type { Part } from "./part.ts";
import { replies } from "./replies.ts";

const PARTS: readonly Part[] = [lifecycle, replies];

const { values } = parseArgs({
  options: {
    turns: { type: "string", default: "100000" },
    seed: { type: "string", default: "7" },
    part: { type: "string" },
    only: { type: "string" },
  },
});
const turns = Number(values.turns);
const seed = Number(values.seed);
const only = values.only === undefined ? undefined : Number(values.only);
const unhandled: unknown[] = [];
process.on("unhandledRejection", (reason) => unhandled.push(reason));
process.on("uncaughtException", (error) => unhandled.push(error));
// Faults that no callback listens for are warnings: that there are some is the point here.
process.removeAllListeners("warning");

for (const part of PARTS) {
  if (values.part !== undefined && values.part !== part.name) continue;
  const startMs = performance.now();
  const report = (line: string) => console.log(`${part.name}: ${line}`);
  const problems = [...(await part.run({ turns, seed, only, report }))];
  for (const reason of unhandled.splice(0)) problems.push(`nobody handled ${String(reason)}`);
  for (const problem of problems) report(`WRONG: ${problem}`);
  report(`${problems.length} problems with seed ${seed} in ${Math.round((performance.now() - startMs) / 1000)} s`);
  if (problems.length > 0) process.exitCode = 1;
}
