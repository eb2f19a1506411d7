import { Dispatcher } from "../dispatch/dispatcher.ts";
import { Scope } from "../dispatch/scope.ts";
import { EVENTS } from "../events/callback-event.ts";
import type { ProcessUsage, VetoRecord } from "../events/run-result.ts";
import { deepFreeze } from "../json.ts";
import { Children } from "./child-set.ts";
import type { History } from "./history.ts";
import { KeptResults } from "./kept-results.ts";
import type { Ledger } from "./ledger.ts";
import type { TokenUsage, ToolDescription } from "./model.ts";
import type { ProcessProgram } from "./process-program.ts";
import type { Run } from "./run.ts";
import { Tally } from "./tally.ts";
import type { ChildProcess, Tool } from "./tool.ts";

/** What a process is made of. The loop's functions work on it; `LLMProcess` is its outside. */
export class ProcessState {
  readonly id: string;
  readonly name: string;
  readonly parent: ProcessState | undefined;
  readonly depth: number;
  readonly view: ChildProcess;
  readonly program: ProcessProgram;
  readonly history: History;
  readonly ledger: Ledger;
  readonly dispatcher: Dispatcher;
  readonly tools: ReadonlyMap<string, Tool>;
  /** The tools as a model is told of them. */
  readonly toolDescriptions: readonly ToolDescription[];
  /** The whole of results that were cut, if a tool reads on in them. */
  readonly kept: KeptResults | undefined;
  /** The run of the parent that this child belongs to, if a tool made it. */
  readonly ownerRun: Run | undefined;
  readonly children = new Children();
  /** Children that no run of its made, and theirs, as long as they are open. */
  openDescendants = 0;
  /** Calls of one reply that run at the same time: by its own limit and those above it. */
  readonly parallelCalls: number;
  readonly stderrLog: string[] = [];
  /** Where its events outside a run belong; its start is that of the process. */
  scope = new Scope(performance.now());
  /** The run under way. */
  run: Run | undefined;
  started = false;
  /** Its start is being decided: it cannot run yet. */
  starting = false;
  /** `process_end` was raised: nothing may follow it. */
  ended = false;
  /** When closing must be done, on the monotonic clock; undefined while the process is open. */
  closeDueMs: number | undefined;
  /** Settles when it is closed. */
  closing: Promise<void> | undefined;
  /** Makes a process of the same kind: children are made by it. */
  readonly make: (made: Made) => ProcessState;
  #childCount = 0;
  #runCount = 0;
  readonly #tally = new Tally();

  constructor(view: ChildProcess, made: Made, make: (made: Made) => ProcessState) {
    this.view = view;
    this.make = make;
    this.program = made.program;
    this.history = made.history;
    this.parent = made.parent;
    this.ownerRun = made.ownerRun;
    this.ledger = made.ledger;
    this.name = made.name ?? made.program.name;
    this.depth = made.parent === undefined ? 0 : made.parent.depth + 1;
    this.id = made.id ?? newRootId();
    this.dispatcher = new Dispatcher(view, made.parent?.dispatcher);
    const { parent, program } = made;
    this.parallelCalls = Math.min(program.limits.parallelCalls, parent?.parallelCalls ?? Number.POSITIVE_INFINITY);
    const sibling = parent?.program === program ? parent : undefined;
    this.tools = sibling?.tools ?? new Map(program.tools.map((tool) => [tool.name, tool]));
    this.toolDescriptions = sibling?.toolDescriptions ?? deepFreeze(program.tools.map(describeTool));
    const reads = program.tools.some(({ readsCutResults }) => readsCutResults);
    this.kept = made.kept?.fork() ?? (reads ? new KeptResults() : undefined);
  }

  get rootId(): string {
    return this.parent === undefined ? this.id : this.parent.rootId;
  }

  get closed(): boolean {
    return this.closeDueMs !== undefined;
  }

  nextChildId(): string {
    this.#childCount++;
    return `${this.id}.${this.#childCount}`;
  }

  nextRunId(): string {
    this.#runCount++;
    return `${this.id}.r${this.#runCount}`;
  }

  /** The conversation without a prompt that has no reply yet: what a child made by the host sees. */
  completeHistory(): History {
    const history = this.history.fork();
    if (this.run !== undefined && history.messages.at(-1)?.role === "user") history.truncate(history.length - 1);
    return history;
  }

  usage(): ProcessUsage {
    return Object.freeze({ processId: this.id, name: this.name, ...this.#tally.snapshot() });
  }

  writeStderr(text: string, scope: Scope): void {
    this.stderrLog.push(text);
    if (!this.ended) this.dispatcher.emit(EVENTS.stderr_write, scope, performance.now(), text);
  }

  /** Counts for this process and its ancestors, and for the runs that it works for. */
  countRequest(): void {
    for (let run = this.run ?? this.ownerRun; run !== undefined; run = run.process.ownerRun) run.countRequest(this);
    for (let process: ProcessState | undefined = this; process; process = process.parent) process.#tally.countRequest();
  }

  countToolCall(): void {
    for (let run = this.run ?? this.ownerRun; run !== undefined; run = run.process.ownerRun) run.countToolCall(this);
    for (let process: ProcessState | undefined = this; process; process = process.parent)
      process.#tally.countToolCall();
  }

  /** Returns the cost in US dollars, if the price is known. */
  countTokens(usage: TokenUsage): number | undefined {
    const { model, prices } = this.program;
    const nothing = usage.inputTokens === 0 && usage.outputTokens === 0;
    const usdCost = nothing ? 0 : prices.usdCost(model, usage);
    for (let run = this.run ?? this.ownerRun; run !== undefined; run = run.process.ownerRun) {
      run.countTokens(this, usage, usdCost, model.name);
    }
    for (let process: ProcessState | undefined = this; process; process = process.parent) {
      process.#tally.countTokens(usage, usdCost, model.name);
    }
    return usdCost;
  }

  /** A request was billed, but nobody says for how much. */
  countUnknownTokens(): undefined {
    const { name } = this.program.model;
    for (let run = this.run ?? this.ownerRun; run !== undefined; run = run.process.ownerRun)
      run.markUnpriced(this, name);
    for (let process: ProcessState | undefined = this; process; process = process.parent)
      process.#tally.markUnpriced(name);
  }

  countVeto(veto: VetoRecord): void {
    const frozen = Object.freeze(veto);
    for (let run = this.run ?? this.ownerRun; run !== undefined; run = run.process.ownerRun) run.countVeto(frozen);
  }
}

/** What a process is made from. */
export interface Made {
  readonly program: ProcessProgram;
  readonly history: History;
  /** Of a fork: what its parent keeps. */
  readonly kept?: KeptResults | undefined;
  readonly ledger: Ledger;
  readonly parent?: ProcessState | undefined;
  readonly ownerRun?: Run | undefined;
  readonly name?: string | undefined;
  /** A child's; a root makes its own. */
  readonly id?: string | undefined;
}

function describeTool({ name, description, parameters }: Tool): ToolDescription {
  return { name, description, parameters };
}

/** Sorts by time, to the microsecond; the rest is chance. */
function newRootId(): string {
  const micros = Math.floor((performance.timeOrigin + performance.now()) * 1000);
  const chance = Math.floor(Math.random() * 36 ** 4);
  return `${micros.toString(36)}${chance.toString(36).padStart(4, "0")}`;
}
