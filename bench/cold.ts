import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { FIRST } from "./first.ts";
import type { Row } from "./measure.ts";
import { pairedRow } from "./measure.ts";

const SCRIPT = fileURLToPath(new URL("cold-run.ts", import.meta.url));
const ROUNDS = 5;

/** The first time in a process, before anything of it is optimized: most programs never get beyond that. */
export function coldRows(): Row[] {
  const cpuMs = (what: string, who: string) =>
    Number(execFileSync(process.execPath, [SCRIPT, what, who], { encoding: "utf8" }));
  return Object.keys(FIRST).map((what) => {
    const measure = () => ({ floor: cpuMs(what, "floor"), ours: cpuMs(what, "ours") });
    return pairedRow(`the first ${what}: CPU`, Array.from({ length: ROUNDS }, measure));
  });
}
