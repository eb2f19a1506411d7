import type { EventName } from "./callback-event.ts";
import type { EventInfo } from "./event-info.ts";

/** What the tree reads of an event: `info` has it, and so has a record. */
export interface TreeEvent extends Partial<Pick<EventInfo, "runId" | "turn" | "callId" | "attempt">> {
  readonly event: EventName;
  readonly process: { readonly id: string; readonly parentId: string | undefined };
}

/** A process, as long as it may raise events. */
export interface TreeProcess<E extends TreeEvent> {
  /** Its first event: `process_start`, unless that was not heard. */
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

/**
 * Process > run > turn > call, as the events of any number of processes tell it. What began before it heard anything is
 * taken up at the first event that shows it; what is over, or rests, is let go.
 */
export class RunTree<E extends TreeEvent> {
  readonly #processes = new Map<string, TreeProcess<E>>();
  /** Children whose parent has not been heard of. */
  readonly #orphans = new Set<TreeProcess<E>>();

  get(processId: string): TreeProcess<E> | undefined {
    return this.#processes.get(processId);
  }

  /** Takes an event in, and says where it stands. */
  hear(event: E): TreeProcess<E> {
    const node = this.#processes.get(event.process.id) ?? this.#add(event);
    if (event.event === "run_start" || (node.run === undefined && IN_A_RUN.has(event.event))) startRun(node, event);
    if (node.run !== undefined) step(node.run, event);
    if (event.event === "run_end") {
      node.run = undefined;
      this.#rest(topOf(node));
    } else if (event.event === "process_end") {
      this.#forget(node);
    }
    return node;
  }

  #add(event: E): TreeProcess<E> {
    const { parentId } = event.process;
    const parent = parentId === undefined ? undefined : this.#processes.get(parentId);
    const owner = event.event === "process_start" && event.callId !== undefined ? parent?.run : undefined;
    const maker = owner?.calls.get(event.callId ?? "");
    const node: TreeProcess<E> = { start: event, parent, maker, owner, children: new Set(), run: undefined };
    this.#processes.set(event.process.id, node);
    if (parent !== undefined) parent.children.add(node);
    else if (parentId !== undefined) this.#orphans.add(node);
    this.#adoptOrphans(node);
    return node;
  }

  #adoptOrphans(node: TreeProcess<E>): void {
    for (const orphan of this.#orphans) {
      if (orphan.start.process.parentId !== node.start.process.id) continue;
      orphan.parent = node;
      node.children.add(orphan);
      this.#orphans.delete(orphan);
    }
  }

  /** Processes that rest may never be closed: they are let go until one of them speaks again. */
  #rest(top: TreeProcess<E>): void {
    if (!isBusy(top)) this.#forget(top);
  }

  #forget(node: TreeProcess<E>): void {
    for (const child of node.children) this.#forget(child);
    this.#processes.delete(node.start.process.id);
    this.#orphans.delete(node);
    node.parent?.children.delete(node);
  }
}

/** The run that this one is a part of: that of the outermost process above it, as far as all between are running. */
export function outermostRun<E extends TreeEvent>(run: TreeRun<E>): TreeRun<E> {
  const above = run.of.parent?.run;
  return above === undefined ? run : outermostRun(above);
}

/** Events that only a run under way can raise. */
const IN_A_RUN: ReadonlySet<EventName> = new Set(["turn_start", "api_request", "response_delta", "tool_start"]);

function startRun<E extends TreeEvent>(node: TreeProcess<E>, start: E): void {
  node.run = { start, of: node, turn: 0, isInTurn: false, attempt: undefined, calls: new Map() };
}

function step<E extends TreeEvent>(run: TreeRun<E>, start: E): void {
  const { event, turn = run.turn, attempt, callId } = start;
  run.turn = turn;
  if (event === "turn_start") run.isInTurn = true;
  else if (event === "turn_end") run.isInTurn = false;
  else if (event === "api_request") run.attempt = attempt;
  else if (event === "api_response" || event === "api_error") run.attempt = undefined;
  else if (event === "tool_start" && callId !== undefined) run.calls.set(callId, { start, run });
  else if (event === "tool_end" && callId !== undefined) run.calls.delete(callId);
}

function topOf<E extends TreeEvent>(node: TreeProcess<E>): TreeProcess<E> {
  return node.parent === undefined ? node : topOf(node.parent);
}

function isBusy<E extends TreeEvent>({ run, children }: TreeProcess<E>): boolean {
  return run !== undefined || [...children].some(isBusy);
}
