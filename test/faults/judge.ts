import type { JsonObject, RunResult, ToolResult } from "llmproc";
import { CallbackTimeoutError, RunError } from "llmproc";
import type { Cell } from "./cell.ts";
import { endingOf, expectedOf } from "./cell.ts";
import { CALLED_BACK } from "./expected.ts";
import type { Observation, Raised } from "./scene.ts";
import { SHORT_MS } from "./subject.ts";

/** More than a loaded machine needs, and far less than the 30 s that a handler has by default. */
const MARGIN_MS = 20_000;

/** Everything in which a cell differs from the table; nothing if it does not. */
export function judge(cell: Cell, seen: Observation): string[] {
  const problems: string[] = [];
  const compare = (what: string, found: unknown, wanted: unknown) => {
    if (!Object.is(found, wanted)) problems.push(`${cell.name} ${what}: ${show(found)}, not ${show(wanted)}`);
  };
  compare("misbehaved", seen.subject.at !== undefined, true);
  judgeRun(cell, seen, compare);
  judgeTool(cell, seen, compare);
  judgeFaults(cell, seen, compare);
  judgeHearing(cell, seen, compare);
  judgeReentry(cell, seen, compare);
  return problems;
}

type Compare = (what: string, found: unknown, wanted: unknown) => void;

function judgeRun(cell: Cell, { outcome, raised, place, settledMs, subject, root }: Observation, compare: Compare) {
  const { stopReason } = endingOf(cell);
  const ends = raised.filter(({ event, processId }) => event === "run_end" && processId === place?.id);
  // A border post: the second argument of run_end is the result.
  const ended = ends.at(-1)?.args[1] as RunResult | undefined;
  compare("settles in time", settledMs < SHORT_MS + MARGIN_MS, true);
  if (cell.situation === "fork") {
    compare("run_end of the child", ended?.stopReason ?? "none", stopReason);
    compare("run() of the parent", outcome.stopReason, "end");
    compare("the parent's error", outcome instanceof RunError, false);
    const forkEnd = raised.findIndex(({ event, args }) => event === "tool_end" && args[0] === "fork");
    const childEnd = raised.findIndex(({ event, processId }) => event === "process_end" && processId === place?.id);
    compare("the child ends before the call that made it", childEnd >= 0 && childEnd < forkEnd, true);
    const fork = raised[forkEnd]?.args[1] as ToolResult | undefined;
    compare("fork failed", fork?.isError, stopReason !== "end" && stopReason !== "stopped");
  } else {
    compare("run()", outcome.stopReason, stopReason);
    const rejects = stopReason === "callback" || stopReason === "aborted";
    compare("run() rejects", outcome instanceof RunError, rejects);
    if (stopReason === "callback" && outcome instanceof RunError) {
      // The root's own start was refused: run() gets what a tool or host gets that asks for a child.
      const cause = first(cell) ? (outcome.cause as Error).cause : outcome.cause;
      if (cell.behaviour === "never") compare("cause", cause instanceof CallbackTimeoutError, true);
      else compare("cause", cause, subject.problem);
    }
  }
  const result = outcome instanceof RunError ? outcome.result : outcome;
  const { tool } = endingOf(cell);
  const isRefused = tool === "denied" || tool === "withheld";
  const denials = (isRefused && expectedOf(cell).run !== "aborts" ? 1 : 0) + (refuses(cell) ? 1 : 0);
  compare("vetoes", result.vetoes.filter(({ callback }) => callback === cell.name).length, denials);
  if (cell.behaviour !== "nested" || first(cell)) {
    const starts = raised.filter(({ event }) => event === "process_start").length;
    compare("starts and ends", raised.filter(({ event }) => event === "process_end").length, starts);
  }
  compare("stderr of the root", root.stderrLog.includes("nested"), cell.behaviour === "nested" && !first(cell));
}

/** Something ended by the callback: a run, or the start of a process. */
function refuses(cell: Cell): boolean {
  const { stopReason } = endingOf(cell);
  if (stopReason !== "none") return stopReason === "callback";
  // The guard of a child's start that waits for the child's end runs out of time, and so refuses.
  return expectedOf(cell).run === "refused" || (cell.behaviour === "close_awaited" && cell.role === "guard");
}

function first({ event }: Cell): boolean {
  return event === "process_start";
}

