import type { Usage } from "../../events/run-result.ts";
import { durationText } from "../../text/duration.ts";
import type { ShownCost } from "./cost-text.ts";
import { shortCostText } from "./cost-text.ts";
import { elapsedText, inheritedText, plural, roundCountText } from "./figures.ts";
import type { Line } from "./line.ts";
import { countdownText } from "./phrases.ts";
import type { ShownCall, ShownProcess } from "./process-table.ts";
import { callsUnderWay } from "./process-table.ts";

/** What goes on in a process right now: its calls with their children as a tree, its text, and what it used. */
export function liveLines(top: ShownProcess, maxLines: number, timeMs: number): Line[] {
  const lines = busyLines(top, "  ", timeMs);
  const room = Math.max(1, maxLines - 1);
  const shown = lines.length <= room ? lines : lines.slice(0, room - 1);
  const rest = lines.length - shown.length;
  return [
    ...shown,
    ...(rest > 0 ? [{ indent: "  ", detail: `… and ${plural(rest, "more line")}`, tone: "quiet" } as const] : []),
    statusLine(top, timeMs),
  ];
}

/** What children did, as a tree, once the call that made them is over. */
export function childLines(children: readonly ShownProcess[]): Line[] {
  return children.flatMap((child, index) => {
    const isLast = index === children.length - 1;
    const stem = `  ${isLast ? LAST_STEM : STEM}`;
    return [
      { indent: `  ${isLast ? LAST_BRANCH : BRANCH}`, title: child.label, ...outcomeOf(child) },
      ...child.lines.map((line) => ({ ...line, indent: stem + (line.indent ?? "") })),
    ];
  });
}

const BRANCH = "├─ ";
const LAST_BRANCH = "└─ ";
const STEM = "│  ";
const LAST_STEM = "   ";

function outcomeOf(child: ShownProcess): Line {
  const { outcome, outcomeMark, startedMs, endedMs } = child;
  const right = endedMs === undefined ? "" : durationText(endedMs - startedMs);
  return { mark: outcomeMark, detail: outcome ?? "did not run", right };
}

function busyLines(process: ShownProcess, indent: string, timeMs: number): Line[] {
  const { run } = process;
  const calls = run === undefined ? [] : callsUnderWay(run);
  const lines = calls.flatMap((call) => callLines(call, indent, timeMs));
  lines.push(...branches([...process.children], indent, timeMs));
  if (run === undefined) return lines;
  if (run.retry !== undefined) {
    const { error, retry, untilMs } = run.retry;
    lines.push({ indent, mark: "retry", detail: countdownText(error, retry, untilMs - timeMs), tone: "warning" });
  } else if (run.tail !== "") {
    lines.push({ indent, mark: "busy", detail: run.tail, keepEnd: true });
  } else if (lines.length === 0) {
    lines.push({ indent, mark: "busy", detail: "waiting for the model", tone: "quiet" });
  }
  return lines;
}

function callLines(call: ShownCall, indent: string, timeMs: number): Line[] {
  const right = elapsedText(timeMs - call.startedMs - call.waitedMs);
  return [
    { indent, mark: "busy", title: call.toolName, detail: call.args, right },
    ...branches([...call.children], `${indent}  `, timeMs),
  ];
}

function branches(children: readonly ShownProcess[], indent: string, timeMs: number): Line[] {
  return children.flatMap((child, index) => {
    const isLast = index === children.length - 1;
    const header = { indent: indent + (isLast ? LAST_BRANCH : BRANCH), title: child.label };
    if (child.endedMs !== undefined) return [{ ...header, ...outcomeOf(child) }];
    const below = busyLines(child, indent + (isLast ? LAST_STEM : STEM), timeMs);
    const state =
      child.run === undefined ? `starting${inheritedText(child.view.usage)}` : `turn ${child.run.node.turn}`;
    const detail = [state, child.run?.prompt ?? ""].filter((part) => part !== "").join(" · ");
    return [{ ...header, mark: "busy", detail, right: elapsedText(timeMs - child.startedMs) } as const, ...below];
  });
}

/** `demo  turn 3 · $0.0123 · 12.4k tokens in, 803 out · 9 tool calls · 2 children` */
function statusLine(top: ShownProcess, timeMs: number): Line {
  const { run } = top;
  if (run === undefined) return { title: top.label, tone: "strong" };
  const usage = since(run.usageBefore, top.view.usage);
  const { usd, tokens } = top.view.limits;
  const facts = [
    `turn ${run.node.turn}`,
    shortCostText(usage, usd),
    `${roundCountText(usage.inputTokens)} tokens in, ${roundCountText(usage.outputTokens)} out`,
    ...(tokens === undefined ? [] : [`${roundCountText(tokens.spent)} of ${roundCountText(tokens.limit)} tokens`]),
    plural(usage.toolCalls, "tool call"),
    ...(run.childCount > 0 ? [plural(run.childCount, "child", "children")] : []),
  ];
  return {
    mark: "run",
    title: top.label,
    detail: facts.join(" · "),
    right: elapsedText(timeMs - run.startedMs),
    tone: usd?.warned || tokens?.warned ? "warning" : "strong",
  };
}

type Shown = ShownCost & Pick<Usage, "toolCalls" | "inputTokens" | "outputTokens">;

/** What a process used since the run began: its `usage` counts its whole life. */
function since(before: Usage, now: Usage): Shown {
  return {
    usdCost: now.usdCost - before.usdCost,
    usdUncertain: now.usdUncertain - before.usdUncertain,
    usdReported: now.usdReported - before.usdReported,
    toolCalls: now.toolCalls - before.toolCalls,
    inputTokens: now.inputTokens - before.inputTokens,
    outputTokens: now.outputTokens - before.outputTokens,
    unpriced: now.unpriced,
    flags: now.flags,
  };
}
