import type { RunResult, StopReason } from "../../events/run-result.ts";
import { countText } from "../../text/count-text.ts";
import { durationText } from "../../text/duration.ts";
import { displayWidth, excerpt } from "../../text/excerpt.ts";
import type { ToolStats } from "../timing.ts";
import { costText } from "./cost-text.ts";
import { plural } from "./figures.ts";
import type { Line, Mark } from "./line.ts";
import type { ShownRun } from "./process-table.ts";

/** How runs end, for people. */
const STOP_TEXTS: Readonly<Record<StopReason, string>> = {
  end: "done",
  max_tokens: "cut off at max_tokens",
  refusal: "refused by the model",
  other: "stopped by the provider for an unknown reason",
  stopped: "stopped",
  turn_limit: "turn limit reached",
  time_limit: "time limit reached",
  token_limit: "token limit reached",
  cost_limit: "cost limit reached",
  callback: "ended by a callback",
  api_error: "API error",
  interrupted: "interrupted in the middle of a reply",
  aborted: "aborted",
};

export function stopText(reason: StopReason | undefined): string {
  return reason === undefined ? "ended" : STOP_TEXTS[reason];
}

export function stopMark(reason: StopReason | undefined): Mark {
  if (reason === "end") return "done";
  return WARNINGS.has(reason) ? "warning" : "error";
}

const WARNINGS: ReadonlySet<StopReason | undefined> = new Set(["stopped", "max_tokens", "refusal", "other"]);

/** Rows of the table of tools. */
const MAX_TOOLS = 12;
/** Columns of a tool's name. */
const MAX_NAME = 24;

/** What a run came to, its children in it. */
export function summaryLines(label: string, run: ShownRun, result: RunResult): Line[] {
  const counts = [
    plural(run.turns, "turn"),
    plural(result.apiCalls, "API call"),
    plural(result.toolCalls, "tool call"),
    ...(run.childCount > 0 ? [plural(run.childCount, "child", "children")] : []),
    ...(run.deniedCount > 0 ? [`${countText(run.deniedCount)} denied`] : []),
  ];
  const cached = result.cachedTokens > 0 ? ` (${countText(result.cachedTokens)} from the cache)` : "";
  const { tokens } = result.limits;
  const limit = tokens === undefined ? "" : ` · ${countText(tokens.spent)} of ${countText(tokens.limit)} spent`;
  const tools = Object.entries(run.times.stats);
  const shown = tools.slice(0, MAX_TOOLS);
  const titleWidth = Math.min(MAX_NAME, Math.max(0, ...shown.map(([name]) => displayWidth(name))));
  return [
    {
      mark: stopMark(result.stopReason),
      title: label,
      detail: stopText(result.stopReason),
      right: durationText(result.durationMs),
      tone: "strong",
    },
    field("work", counts.join(" · ")),
    field("tokens", `${countText(result.inputTokens)} in${cached} · ${countText(result.outputTokens)} out${limit}`),
    field("cost", costText(result, result.limits.usd)),
    ...shown.map(([name, stats], index) => ({
      ...field(index === 0 ? "tools" : "", toolText(stats)),
      title: excerpt(name, MAX_NAME),
      titleWidth,
    })),
    ...(tools.length > MAX_TOOLS
      ? [field("", `… and ${plural(tools.length - MAX_TOOLS, "more tool", "more tools")}`)]
      : []),
  ];
}

function field(name: string, text: string): Line {
  return { indent: `  ${name.padEnd(6)}  `, detail: text };
}

function toolText({ calls, errors, denied, answered, invalid, totalMs, avgMs, maxMs }: ToolStats): string {
  const facts = [
    ...(calls > 0 ? [`${countText(calls)}×`, durationText(totalMs)] : []),
    ...(calls > 1 ? [`average ${durationText(avgMs)}`, `longest ${durationText(maxMs)}`] : []),
    ...(errors > 0 ? [plural(errors, "error")] : []),
    ...(denied > 0 ? [`${countText(denied)} denied`] : []),
    ...(answered > 0 ? [`${countText(answered)} answered by a callback`] : []),
    ...(invalid > 0 ? [`${countText(invalid)} invalid`] : []),
  ];
  return facts.join(" · ");
}
