import { FIRST } from "./first.ts";

// A process for one deed, done once: `node bench/cold-run.ts WHAT (floor|ours)`. Prints its CPU in milliseconds.
const [what = "", who = ""] = process.argv.slice(2);
const deed = FIRST[what];
if (deed === undefined || (who !== "floor" && who !== "ours")) throw new Error(`There is no ${who} of "${what}".`);
const run = await deed[who]();
const before = process.cpuUsage();
await run();
const { user, system } = process.cpuUsage(before);
console.log((user + system) / 1000);
process.exit();
