import type { Retry } from "../../events/callback-event.ts";
import type { EventInfo } from "../../events/event-info.ts";
import type { ProcessView } from "../../events/process-view.ts";
import type { Usage } from "../../events/run-result.ts";
import type { TreeCall, TreeProcess, TreeRun } from "../../events/run-tree.ts";
import { RunTree } from "../../events/run-tree.ts";
import { ToolTimes } from "../timing.ts";
import type { Line, Mark } from "./line.ts";

/** A tool call under way. */
export interface ShownCall {
  readonly id: string | undefined;
  readonly startedMs: number;
  /** The children that it made, also those that have ended: they are shown under it until it is over. */
  readonly children: Set<ShownProcess>;
  toolName: string;
  args: string;
  /** How long it has waited for a person, before it ran or was refused. */
  waitedMs: number;
}

/** A run under way. Times are of this machine's clock, also in a replay. */
export interface ShownRun {
  readonly node: TreeRun<EventInfo>;
  readonly startedMs: number;
  readonly usageBefore: Usage;
  readonly times: ToolTimes;
  readonly calls: WeakMap<TreeCall<EventInfo>, ShownCall>;
  prompt: string;
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
  readonly node: TreeProcess<EventInfo>;
  readonly view: ProcessView;
  /** `demo` for a root, `demo.1` for its child, `demo#2` for the second root of this console. */
  readonly label: string;
  readonly startedMs: number;
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

/** Where an event stands. */
export interface ShownPlace {
  readonly shown: ShownProcess;
  /** Also the run that it ends. */
  readonly run: ShownRun | undefined;
  /** The call that it starts or ends. */
  readonly call: ShownCall | undefined;
}

/** Which processes there are, and who is shown under whom. */
export class ProcessTable {
  readonly #tree = new RunTree<EventInfo>();
  readonly #shown = new WeakMap<TreeProcess<EventInfo>, ShownProcess>();
  readonly #rootLabels = new Map<string, string>();
  #rootCount = 0;

  /** Takes an event in; every event once. */
  hear(info: EventInfo): ShownPlace {
    const { process: node, run: runNode, call } = this.#tree.hear(info);
    const shown = this.#shown.get(node) ?? this.#add(node, info);
    if (runNode !== undefined && shown.run?.node !== runNode) startRun(shown, runNode);
    const { run } = shown;
    if (node.run === undefined) shown.run = undefined;
    if (info.event === "process_end") this.#rootLabels.delete(info.process.id);
    return { shown, run, call: call && run && callOf(run, call) };
  }

  /**
   * A person was asked about a call until now. The calls that its process started after it have waited, too: whoever
   * asks hears them one at a time.
   */
  waited({ process, callId }: EventInfo): void {
    const node = this.#tree.get(process.id);
    const run = node && this.#shown.get(node)?.run;
    let isWaiting = false;
    for (const call of run === undefined ? [] : callsUnderWay(run)) {
      isWaiting ||= call.id === callId;
      if (isWaiting) call.waitedMs = Date.now() - call.startedMs;
    }
  }

  /** What has been shown of it is done with: should it speak again, it is shown anew. */
  forget(shown: ShownProcess): void {
    this.#shown.delete(shown.node);
  }

  /** Those that run, and stand by themselves. */
  get outermost(): ShownProcess[] {
    const shown = Array.from(this.#tree.processes, (node) => this.#shown.get(node) ?? []).flat();
    return shown.filter(({ parent, run }) => parent === undefined && run !== undefined);
  }

  #add(node: TreeProcess<EventInfo>, { process: view }: EventInfo): ShownProcess {
    const above = node.parent && this.#shown.get(node.parent);
    const parent = above?.run === undefined ? undefined : above;
    const shown: ShownProcess = {
      node,
      view,
      label: this.#label(view),
      startedMs: Date.now(),
      children: new Set(),
      parent,
      run: undefined,
      outcome: undefined,
      outcomeMark: "done",
      endedMs: undefined,
      lines: [],
    };
    this.#shown.set(node, shown);
    if (parent?.run !== undefined) {
      (makerOf(node, parent.run)?.children ?? parent.children).add(shown);
      for (const run of runsAbove(parent)) run.childCount += 1;
    }
    return shown;
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

/** The run of a process, and those of all that it is shown under. */
export function runsAbove({ run, parent }: ShownProcess): ShownRun[] {
  const above = parent === undefined ? [] : runsAbove(parent);
  return run === undefined ? above : [run, ...above];
}

/** In the order of their starts. */
export function callsUnderWay(run: ShownRun): ShownCall[] {
  return Array.from(run.node.calls.values(), (node) => callOf(run, node));
}

function startRun(shown: ShownProcess, node: TreeRun<EventInfo>): void {
  // A child that runs on its own account, while its parent rests, is not a part of anything.
  if (shown.parent !== undefined && shown.parent.run === undefined) detach(shown, shown.parent);
  shown.run = {
    node,
    startedMs: Date.now(),
    usageBefore: shown.view.usage,
    times: new ToolTimes(),
    calls: new WeakMap(),
    prompt: "",
    turns: 0,
    childCount: 0,
    deniedCount: 0,
    tail: "",
    retry: undefined,
  };
}

function detach(shown: ShownProcess, parent: ShownProcess): void {
  parent.children.delete(shown);
  shown.parent = undefined;
}

function callOf({ calls }: ShownRun, node: TreeCall<EventInfo>): ShownCall {
  const known = calls.get(node);
  if (known !== undefined) return known;
  const { callId: id } = node.start;
  const call: ShownCall = { id, startedMs: Date.now(), children: new Set(), toolName: "", args: "", waitedMs: 0 };
  calls.set(node, call);
  return call;
}

/** The call that made a child; where none is known, the only one under way. */
function makerOf({ maker }: TreeProcess<EventInfo>, run: ShownRun): ShownCall | undefined {
  if (maker !== undefined) return callOf(run, maker);
  const calls = callsUnderWay(run);
  return calls.length === 1 ? calls[0] : undefined;
}
