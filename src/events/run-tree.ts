import type { EventName } from "./callback-event.ts";
import type { EventInfo } from "./event-info.ts";

/** What the tree reads of an event: `info` has it, and so has a record. */
export interface TreeEvent extends Partial<Pick<EventInfo, "runId" | "turn" | "callId" | "attempt">> {
  readonly event: EventName;
  readonly process: { readonly id: string; readonly parentId: string | undefined };
}

/** A process, as long as a run is under way in its tree. */
export interface TreeProcess<E extends TreeEvent> {
  /** Its first event since its tree last rested: `process_start`, or what was heard in its place. */
  readonly start: E;
  parent: TreeProcess<E> | undefined;
  /** The call of its parent that made it, if a tool did and its start was heard. */
  readonly maker: TreeCall<E> | undefined;
  /** The run of its parent that it belongs to, if a tool made it. */
  readonly owner: TreeRun<E> | undefined;
  /** Those that are open, in the order of their starts. */
  readonly children: Set<TreeProcess<E>>;
  /** The run under way. */
  run: TreeRun<E> | undefined;
  /** How many runs are under way in it and in all below it. */
  runCount: number;
}

/** A run under way. */
export interface TreeRun<E extends TreeEvent> {
  /** `run_start`, or the first event of it that was heard. */
  readonly start: E;
  readonly of: TreeProcess<E>;
  /** The turn under way or last over; 0 before the first. */
  turn: number;
  isInTurn: boolean;
  /** The attempt under way. */
  attempt: number | undefined;
  /** Those under way, by their ids, in the order of their starts. */
  readonly calls: Map<string, TreeCall<E>>;
}

/** A tool call under way. */
export interface TreeCall<E extends TreeEvent> {
  readonly start: E;
  readonly run: TreeRun<E>;
}

/** Where an event stands. */
export interface TreePlace<E extends TreeEvent> {
  readonly process: TreeProcess<E>;
  /** The run of the process that was under way when it was raised: also the one that it ends. */
  readonly run: TreeRun<E> | undefined;
  /** The call that it is about: also the one that it ends. */
  readonly call: TreeCall<E> | undefined;
}

/**
 * Process > run > turn > call, as the events of any number of processes tell it, or those of them that somebody hears.
 * What began before it heard anything is taken up at the first event that shows it. Processes may rest for ever and
 * never be closed: a tree in which no run is under way is let go until it speaks again.
 */
export class RunTree<E extends TreeEvent> {
  readonly #processes = new Map<string, TreeProcess<E>>();
  /** Children whose parent has not been heard of, by its id. */
  readonly #orphans = new Map<string, Set<TreeProcess<E>>>();

  get(processId: string): TreeProcess<E> | undefined {
    return this.#processes.get(processId);
  }

  /** In the order in which they were first heard. */
  get processes(): Iterable<TreeProcess<E>> {
    return this.#processes.values();
  }

  /** Takes an event in, and says where it stands. */
  hear(event: E): TreePlace<E> {
    const process = this.#of(event);
    const run = showsARun(process, event) ? startRun(process, event) : process.run;
    const call = run && step(run, event);
    if (event.event === "run_end" || event.event === "process_end") endRun(process);
    if (event.event === "process_end") this.#forget(process);
    if (process.run === undefined) this.#rest(topOf(process));
    return { process, run, call };
  }

  /** Takes in an event that its run has raised, and says which: it is taken up here if its start was not heard. */
  hearInRun(event: E): TreeRun<E> {
    const process = this.#of(event);
    const { run } = process;
    const its = run === undefined || isOfAnother(run, event) ? startRun(process, event) : run;
    step(its, event);
    return its;
  }

