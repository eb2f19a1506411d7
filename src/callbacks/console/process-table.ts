import type { EventName, Retry } from "../../events/callback-event.ts";
import type { EventInfo } from "../../events/event-info.ts";
import type { ProcessView } from "../../events/process-view.ts";
import type { Usage } from "../../events/run-result.ts";
import { ToolTimes } from "../timing.ts";
import type { Line, Mark } from "./line.ts";

/** A tool call under way, with the children that it made. */
export interface ShownCall {
  readonly toolName: string;
  readonly args: string;
  readonly startedMs: number;
  readonly children: Set<ShownProcess>;
  /** How long it has waited for a person, before it ran or was refused. */
  waitedMs: number;
}

/** A run under way. Times are of this machine's clock, also in a replay. */
export interface ShownRun {
  readonly runId: string | undefined;
  readonly startedMs: number;
  readonly usageBefore: Usage;
  readonly times: ToolTimes;
  prompt: string;
  turn: number;
  /** Counted over the children, too. */
  turns: number;
  childCount: number;
  deniedCount: number;
  /** The end of the text that is streaming in. */
  tail: string;
  /** Why and until when it waits before it sends a request again. */
  retry: { readonly error: Error; readonly retry: Retry; readonly untilMs: number } | undefined;
}

/** A process as the console follows it. */
export interface ShownProcess {
  readonly view: ProcessView;
  /** `demo` for a root, `demo.1` for its child, `demo#2` for the second root of this console. */
  readonly label: string;
  readonly startedMs: number;
  readonly calls: Map<string, ShownCall>;
  /** Children that no call made. */
  readonly children: Set<ShownProcess>;
  /** Under which process it is shown; undefined if it stands by itself. */
  parent: ShownProcess | undefined;
  run: ShownRun | undefined;
  /** How its last run ended. */
  outcome: string | undefined;
  outcomeMark: Mark;
  endedMs: number | undefined;
  /** What it has to show once the call that made it is over. */
  lines: readonly Line[];
}

/** Which processes there are, and who belongs under whom. */
export class ProcessTable {
  readonly #byId = new Map<string, ShownProcess>();
  readonly #rootLabels = new Map<string, string>();
  #rootCount = 0;

  /** The process that speaks; one whose start was not heard is taken up here. */
  of(info: EventInfo): ShownProcess {
    const shown = this.#byId.get(info.process.id) ?? this.#add(info);
    if (shown.run === undefined && SHOWS_A_RUN.has(info.event)) this.startRun(shown, info);
    return shown;
  }

  startRun(shown: ShownProcess, info: EventInfo): ShownRun {
    // A child that runs on its own account, while its parent rests, is not a part of anything.
    if (shown.parent !== undefined && shown.parent.run === undefined) this.#detach(shown);
    const run: ShownRun = {
      runId: info.runId,
      startedMs: Date.now(),
      usageBefore: shown.view.usage,
      times: new ToolTimes(),
      prompt: "",
      turn: 0,
      turns: 0,
      childCount: 0,
      deniedCount: 0,
      tail: "",
      retry: undefined,
    };
    shown.run = run;
    return run;
  }

  startCall(info: EventInfo, toolName: string, args: string): ShownCall {
    const call: ShownCall = { toolName, args, startedMs: Date.now(), children: new Set(), waitedMs: 0 };
    this.of(info).calls.set(info.callId ?? toolName, call);
    return call;
  }

  /**
   * A person was asked about a call until now. The calls that its process started after it have waited, too: whoever
   * asks hears them one at a time.
   */
  waited({ process, callId }: EventInfo): void {
    const calls = this.#byId.get(process.id)?.calls ?? new Map<string, ShownCall>();
    let isWaiting = false;
    for (const [id, call] of calls) {
      isWaiting ||= id === callId;
      if (isWaiting) call.waitedMs = Date.now() - call.startedMs;
    }
  }

  /** One that stands by itself and runs no more is let go until it speaks again: it may never be closed. */
  rest(shown: ShownProcess): void {
    this.#byId.delete(shown.view.id);
  }

  forget(shown: ShownProcess): void {
    this.#byId.delete(shown.view.id);
    if (shown.view.parentId === undefined) this.#rootLabels.delete(shown.view.id);
  }

  /** Those that stand by themselves. */
  get outermost(): ShownProcess[] {
    return [...this.#byId.values()].filter((shown) => shown.parent === undefined);
  }

  #add(info: EventInfo): ShownProcess {
    const view = info.process;
    const parent = view.parentId === undefined ? undefined : this.#byId.get(view.parentId);
    const shown: ShownProcess = {
      view,
      label: this.#label(view),
      startedMs: Date.now(),
      calls: new Map(),
      children: new Set(),
      parent: parent?.run === undefined ? undefined : parent,
      run: undefined,
      outcome: undefined,
      outcomeMark: "done",
      endedMs: undefined,
      lines: [],
    };
    this.#byId.set(view.id, shown);
    if (shown.parent !== undefined) {
      (makerOf(shown.parent, info.callId)?.children ?? shown.parent.children).add(shown);
      for (const run of runsAbove(shown.parent)) run.childCount += 1;
    }
    return shown;
  }

  #detach(shown: ShownProcess): void {
    shown.parent?.children.delete(shown);
    for (const call of shown.parent?.calls.values() ?? []) call.children.delete(shown);
    shown.parent = undefined;
  }

  #label({ id, name, rootId }: ProcessView): string {
    let root = this.#rootLabels.get(rootId);
    if (root === undefined) {
      this.#rootCount += 1;
      root = this.#rootCount === 1 ? "" : `#${this.#rootCount}`;
      this.#rootLabels.set(rootId, root);
    }
    return `${name}${root}${id.slice(rootId.length)}`;
  }
}

/** Events that only a run under way can raise: a run whose start was not heard is taken up at them. */
const SHOWS_A_RUN: ReadonlySet<EventName> = new Set(["turn_start", "api_request", "response_delta", "tool_start"]);

/** The run of a process, and those of all that it is shown under. */
export function runsAbove(shown: ShownProcess): ShownRun[] {
  const above = shown.parent === undefined ? [] : runsAbove(shown.parent);
  return shown.run === undefined ? above : [shown.run, ...above];
}

/** The call that made a child: the one that the event names, or the only one under way. */
function makerOf(parent: ShownProcess, callId: string | undefined): ShownCall | undefined {
  if (callId !== undefined && parent.calls.has(callId)) return parent.calls.get(callId);
  return parent.calls.size === 1 ? [...parent.calls.values()][0] : undefined;
}
