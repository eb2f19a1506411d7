import { execFileSync, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import * as ours from "../src/index.ts";
import { build } from "./build.ts";
import type { Pair, Row } from "./measure.ts";
import { pairedRow as row } from "./measure.ts";
import { LOOPS } from "./wire-loops.ts";
import { runOf } from "./wire-run.ts";

const STEPS = 10;
const ROUNDS = 25;

type Format = keyof typeof LOOPS;

/** Steps over a real wire (50 streamed pieces and a call), against the vendor's SDK in a loop written by hand. */
export async function wireRows(): Promise<Row[]> {
  build();
  const server = fork(fileURLToPath(new URL("wire-server.ts", import.meta.url)));
  try {
    const [port] = (await once(server, "message")) as [number];
    const url = `http://127.0.0.1:${port}`;
    // A border post: these are its keys.
    const formats = Object.keys(LOOPS) as Format[];
    const rows: Row[] = [];
    for (const format of formats) rows.push(await warmRow(format, url));
    for (const format of formats) rows.push(...coldRows(format, url));
    return rows;
  } finally {
    server.kill();
  }
}

async function warmRow(format: Format, url: string): Promise<Row> {
  const pairs: Pair[] = [];
  for (let round = -3; round < ROUNDS; round++) {
    const floor = await cpuMsOf(() => LOOPS[format](url, STEPS));
    const own = await cpuMsOf(() => runOf(ours, format, url, STEPS));
    if (round >= 0) pairs.push({ floor, ours: own });
  }
  return row(`a step over the wire, ${format}: CPU`, pairs);
}

/** CPU of the client in one step. */
async function cpuMsOf(work: () => Promise<string>): Promise<number> {
  const before = process.cpuUsage();
  const text = await work();
  const { user, system } = process.cpuUsage(before);
  if (!text.startsWith("A word")) throw new Error(`The reply is ${text}.`);
  return (user + system) / 1000 / (STEPS + 1);
}

function coldRows(format: Format, url: string): Row[] {
  const measured = Array.from({ length: 9 }, () => ({
    floor: cold("sdk", format, url),
    ours: cold("ours", format, url),
  }));
  const pairs = (key: keyof ReturnType<typeof cold>) =>
    measured.map((pair): Pair => ({ floor: pair.floor[key], ours: pair.ours[key] }));
  return [
    row(`a process for one step, ${format}: CPU`, pairs("cpuMs")),
    row(`from the import to its end, ${format}`, pairs("wallMs")),
  ];
}

function cold(who: "sdk" | "ours", format: Format, url: string) {
  const script = fileURLToPath(new URL("wire-cold.ts", import.meta.url));
  const printed = execFileSync(process.execPath, [script, who, format, url], { encoding: "utf8" });
  // A border post: it is ours.
  return JSON.parse(printed) as { readonly cpuMs: number; readonly wallMs: number };
}
