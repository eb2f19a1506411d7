import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Row } from "./measure.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The best of several starts of Node, in milliseconds. */
function startMs(args: readonly string[]): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 15; round++) {
    const start = performance.now();
    execFileSync(process.execPath, args, { cwd: root, stdio: "ignore" });
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

/** What loading the built package adds to an empty Node. Needs `npm run build`. */
export function startUpRows(): Row[] {
  if (!existsSync(`${root}/dist/index.js`))
    execFileSync("npm", ["run", "--silent", "build"], { cwd: root, stdio: "ignore" });
  const emptyMs = startMs(["-e", "0"]);
  const importMs = startMs(["--input-type=module", "-e", 'import "./dist/index.js"']);
  const versionMs = startMs(["dist/cli/main.js", "--version"]);
  const row = (what: string, oursMs: number): Row => ({
    what,
    floor: `${emptyMs.toFixed(0)} ms`,
    ours: `${oursMs.toFixed(0)} ms`,
    ratio: oursMs / emptyMs,
    more: `+${(oursMs - emptyMs).toFixed(0)} ms`,
  });
  return [row('import "llmproc", against node -e 0', importMs), row("llmproc --version, against node -e 0", versionMs)];
}
