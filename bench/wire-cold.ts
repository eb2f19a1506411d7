import type * as Package from "../src/index.ts";
import { LOOPS } from "./wire-loops.ts";
import { runOf } from "./wire-run.ts";

// A process for one run of one step: `node bench/wire-cold.ts (sdk|ours) FORMAT URL`. Prints its CPU and how long the
// first reply took from the import on, in milliseconds.
const [who, format, url = ""] = process.argv.slice(2);
const name = format as keyof typeof LOOPS;
const start = performance.now();
if (who === "sdk") await LOOPS[name](url, 1);
else {
  const built: string = "../dist/index.js";
  await runOf((await import(built)) as typeof Package, name, url, 1);
}
const { user, system } = process.cpuUsage();
console.log(JSON.stringify({ cpuMs: (user + system) / 1000, wallMs: performance.now() - start }));
