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
import { inheritedText, plural } from "./figures.ts";
import type { Floor, View } from "./floor.ts";
import { floorOf } from "./floor.ts";
import { lineText } from "./line.ts";
import type { ConsoleStream } from "./live-region.ts";
import { apiErrorText, argsText, callOutcome, changeText, faultText, promptText, retryText } from "./phrases.ts";
import type { ShownProcess } from "./process-table.ts";
import { ProcessTable, runsAbove } from "./process-table.ts";
import { stopText, summaryLines } from "./summary.ts";
import type { Verbosity } from "./verbosity.ts";
import { VERBOSITY } from "./verbosity.ts";

/** Columns of a line: a log is searched, so more is kept than a screen shows. */
const MAX_COLUMNS = 240;

/** Plain lines for a pipe or a file: one for each fact, no escape codes, children with their name in front. */
export class PlainLog {
  readonly callbackOptions: CallbackOptions = { observe: true, name: "consoleLog" };
  readonly #table = new ProcessTable();
  readonly #stream: ConsoleStream;
  readonly #floor: Floor;
  /** It draws nothing that would have to stand still, but its calls wait for people, too. */
  readonly #view: View = { standStill() {}, goOn() {}, waited: (info) => this.#table.waited(info) };
  readonly #verbosity: Verbosity;

  constructor({ stream, verbosity }: { stream: ConsoleStream; verbosity: Verbosity }) {
    this.#stream = stream;
    this.#floor = floorOf(stream);
    this.#verbosity = verbosity;
  }

  process_start(process: ProcessView, info: EventInfo): void {
    const { shown } = this.#table.hear(info);
    if (process.parentId !== undefined) this.#say("normal", `started${inheritedText(process.usage)}`, shown);
  }

  run_start(_process: ProcessView, prompt: Prompt, info: EventInfo): void {
    this.#hear("normal", `run: ${promptText(prompt)}`, info);
  }

  turn_start(_process: ProcessView, _runResult: RunResult, info: EventInfo): void {
    const { shown } = this.#table.hear(info);
    for (const run of runsAbove(shown)) run.turns += 1;
    this.#say("normal", `turn ${info.turn ?? ""}`, shown);
  }

  api_request(_payload: JsonObject, info: EventInfo): void {
    this.#hear("verbose", `request sent, attempt ${info.attempt ?? 1}`, info);
  }

  response(text: string, info: EventInfo): void {
    this.#hear("normal", `text: ${text}`, info);
  }

  api_response(_response: JsonValue, info: EventInfo): void {
    this.#hear("verbose", `reply received after ${durationText(info.durationMs ?? 0)}`, info);
  }

  api_error(error: Error, retry: Retry | undefined, info: EventInfo): void {
    this.#hear("quiet", retry === undefined ? `API error: ${apiErrorText(error)}` : retryText(error, retry), info);
  }

  tool_start(toolName: string, toolArgs: JsonObject, info: EventInfo): void {
    this.#floor.join(this.#view);
    const args = argsText(toolArgs);
    const { shown, call } = this.#table.hear(info);
    if (call !== undefined) call.args = args;
    this.#say("normal", `tool ${toolName} ${args} started`, shown);
  }

  tool_end(toolName: string, result: ToolResult, info: EventInfo): void {
    const { kind, reason } = callOutcome(result, info);
    const { shown, call } = this.#table.hear(info);
    const { args = "", waitedMs = 0 } = call ?? {};
    for (const run of runsAbove(shown)) {
      run.times.add(toolName, result, info, waitedMs);
      if (kind === "denied") run.deniedCount += 1;
    }
    const tool = `tool ${toolName} ${args}`.trimEnd();
    const time = durationText(toolMs(info, waitedMs));
    if (kind === "denied") this.#say("quiet", `${tool} ${reason}`, shown);
    else if (kind === "error") this.#say("quiet", `${tool} failed after ${time}: ${reason}`, shown);
    else this.#say("normal", `${tool} done in ${time}${reason && `, ${reason}`}`, shown);
    if (kind === "done") this.#say("verbose", `${tool} result: ${result.content.slice(0, 1000)}`, shown);
  }

  context_change(_process: ProcessView, change: ContextChange, info: EventInfo): void {
    this.#hear("normal", changeText(change), info);
  }

  stderr_write(text: string, info: EventInfo): void {
    this.#hear("normal", `stderr: ${text}`, info);
  }

  callback_error(fault: CallbackFault, info: EventInfo): void {
    this.#hear("quiet", faultText(fault), info);
  }

  run_end(_process: ProcessView, runResult: RunResult, info: EventInfo): void {
    const { shown, run } = this.#table.hear(info);
    if (run === undefined) return;
    if (shown.parent === undefined) {
      if (this.#table.outermost.length === 0) this.#floor.leave(this.#view);
      for (const { right, ...line } of summaryLines(shown.label, run, runResult)) {
        const detail = right === undefined ? line.detail : `${line.detail} · ${right}`;
        this.#stream.write(`${lineText({ ...line, detail }, { width: MAX_COLUMNS, color: false, timeMs: 0 })}\n`);
      }
      return;
    }
    const facts = [stopText(runResult.stopReason), plural(run.turns, "turn"), shortCostText(runResult)];
    this.#say("normal", `run ended: ${facts.join(", ")}, in ${durationText(runResult.durationMs)}`, shown);
  }

  process_end(process: ProcessView, info: EventInfo): void {
    const { shown } = this.#table.hear(info);
    if (process.parentId !== undefined) this.#say("normal", "ended", shown);
  }

  #hear(verbosity: Verbosity, text: string, info: EventInfo): void {
    this.#say(verbosity, text, this.#table.hear(info).shown);
  }

  #say(verbosity: Verbosity, text: string, { label, view }: ShownProcess): void {
    if (VERBOSITY[verbosity] > VERBOSITY[this.#verbosity]) return;
    const owner = view.parentId === undefined && !label.includes("#") ? "" : `[${label}] `;
    this.#stream.write(`${excerpt(owner + text, MAX_COLUMNS)}\n`);
  }
}
