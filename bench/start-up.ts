import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "./build.ts";
import type { Pair, Row } from "./measure.ts";
import { median } from "./measure.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const preload = fileURLToPath(new URL("print-cpu.cjs", import.meta.url));
const ROUNDS = 15;

/** CPU of one start of Node to its end, in milliseconds: it says so itself. */
function startMs(args: readonly string[], env: Readonly<Record<string, string>>): number {
  const started = spawnSync(process.execPath, ["--require", preload, ...args], {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
  if (started.status !== 0) throw new Error(started.stderr);
  return Number(started.stderr);
}

/** Against an empty Node that was started right before it: the median of the pairs. */
function row(what: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Row {
  startMs(args, env);
  const pairs = Array.from({ length: ROUNDS }, () => ({ floor: startMs(["-e", "0"], env), ours: startMs(args, env) }));
  const of = (figure: (pair: Pair) => number) => median(pairs.map(figure));
  return {
    what: `${what}, against node -e 0: CPU`,
    floor: `${of(({ floor }) => floor).toFixed(0)} ms`,
    ours: `${of(({ ours }) => ours).toFixed(0)} ms`,
    ratio: of(({ floor, ours }) => ours / floor),
    more: `+${of(({ floor, ours }) => ours - floor).toFixed(1)} ms`,
  };
}

/** What the built package adds to an empty Node, without Node's cache of compiled code and with it. */
export function startUpRows(): Row[] {
  build();
  const cache = mkdtempSync(join(tmpdir(), "llmproc-bench-"));
  const importing = ["--input-type=module", "-e", 'import "./dist/index.js"'];
  try {
    return [
      row('import "llmproc"', importing),
      row('import "llmproc", cached', importing, { NODE_COMPILE_CACHE: cache }),
      row("llmproc --version", ["dist/cli/main.js", "--version"]),
    ];
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
}
