import type { CallbackFault, EventInfo, LLMProcess, ProcessView, RunResult, ToolProcess } from "llmproc";
import { LLMProgram, RunError, tool } from "llmproc";
import type { ScriptedStep } from "llmproc/testing";
import { scripted } from "llmproc/testing";
import type { Cell } from "./cell.ts";
import type { Heard } from "./subject.ts";
import { Subject } from "./subject.ts";
import { warningsOf } from "./watch-node.ts";

/** What came of a cell. */
export interface Observation {
  readonly subject: Subject;
  /** What `run()` of the root came to. */
  readonly outcome: RunResult | RunError;
  /** From the last event of the root's run to the end of `run()`. */
  readonly settledMs: number;
  /** What the subject had heard when `run()` settled. */
  readonly heardAtEnd: readonly Heard[];
  /** Every event of the tree, as a callback heard it that was registered after the subject. */
  readonly raised: readonly Raised[];
  /** The subject's faults, as the other callbacks heard of them. */
  readonly faults: readonly CallbackFault[];
  readonly warnings: readonly string[];
  /** How often the tool ran in the process of the cell. */
  readonly toolRuns: number;
  /** The process in which it happened. */
  readonly place: ProcessView | undefined;
  readonly root: LLMProcess;
}

export interface Raised extends Heard {
  readonly args: readonly unknown[];
}

/** A run in which all events occur: a request that fails and is sent again, text, a tool that writes to stderr. */
const WORK: readonly ScriptedStep[] = [
  { error: { status: 503 } },
  { text: "working", toolCalls: [{ name: "note" }] },
  { text: "done" },
];
const WARM: readonly ScriptedStep[] = [{ toolCalls: [{ name: "note" }] }, { text: "warm" }];
const FORKING: readonly ScriptedStep[] = [
  { toolCalls: [{ name: "fork", args: { prompts: ["go"] } }] },
  { text: "all done" },
];

export async function play(cell: Cell): Promise<Observation> {
  const subject = new Subject(cell);
  const warm = cell.behaviour === "nested" && cell.event !== "process_start";
  const inChild = cell.situation === "fork";
  const noted: ToolProcess[] = [];
  const program = new LLMProgram({
    model: scripted({ root: [...(warm ? WARM : []), ...(inChild ? FORKING : WORK)], child: WORK }),
    tools: [noteTool(noted), "fork"],
    retry: { maxAttempts: 2, initialDelayMs: 1, maxDelayMs: 1 },
  });
  const root = await program.start();
  if (warm) await root.run("warm up");
  subject.leaked = noted.pop();
  noted.length = 0;

  subject.register(root);
  const raised: Raised[] = [];
  let place: ProcessView | undefined;
  let runEndMs = 0;
  // A function that hears everything does not count as one that listens for faults.
  root.addCallback(
    (...given: unknown[]) => {
      const info = given.at(-1) as EventInfo;
      const { event, seq, process } = info;
      raised.push({ processId: process.id, seq, event, args: given.slice(1, -1) });
      // So that there is a context_change. Where nothing will be asked any more, it is refused.
      if (event === "tool_start" && given[1] === "note") process.say("and hurry").catch(() => {});
      if (process.depth === (inChild ? 1 : 0)) place ??= process;
      if (event === "run_end" && process.depth === 0) runEndMs = performance.now();
    },
    { name: "witness" },
  );
  sabotage(root);
  const faults: CallbackFault[] = [];
  const listens = (fault: CallbackFault) => fault.callback === cell.name && faults.push(fault);
  if (cell.situation !== "silent") root.addCallback({ callback_error: listens }, { name: "listener" });

  // Where no run ever begins, it is the whole of it that must settle in time.
  runEndMs = performance.now();
  const outcome = await root.run("go").catch(asRunError);
  const settledMs = performance.now() - runEndMs;
  const heardAtEnd = [...subject.heard];
  await root.close();
  await Promise.allSettled(subject.started);
  await new Promise((resolve) => setImmediate(resolve));
  const toolRuns = noted.filter((process) => process.id === place?.id).length;
  const warnings = warningsOf(cell.name);
  return { subject, outcome, settledMs, heardAtEnd, raised, faults, warnings, toolRuns, place, root };
}

/** The tool counts its runs and keeps what it was given: a handler writes with that. */
function noteTool(noted: ToolProcess[]) {
  return tool({
    name: "note",
    description: "Writes a note.",
    parameters: { type: "object", properties: {} },
    execute(_args, { process }) {
      noted.push(process);
      process.writeStderr("noted");
      return "written";
    },
  });
}

/** Another callback with a bug, so that there is a `callback_error` to hear: once in each process. */
function sabotage(root: LLMProcess): void {
  const seen = new Set<string>();
  root.addCallback(
    {
      response(_text, { process }) {
        if (seen.has(process.id)) return;
        seen.add(process.id);
        throw new Error("sabotage");
      },
    },
    { name: "saboteur", observe: true },
  );
}

function asRunError(error: unknown): RunError {
  if (error instanceof RunError) return error;
  throw error;
}
