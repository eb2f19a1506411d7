import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Part } from "./part.ts";

const SCRIPT = fileURLToPath(new URL("../test/program/file-cost.ts", import.meta.url));
/** One random shape of a file for so many turns. */
const TURNS_A_SHAPE = 1_000;

/** Program files of every known shape and of random ones: the cost goes by the size, and the heap stays under 100 MB. */
export const files: Part = {
  name: "files",
  async run({ turns, seed, only, report }) {
    const first = only ?? seed * 1_000_000;
    const last = only ?? first + Math.ceil(turns / TURNS_A_SHAPE) - 1;
    const options = { suspects: only !== undefined, seeds: [first, last], whole: true };
    const { stdout } = await promisify(execFile)(process.execPath, [
      "--max-old-space-size=100",
      SCRIPT,
      JSON.stringify(options),
    ]);
    report(`${last - first + 1} random shapes of files`);
    return (JSON.parse(stdout) as string[]).map((fault) => `${fault} (--only is the number in front of a random one)`);
  },
};