function judgeTool(cell: Cell, { toolRuns, place, raised }: Observation, compare: Compare) {
  const { tool } = endingOf(cell);
  const asked = raised.filter(({ event, processId }) => event === "tool_start" && processId === place?.id);
  compare("the tool was asked for", asked.length > 0, tool !== "not asked");
  compare("the tool ran", toolRuns, tool === "ran" || tool === "withheld" ? 1 : 0);
  const { run, tool: reads = `${tool} by callback NAME` } = expectedOf(cell);
  if (tool === "not asked" || run === "aborts") return;
  const replies = place?.messages.flatMap((message) => (message.role === "tool" ? message.content : [])) ?? [];
  const reply = replies.findLast(({ toolName }) => toolName === "note");
  const wanted = reads.startsWith("the reason") ? "not now" : reads.replace("NAME", cell.name);
  compare("the model reads", reply?.content, tool === "ran" ? "written" : wanted);
  compare("the model reads an error", reply?.isError, tool !== "ran");
}

function judgeFaults(cell: Cell, { faults, warnings }: Observation, compare: Compare) {
  const { fault } = expectedOf(cell);
  const heard = cell.situation !== "silent" && fault !== "warning";
  compare("warnings", warnings.length, fault === "none" || heard ? 0 : 1);
  if (!heard || fault === "none") return compare("faults heard", faults.length, 0);
  const [told, ...later] = faults;
  compare("fault", `${told?.reason} in ${told?.event}`, `${fault} in ${cell.event}`);
  // A stalled callback is told of again, at the end of the run and at close, if events went past it meanwhile.
  compare("faults without cause", later.filter(({ missed, reason }) => missed === 0 || reason !== "timeout").length, 0);
  compare("faults", faults.length <= (fault === "timeout" ? 3 : 1), true);
}

function judgeHearing(
  cell: Cell,
  { subject, raised, faults, place, heardAtEnd, outcome }: Observation,
  compare: Compare,
) {
  const { hears, fault } = expectedOf(cell);
  const { at } = subject;
  if (at === undefined) return;
  const mine = (one: Raised) => cell.form !== "on(event)" || one.event === cell.event;
  const ownFault = ({ event, args }: Raised) =>
    event === "callback_error" && (args[0] as JsonObject).callback === cell.name;
  const offered = raised.filter((one) => one.processId === at.processId && mine(one) && !ownFault(one));
  const wanted = offered.filter(({ seq }) => hears === "all" || seq <= at.seq).map(({ seq }) => seq);
  const heard = subject.heard.filter(({ processId }) => processId === at.processId).map(({ seq }) => seq);
  compare("hears", heard.join(" "), wanted.join(" "));
  const order = raised.filter(({ processId }) => processId === at.processId).map(({ seq }) => seq);
  compare("the others hear in order", order.join(" "), order.toSorted((a, b) => a - b).join(" "));
  if (hears === "all" && place !== undefined && cell.situation !== "fork") {
    const runEnd = raised.findLast(({ event }) => event === "run_end");
    const due = wanted.filter((seq) => seq <= (runEnd?.seq ?? 0));
    const inTime = heardAtEnd.filter(({ processId }) => processId === at.processId).map(({ seq }) => seq);
    compare(
      "had heard when run() settled",
      due.every((seq) => inTime.includes(seq)),
      true,
    );
  }
  if (fault === "timeout" && cell.situation !== "silent") {
    const missed = faults.reduce((sum, one) => sum + one.missed, 0);
    compare("heard and missed", heard.length + missed, offered.length);
  }
  compare("ended", outcome.stopReason === undefined, false);
}

function judgeReentry(cell: Cell, { subject, raised }: Observation, compare: Compare) {
  const { behaviour, event } = cell;
  if (behaviour === "run" || behaviour === "fork") {
    compare(`${behaviour}()`, subject.answered, CALLED_BACK[event][behaviour]);
  }
  if (behaviour === "add" && subject.at !== undefined) {
    const { processId, seq: atSeq } = subject.at;
    const later = raised.filter((one) => one.processId === processId && one.seq > atSeq).map(({ seq }) => seq);
    const heard = subject.lateHeard.filter((one) => one.processId === processId).map(({ seq }) => seq);
    compare("the added callback hears", heard.join(" "), later.join(" "));
  }
}

function show(value: unknown): string {
  return value instanceof Error ? `${value.name}: ${value.message}` : (JSON.stringify(value) ?? String(value));
}
