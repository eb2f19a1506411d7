import type { CallbackOptions } from "../../events/callback.ts";
import type { Retry } from "../../events/callback-event.ts";
import type { CallbackFault } from "../../events/callback-fault.ts";
import type { ContextChange } from "../../events/context-change.ts";
import type { EventInfo } from "../../events/event-info.ts";
import type { Prompt } from "../../events/message.ts";
import type { ProcessView } from "../../events/process-view.ts";
import type { RunResult } from "../../events/run-result.ts";
import type { ToolResult } from "../../events/tool-result.ts";
import type { JsonObject, JsonValue } from "../../json.ts";
import { durationText } from "../../text/duration.ts";
import { excerpt } from "../../text/excerpt.ts";
import { toolMs } from "../timing.ts";
import { shortCostText } from "./cost-text.ts";
import { plural, roundCountText } from "./figures.ts";
import type { Line } from "./line.ts";
import type { ConsoleStream } from "./live-region.ts";
import { LiveScreen } from "./live-screen.ts";
import { childLines, liveLines } from "./live-tree.ts";
import { apiErrorText, argsText, callOutcome, changeText, faultText, promptText, retryText } from "./phrases.ts";
import type { ShownProcess, ShownRun } from "./process-table.ts";
import { ProcessTable, runsAbove } from "./process-table.ts";
import { stopMark, stopText, summaryLines } from "./summary.ts";
import type { Verbosity } from "./verbosity.ts";
import { VERBOSITY } from "./verbosity.ts";

export interface LiveLogOptions {
  readonly stream: ConsoleStream;
  readonly color: boolean;
  readonly verbosity: Verbosity;
}

/** How many lines of a child are kept until the call that made it is over. */
const MAX_CHILD_LINES = 100;
/** Columns for the arguments of a call that failed: why it did is the news. */
const MAX_ARGS_BEFORE_REASON = 28;
/** A person who answers sooner than this is no news. */
const MIN_WAITED_MS = 1000;
/** How much of a streaming text is kept, in characters: more than a line can show. */
const TAIL_LENGTH = 1000;

/**
 * The live view: what is done scrolls up and stays, what goes on stands below. What a child did is shown under the
 * call that made it, when that call is over; until then its state stands in the live lines.
 */
export class LiveLog {
  readonly callbackOptions: CallbackOptions = { observe: true, name: "consoleLog" };
  readonly #table = new ProcessTable();
  readonly #screen: LiveScreen;
  readonly #verbosity: Verbosity;

