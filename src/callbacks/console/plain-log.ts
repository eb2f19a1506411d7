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
import { inheritedText, plural } from "./figures.ts";
import type { Floor, View } from "./floor.ts";
import { floorOf } from "./floor.ts";
import { lineText } from "./line.ts";
import type { ConsoleStream } from "./live-region.ts";
import { apiErrorText, argsText, callOutcome, faultText, promptText, retryText } from "./phrases.ts";
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
    this.#table.of(info);
    if (process.parentId !== undefined) this.#say("normal", `started${inheritedText(process.usage)}`, info);
  }

  run_start(_process: ProcessView, prompt: Prompt, info: EventInfo): void {
    this.#table.startRun(this.#table.of(info), info);
    this.#say("normal", `run: ${promptText(prompt)}`, info);
  }

  turn_start(_process: ProcessView, _runResult: RunResult, info: EventInfo): void {
    for (const run of runsAbove(this.#table.of(info))) run.turns += 1;
    this.#say("normal", `turn ${info.turn ?? ""}`, info);
  }

  api_request(_payload: JsonObject, info: EventInfo): void {
    this.#say("verbose", `request sent, attempt ${info.attempt ?? 1}`, info);
  }

  response(text: string, info: EventInfo): void {
    this.#say("normal", `text: ${text}`, info);
  }

  api_response(_response: JsonValue, info: EventInfo): void {
    this.#say("verbose", `reply received after ${durationText(info.durationMs ?? 0)}`, info);
  }

  api_error(error: Error, retry: Retry | undefined, info: EventInfo): void {
    this.#say("quiet", retry === undefined ? `API error: ${apiErrorText(error)}` : retryText(error, retry), info);
  }

  tool_start(toolName: string, toolArgs: JsonObject, info: EventInfo): void {
    this.#floor.join(this.#view);
    const call = this.#table.startCall(info, toolName, argsText(toolArgs));
    this.#say("normal", `tool ${toolName} ${call.args} started`, info);
  }

  tool_end(toolName: string, result: ToolResult, info: EventInfo): void {
    const { kind, reason } = callOutcome(result, info);
    const shown = this.#table.of(info);
    const id = info.callId ?? toolName;
    const { args = "", waitedMs = 0 } = shown.calls.get(id) ?? {};
    shown.calls.delete(id);
    for (const run of runsAbove(shown)) {
      run.times.add(toolName, result, info, waitedMs);
      if (kind === "denied") run.deniedCount += 1;
    }
    const tool = `tool ${toolName} ${args}`.trimEnd();
    const time = durationText(toolMs(info, waitedMs));
    if (kind === "denied") this.#say("quiet", `${tool} ${reason}`, info);
    else if (kind === "error") this.#say("quiet", `${tool} failed after ${time}: ${reason}`, info);
    else this.#say("normal", `${tool} done in ${time}${reason && `, ${reason}`}`, info);
    if (kind === "done") this.#say("verbose", `${tool} result: ${result.content.slice(0, 1000)}`, info);
  }

  stderr_write(text: string, info: EventInfo): void {
    this.#say("normal", `stderr: ${text}`, info);
  }

  callback_error(fault: CallbackFault, info: EventInfo): void {
    this.#say("quiet", faultText(fault), info);
  }

  run_end(_process: ProcessView, runResult: RunResult, info: EventInfo): void {
    const shown = this.#table.of(info);
    const { run } = shown;
    shown.run = undefined;
    if (run === undefined) return;
    if (shown.parent === undefined) {
      this.#table.rest(shown);
      if (this.#table.outermost.length === 0) this.#floor.leave(this.#view);
      for (const { right, ...line } of summaryLines(shown.label, run, runResult)) {
        const detail = right === undefined ? line.detail : `${line.detail} · ${right}`;
        this.#stream.write(`${lineText({ ...line, detail }, { width: MAX_COLUMNS, color: false, timeMs: 0 })}\n`);
      }
      return;
    }
    const facts = [stopText(runResult.stopReason), plural(run.turns, "turn"), shortCostText(runResult)];
    this.#say("normal", `run ended: ${facts.join(", ")}, in ${durationText(runResult.durationMs)}`, info);
  }

  process_end(process: ProcessView, info: EventInfo): void {
    const shown = this.#table.of(info);
    if (process.parentId !== undefined) this.#say("normal", "ended", info);
    this.#table.forget(shown);
  }

  #say(verbosity: Verbosity, text: string, info: EventInfo): void {
    if (VERBOSITY[verbosity] > VERBOSITY[this.#verbosity]) return;
    const { label, view } = this.#table.of(info);
    const owner = view.parentId === undefined && !label.includes("#") ? "" : `[${label}] `;
    this.#stream.write(`${excerpt(owner + text, MAX_COLUMNS)}\n`);
  }
}
