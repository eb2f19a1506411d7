import type { CallbackOptions } from "../../events/callback.ts";
import type { Retry } from "../../events/callback-event.ts";
import type { CallbackFault } from "../../events/callback-fault.ts";
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
import { apiErrorText, argsText, callOutcome, faultText, promptText, retryText } from "./phrases.ts";
import type { ShownProcess } from "./process-table.ts";
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
    this.#table.of(info);
    this.#screen.change();
  }

  run_start(_process: ProcessView, prompt: Prompt, info: EventInfo): void {
    const shown = this.#table.of(info);
    const run = this.#table.startRun(shown, info);
    run.prompt = promptText(prompt);
    if (shown.parent === undefined && this.#says("normal")) {
      this.#screen.print([{ mark: "run", title: shown.label, detail: run.prompt, tone: "strong" }]);
    }
  }

  turn_start(_process: ProcessView, _runResult: RunResult, info: EventInfo): void {
    const shown = this.#table.of(info);
    for (const run of runsAbove(shown)) run.turns += 1;
    if (shown.run !== undefined) shown.run.turn = info.turn ?? shown.run.turn + 1;
    if (shown.parent === undefined) this.#say("normal", { title: `turn ${info.turn ?? ""}`, tone: "quiet" }, info);
  }

  api_request(_payload: JsonObject, info: EventInfo): void {
    this.#setText("", info);
    this.#say("verbose", { detail: `request sent (attempt ${info.attempt ?? 1})`, tone: "quiet" }, info);
  }

  response_delta(text: string, info: EventInfo): void {
    this.#setText((this.#table.of(info).run?.tail ?? "") + text, info);
  }

  response(text: string, info: EventInfo): void {
    this.#setText("", info);
    this.#say("normal", { mark: "text", detail: text }, info);
  }

  api_response(_response: JsonValue, info: EventInfo): void {
    this.#setText("", info);
    this.#say("verbose", { detail: "reply received", right: durationText(info.durationMs ?? 0), tone: "quiet" }, info);
  }

  api_error(error: Error, retry: Retry | undefined, info: EventInfo): void {
    this.#setText("", info);
    const { run } = this.#table.of(info);
    if (run !== undefined && retry !== undefined) run.retry = { error, retry, untilMs: Date.now() + retry.delayMs };
    this.#say("quiet", apiErrorLine(error, retry), info);
  }

  tool_start(toolName: string, toolArgs: JsonObject, info: EventInfo): void {
    this.#table.startCall(info, toolName, argsText(toolArgs));
    this.#screen.change();
  }

  tool_end(toolName: string, result: ToolResult, info: EventInfo): void {
    const shown = this.#table.of(info);
    const id = info.callId ?? toolName;
    const call = shown.calls.get(id);
    shown.calls.delete(id);
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
    this.#sayAll(shown, kind === "done" ? "normal" : "quiet", [
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
    ]);
  }

  turn_end(
    _process: ProcessView,
    _response: JsonValue | undefined,
    _results: readonly ToolResult[],
    info: EventInfo,
  ): void {
    this.#setText("", info);
  }

  stderr_write(text: string, info: EventInfo): void {
    this.#say("normal", { mark: "stderr", detail: text }, info);
  }

  callback_error(fault: CallbackFault, info: EventInfo): void {
    this.#say("quiet", { mark: "warning", detail: faultText(fault), tone: "warning" }, info);
  }

  run_end(_process: ProcessView, runResult: RunResult, info: EventInfo): void {
    const shown = this.#table.of(info);
    const { run } = shown;
    shown.outcome = outcomeText(run?.turns ?? 0, runResult);
    shown.outcomeMark = stopMark(runResult.stopReason);
    shown.run = undefined;
    for (const { children } of shown.calls.values()) for (const child of children) this.#table.forget(child);
    shown.calls.clear();
    if (shown.parent === undefined && run !== undefined) {
      this.#table.rest(shown);
      this.#screen.print([{}, ...summaryLines(shown.label, run, runResult)]);
    } else {
      this.#screen.change();
    }
  }

  process_end(_process: ProcessView, info: EventInfo): void {
    const shown = this.#table.of(info);
    shown.endedMs = Date.now();
    if (shown.parent?.children.delete(shown)) {
      this.#table.forget(shown);
      this.#sayAll(shown.parent, "normal", childLines([shown]));
    }
    if (shown.parent?.run === undefined) this.#table.forget(shown);
    else this.#screen.change();
  }

  #live(maxLines: number, timeMs: number): Line[] {
    const running = this.#table.outermost.filter(({ run }) => run !== undefined);
    const each = Math.max(2, Math.floor(maxLines / running.length));
    return running.flatMap((shown) => liveLines(shown, each, timeMs)).slice(-maxLines);
  }

  #setText(tail: string, info: EventInfo): void {
    const { run } = this.#table.of(info);
    if (run === undefined) return;
    run.tail = tail.slice(-TAIL_LENGTH);
    run.retry = undefined;
    this.#screen.change();
  }

  #says(verbosity: Verbosity): boolean {
    return VERBOSITY[verbosity] <= VERBOSITY[this.#verbosity];
  }

  #say(verbosity: Verbosity, line: Line, info: EventInfo): void {
    this.#sayAll(this.#table.of(info), verbosity, [line]);
  }

  /** Shows lines at once, or keeps them until the call is over that made the process. */
  #sayAll(shown: ShownProcess, verbosity: Verbosity, lines: readonly Line[]): void {
    if (!this.#says(verbosity)) return;
    if (shown.parent !== undefined) {
      shown.lines = [...shown.lines, ...lines].slice(-MAX_CHILD_LINES);
      this.#screen.change();
      return;
    }
    const owner = this.#table.outermost.length > 1 ? shown.label : undefined;
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