  constructor({ stream, color, verbosity }: LiveLogOptions) {
    this.#verbosity = verbosity;
    this.#screen = new LiveScreen({
      stream,
      color,
      live: (maxLines, timeMs) => this.#live(maxLines, timeMs),
      waited: (info) => this.#table.waited(info),
    });
  }

  process_start(_process: ProcessView, info: EventInfo): void {
    this.#table.hear(info);
    this.#screen.change();
  }

  run_start(_process: ProcessView, prompt: Prompt, info: EventInfo): void {
    const { shown, run } = this.#table.hear(info);
    const detail = promptText(prompt);
    if (run !== undefined) run.prompt = detail;
    if (shown.parent === undefined && this.#says("normal")) {
      this.#screen.print([{ mark: "run", title: shown.label, detail, tone: "strong" }]);
    }
  }

  turn_start(_process: ProcessView, _runResult: RunResult, info: EventInfo): void {
    const { shown } = this.#table.hear(info);
    for (const run of runsAbove(shown)) run.turns += 1;
    if (shown.parent === undefined) this.#say(shown, "normal", { title: `turn ${info.turn ?? ""}`, tone: "quiet" });
  }

  api_request(_payload: JsonObject, info: EventInfo): void {
    const line: Line = { detail: `request sent (attempt ${info.attempt ?? 1})`, tone: "quiet" };
    this.#say(this.#hearNoText(info), "verbose", line);
  }

  response_delta(text: string, info: EventInfo): void {
    const { run } = this.#table.hear(info);
    if (run !== undefined) this.#setText(run, run.tail + text);
  }

  response(text: string, info: EventInfo): void {
    this.#say(this.#hearNoText(info), "normal", { mark: "text", detail: text });
  }

  api_response(_response: JsonValue, info: EventInfo): void {
    const line: Line = { detail: "reply received", right: durationText(info.durationMs ?? 0), tone: "quiet" };
    this.#say(this.#hearNoText(info), "verbose", line);
  }

  api_error(error: Error, retry: Retry | undefined, info: EventInfo): void {
    const shown = this.#hearNoText(info);
    const { run } = shown;
    if (run !== undefined && retry !== undefined) run.retry = { error, retry, untilMs: Date.now() + retry.delayMs };
    this.#say(shown, "quiet", apiErrorLine(error, retry));
  }

  tool_start(toolName: string, toolArgs: JsonObject, info: EventInfo): void {
    const { call } = this.#table.hear(info);
    if (call !== undefined) {
      call.toolName = toolName;
      call.args = argsText(toolArgs);
    }
    this.#screen.change();
  }

  tool_end(toolName: string, result: ToolResult, info: EventInfo): void {
    const { shown, call } = this.#table.hear(info);
    const { kind, reason } = callOutcome(result, info);
    const waitedMs = call?.waitedMs ?? 0;
    for (const run of runsAbove(shown)) {
      run.times.add(toolName, result, info, waitedMs);
      if (kind === "denied") run.deniedCount += 1;
    }
    const facts = [reason, waitedMs < MIN_WAITED_MS ? "" : `waited ${durationText(waitedMs)} for an answer`].filter(
      Boolean,
    );
    const args = facts.length === 0 ? call?.args : excerpt(call?.args ?? "", MAX_ARGS_BEFORE_REASON);
    const detail = [args, ...facts].filter(Boolean).join(" · ");
    const children = [...(call?.children ?? [])];
    for (const child of children) this.#table.forget(child);
    this.#say(
      shown,
      kind === "done" ? "normal" : "quiet",
      {
        mark: kind,
        title: toolName,
        detail,
        right: durationText(toolMs(info, waitedMs)),
        ...(kind === "done" ? {} : { tone: kind === "denied" ? "warning" : "error" }),
      },
      ...(this.#says("verbose") && kind === "done"
        ? [{ indent: "  ", detail: `→ ${result.content.slice(0, 500)}` }]
        : []),
      ...childLines(children),
    );
  }

  turn_end(
    _process: ProcessView,
    _response: JsonValue | undefined,
    _results: readonly ToolResult[],
    info: EventInfo,
  ): void {
    this.#hearNoText(info);
  }

  context_change(_process: ProcessView, change: ContextChange, info: EventInfo): void {
    this.#say(this.#table.hear(info).shown, "normal", { mark: "run", detail: changeText(change) });
  }

  stderr_write(text: string, info: EventInfo): void {
    this.#say(this.#table.hear(info).shown, "normal", { mark: "stderr", detail: text });
  }

  callback_error(fault: CallbackFault, info: EventInfo): void {
    const line: Line = { mark: "warning", detail: faultText(fault), tone: "warning" };
    this.#say(this.#table.hear(info).shown, "quiet", line);
  }

  run_end(_process: ProcessView, runResult: RunResult, info: EventInfo): void {
    const { shown, run } = this.#table.hear(info);
    shown.outcome = outcomeText(run?.turns ?? 0, runResult);
    shown.outcomeMark = stopMark(runResult.stopReason);
    if (shown.parent === undefined && run !== undefined) {
      this.#screen.print([{}, ...summaryLines(shown.label, run, runResult)]);
    } else {
      this.#screen.change();
    }
  }

  process_end(_process: ProcessView, info: EventInfo): void {
    const { shown } = this.#table.hear(info);
    const { parent } = shown;
    shown.endedMs = Date.now();
    if (parent?.children.delete(shown)) this.#say(parent, "normal", ...childLines([shown]));
    if (parent?.run !== undefined) this.#screen.change();
  }

  #live(maxLines: number, timeMs: number): Line[] {
    const running = this.#table.outermost;
    const each = Math.max(2, Math.floor(maxLines / running.length));
    return running.flatMap((shown) => liveLines(shown, each, timeMs)).slice(-maxLines);
  }

  /** Takes in an event that ends the text that streams in. */
  #hearNoText(info: EventInfo): ShownProcess {
    const { shown, run } = this.#table.hear(info);
    if (run !== undefined) this.#setText(run, "");
    return shown;
  }

  #setText(run: ShownRun, tail: string): void {
    run.tail = tail.slice(-TAIL_LENGTH);
    run.retry = undefined;
    this.#screen.change();
  }

  #says(verbosity: Verbosity): boolean {
    return VERBOSITY[verbosity] <= VERBOSITY[this.#verbosity];
  }

  /** Shows lines at once, or keeps them until the call is over that made the process. */
  #say(shown: ShownProcess, verbosity: Verbosity, ...lines: readonly Line[]): void {
    if (!this.#says(verbosity)) return;
    if (shown.parent !== undefined) {
      shown.lines = [...shown.lines, ...lines].slice(-MAX_CHILD_LINES);
      this.#screen.change();
      return;
    }
    const isAlone = this.#table.outermost.every((one) => one === shown);
    const owner = isAlone ? undefined : shown.label;
    this.#screen.print(lines.map((line) => ({ ...line, owner, indent: `  ${line.indent ?? ""}` })));
  }
}

function apiErrorLine(error: Error, retry: Retry | undefined): Line {
  if (retry === undefined) return { mark: "error", title: "API error", detail: apiErrorText(error), tone: "error" };
  return { mark: "retry", detail: retryText(error, retry), tone: "warning" };
}

/** `done · 2 turns · 1.2k tokens · $0.0004` */
function outcomeText(turns: number, result: RunResult): string {
  const facts = [stopText(result.stopReason), plural(turns, "turn"), `${roundCountText(result.totalTokens)} tokens`];
  return [...facts, shortCostText(result)].join(" · ");
}
