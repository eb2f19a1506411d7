// Starts processes in all the ways there are, ends them in all the ways there are, and says which of them, and of
// their children, are still in memory while what they were made of (program, callbacks, signal) lives on.
import type { LLMProcess, ProcessView } from "llmproc";
import { approval, consoleLog, costLimit, LLMProgram, tool } from "llmproc";
import type { ScriptedStep } from "llmproc/testing";
import { scripted } from "llmproc/testing";
import { collected } from "./heap.ts";

const ROUNDS = 30;
const anything = { type: "object", additionalProperties: true } as const;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** How many of each kind were made, and how many are in memory. */
const made: Record<string, number> = {};
const left: Record<string, number> = {};
const registry = new FinalizationRegistry((label: string) => {
  left[label] = (left[label] ?? 0) - 1;
});

function watch(label: string, process: object): void {
  made[label] = (made[label] ?? 0) + 1;
  left[label] = (left[label] ?? 0) + 1;
  registry.register(process, label);
}

const call = (name: string, args = {}) => ({ name, args });
const step: ScriptedStep = ({ messages, depth }) => {
  const turn = messages.length - messages.findLastIndex(({ role }) => role === "user") - 1;
  if (turn > 0) return { text: "some words that stream", delayMs: 1 };
  if (depth > 0) return { toolCalls: [call("wait")] };
  return {
    text: "now",
    toolCalls: [call("wait"), call("fork", { prompts: ["a", "b"] }), call("spawn", { prompt: "c" })],
  };
};
const wait = tool({
  name: "wait",
  description: "Waits.",
  parameters: anything,
  execute: async (_args, { signal, process }) => {
    process.writeStderr(`waiting${signal.aborted ? " no more" : ""}`);
    await pause(1);
  },
});
const hang = tool({
  name: "hang",
  description: "Never returns.",
  parameters: anything,
  timeoutMs: 5,
  execute: () => new Promise(() => {}),
});

const tools = [wait, hang, "fork", "spawn"];
const program = new LLMProgram({ model: scripted([step], { repeat: true }), tools });
const hanging = new LLMProgram({
  model: scripted([{ toolCalls: [call("hang")] }, { text: "done" }], { repeat: true }),
  tools,
});
const failing = new LLMProgram({
  model: scripted([{ error: { status: 529 } }, { text: "cut here", cutAfter: 3 }], { repeat: true }),
  retry: { initialDelayMs: 1, maxDelayMs: 1 },
});

const aborter = new AbortController();
/** Callbacks and a signal that outlive all processes, as a server's do. */
let heard = 0;
const callbacks = [
  { tool_start: () => void heard++ },
  async (_event: string) => {
    heard++;
    await null;
  },
  { callback_error: () => void heard++ },
  // These follow which process belongs to which run.
  costLimit(100, { allowUnpriced: true }),
  approval({ tools: ["none of these"] }),
  consoleLog({ stream: { write: () => true } }),
  consoleLog({ stream: { write: () => true, isTTY: true }, color: false }),
];
const stuck = { response: () => new Promise(() => {}) };

function listen(label: string, proc: LLMProcess): void {
  watch(label, proc);
  const child = `${label}: children`;
  proc.on("process_start", (process: ProcessView) => {
    if (process.depth > 0) watch(child, process);
  });
}

/** Node 22 has no `await using` yet. */
async function closing<T>(starting: Promise<LLMProcess>, use: (proc: LLMProcess) => Promise<T>): Promise<T> {
  const proc = await starting;
  try {
    return await use(proc);
  } finally {
    await proc.close();
  }
}

type Start = (of: LLMProgram) => Promise<LLMProcess>;
const ignore = () => undefined;

/** One process, from its start to its end. */
const WAYS: Readonly<Record<string, (start: Start) => Promise<unknown>>> = {
  "ran and closed": (start) => closing(start(program), (proc) => proc.run("go", { signal: aborter.signal })),
  "ran and was never closed": async (start) => (await start(program)).run("go", { signal: aborter.signal }),
  "started, never ran": async (start) => (await start(program)).close(),
  "forked by the host": (start) =>
    closing(start(program), async (proc) => {
      const children = await Promise.all([proc.forkProcess(), proc.forkProcess()]);
      return await Promise.all(children.map((child) => child.run("go")));
    }),
  "forked by the host, and never closed": async (start) => {
    const proc = await start(program);
    const [child, late] = await Promise.all([proc.forkProcess(), proc.forkProcess(), proc.forkProcess()]);
    await child.run("go");
    await Promise.all([proc.run("go"), late.run("go")]);
  },
  aborted: (start) =>
    closing(start(program), (proc) => {
      const own = new AbortController();
      proc.on("tool_start", (_name, _args, { process }) => process.depth > 0 && own.abort());
      return proc.run("go", { signal: AbortSignal.any([own.signal, aborter.signal]) }).catch(ignore);
    }),
  "closed in the middle": (start) =>
    closing(start(program), async (proc) => {
      const run = proc.run("go", { signal: aborter.signal }).catch(ignore);
      await pause(2);
      await proc.close();
      return await run;
    }),
  stopped: (start) =>
    closing(start(program), (proc) => {
      proc.on("tool_end", () => proc.stop());
      return proc.run("go");
    }),
  "had a tool that hangs": (start) => closing(start(hanging), (proc) => proc.run("go")),
  "had a handler that hangs": (start) =>
    closing(start(program), (proc) => proc.addCallback(stuck, { timeoutMs: 5 }).run("go")),
  "failed, and broke off": (start) => closing(start(failing), (proc) => proc.run("go").catch(ignore)),
  streamed: (start) =>
    closing(start(program), async (proc) => {
      for await (const record of proc.stream("go")) if (record.event === "run_end") heard++;
    }),
  "left its stream": (start) =>
    closing(start(program), async (proc) => {
      for await (const record of proc.stream("go")) {
        if (record.event === "tool_start" && record.process.depth > 0) break;
      }
    }),
};

/** A parent that stays open, or whose run goes on: its children that are over are garbage all the same. */
async function parents(): Promise<readonly LLMProcess[]> {
  const host = await program.start();
  for (let round = 0; round < ROUNDS; round++) {
    const child = await host.forkProcess();
    watch("children of an open parent", child);
    await child.run("go");
    await child.close();
  }
  const { promise: inRun, resolve } = Promise.withResolvers<void>();
  let rounds = 0;
  const steps: ScriptedStep = async ({ depth }) => {
    if (depth > 0) return { text: "done" };
    if (++rounds <= ROUNDS) return { toolCalls: [call("fork", { prompts: ["a"] })] };
    resolve();
    return await new Promise(() => {});
  };
  const running = await new LLMProgram({ model: scripted([steps], { repeat: true }), tools }).start();
  running.on("process_start", (process) => {
    if (process.depth > 0) watch("children of a run under way", process);
  });
  running.run("go").catch(() => undefined);
  await inRun;
  return [host, running];
}

for (const [label, way] of Object.entries(WAYS)) {
  for (let round = 0; round < ROUNDS; round++) {
    await way(async (of) => {
      const proc = await of.start({ callbacks });
      listen(label, proc);
      return proc;
    });
  }
}
const open = await parents();
await collected();
console.log(JSON.stringify({ made, left, heard, open: open.length }));
process.exit(0);
