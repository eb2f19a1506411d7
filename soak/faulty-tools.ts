import type { Tool, ToolContext } from "llmproc";
import { tool } from "llmproc";
import { ticks } from "./ticks.ts";

/** Rather more good ones than bad ones, and one that does not exist. */
export const TOOL_NAMES = [
  "good",
  "good",
  "good",
  "good",
  "slow",
  "slow",
  "fork",
  "spawn",
  "throws",
  "rejects",
  "hangs",
  "odd",
  "abandons",
  "writes",
  "late",
  "missing",
] as const;

const parameters = {
  type: "object",
  properties: { what: { type: "number" } },
  required: ["what"],
  additionalProperties: false,
} as const;

type Execute = (what: number, context: ToolContext) => unknown;

const EXECUTE: Readonly<Record<string, Execute>> = {
  good: (what) => ({ what }),
  slow: async (what, { signal }) => {
    await ticks(what % 7);
    return signal.aborted ? "given up" : "slow";
  },
  throws: (what) => {
    throw what % 2 === 0 ? new Error("a bug") : `no error: ${what}`;
  },
  rejects: async (what) => {
    await ticks(what % 3);
    throw new Error("a bug, later");
  },
  hangs: () => new Promise(() => {}),
  odd: (what) => [undefined, 7n, Symbol("s"), () => {}, new Map(), circle, hostile][what % 7],
  /** Leaves children behind: one that runs, one that does not. */
  abandons: async (what, { process }) => {
    const child = await process.forkProcess();
    child.run(`abandoned ${what}`).catch(() => undefined);
    await process.spawnProcess();
  },
  writes: async (what, { process }) => {
    for (let line = 0; line < what % 20; line++) process.writeStderr(`line ${line}`);
    await ticks(1);
    process.writeStderr("and one more");
  },
  /** Returns after its time, and does not look at its signal. */
  late: async () => {
    await new Promise((resolve) => setTimeout(resolve, 15));
    return "too late";
  },
};

const circle: { self?: unknown } = {};
circle.self = circle;
const hostile = {
  toJSON() {
    throw new Error("no JSON of me");
  },
};

export const FAULTY_TOOLS: readonly Tool[] = Object.entries(EXECUTE).map(([name, execute]) =>
  tool({
    name,
    description: name,
    parameters,
    timeoutMs: 10,
    execute: ({ what }, context) => execute(what, context),
  }),
);