  #of(event: E): TreeProcess<E> {
    return this.#processes.get(event.process.id) ?? this.#add(event);
  }

  #add(event: E): TreeProcess<E> {
    const { id, parentId } = event.process;
    const parent = parentId === undefined ? undefined : this.#processes.get(parentId);
    const owner = event.event === "process_start" && event.callId !== undefined ? parent?.run : undefined;
    const maker = owner?.calls.get(event.callId ?? "");
    const added: TreeProcess<E> = {
      start: event,
      parent,
      maker,
      owner,
      children: new Set(),
      run: undefined,
      runCount: 0,
    };
    this.#processes.set(id, added);
    if (parent !== undefined) parent.children.add(added);
    else if (parentId !== undefined) this.#orphans.set(parentId, (this.#orphans.get(parentId) ?? new Set()).add(added));
    for (const orphan of this.#orphans.get(id) ?? []) adopt(added, orphan);
    this.#orphans.delete(id);
    return added;
  }

  #rest(top: TreeProcess<E>): void {
    if (top.runCount === 0) this.#forget(top);
  }

  #forget(process: TreeProcess<E>): void {
    const { parent, start } = process;
    if (parent !== undefined) {
      parent.children.delete(process);
      count(parent, -process.runCount);
    } else if (start.process.parentId !== undefined) {
      const orphans = this.#orphans.get(start.process.parentId);
      if (orphans?.delete(process) === true && orphans.size === 0) this.#orphans.delete(start.process.parentId);
    }
    this.#drop(process);
  }

  #drop({ start, children }: TreeProcess<E>): void {
    this.#processes.delete(start.process.id);
    for (const child of children) this.#drop(child);
  }
}

/** The run that this one is a part of: that of the outermost process above it, as far as all between are running. */
export function outermostRun<E extends TreeEvent>(run: TreeRun<E>): TreeRun<E> {
  const above = run.of.parent?.run;
  return above === undefined ? run : outermostRun(above);
}

/** Events that only a run under way can raise. */
const IN_A_RUN: ReadonlySet<EventName> = new Set(["turn_start", "api_request", "response_delta", "tool_start"]);

function showsARun<E extends TreeEvent>({ run }: TreeProcess<E>, event: E): boolean {
  if (event.event === "run_start") return true;
  return IN_A_RUN.has(event.event) && (run === undefined || isOfAnother(run, event));
}

function startRun<E extends TreeEvent>(process: TreeProcess<E>, start: E): TreeRun<E> {
  if (process.run === undefined) count(process, 1);
  process.run = { start, of: process, turn: 0, isInTurn: false, attempt: undefined, calls: new Map() };
  return process.run;
}

/** The end of the run was not heard, nor the start of the next. */
function isOfAnother({ start }: TreeRun<TreeEvent>, { runId }: TreeEvent): boolean {
  return runId !== undefined && runId !== start.runId;
}

function endRun<E extends TreeEvent>(process: TreeProcess<E>): void {
  if (process.run === undefined) return;
  process.run = undefined;
  count(process, -1);
}

function count<E extends TreeEvent>(process: TreeProcess<E>, by: number): void {
  for (let above: TreeProcess<E> | undefined = process; above !== undefined; above = above.parent) above.runCount += by;
}

function adopt<E extends TreeEvent>(parent: TreeProcess<E>, orphan: TreeProcess<E>): void {
  orphan.parent = parent;
  parent.children.add(orphan);
  count(parent, orphan.runCount);
}

/** Goes on with the run; returns the call that the event is about. */
function step<E extends TreeEvent>(run: TreeRun<E>, event: E): TreeCall<E> | undefined {
  const { turn = run.turn, callId } = event;
  run.turn = turn;
  switch (event.event) {
    case "turn_start":
    case "turn_end":
      run.isInTurn = event.event === "turn_start";
      return undefined;
    case "api_request":
      run.attempt = event.attempt;
      return undefined;
    case "api_response":
    case "api_error":
      run.attempt = undefined;
      return undefined;
    case "tool_start":
      return callId === undefined ? undefined : startCall(run, callId, event);
    case "tool_end":
      return callId === undefined ? undefined : endCall(run, callId);
  }
  return undefined;
}

function startCall<E extends TreeEvent>(run: TreeRun<E>, id: string, start: E): TreeCall<E> {
  const call = { start, run };
  run.calls.set(id, call);
  return call;
}

function endCall<E extends TreeEvent>({ calls }: TreeRun<E>, id: string): TreeCall<E> | undefined {
  const call = calls.get(id);
  calls.delete(id);
  return call;
}

function topOf<E extends TreeEvent>(process: TreeProcess<E>): TreeProcess<E> {
  return process.parent === undefined ? process : topOf(process.parent);
}
