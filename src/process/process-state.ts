import { Dispatcher } from "../dispatch/dispatcher.ts";
import { Scope } from "../dispatch/scope.ts";
import type { RequestBill } from "../events/bill.ts";
import { EVENTS } from "../events/callback-event.ts";
import type { Facts, ProcessOrigin } from "../events/facts.ts";
import { ORIGIN } from "../events/facts.ts";
import { LifeTally } from "../events/life-tally.ts";
import type { LimitStates } from "../events/limit-state.ts";
import type { Share } from "../events/process-view.ts";
import type { LifeUsage, VetoRecord } from "../events/run-result.ts";
import type { Tally } from "../events/tally.ts";
import { deepFreeze } from "../json.ts";
import { Children } from "./child-set.ts";
import type { History } from "./history.ts";
import { KeptResults } from "./kept-results.ts";
import type { Account, SpendLimits } from "./ledger.ts";
import { NO_LIMITS } from "./ledger.ts";
import type { CountedRequest, TokenUsage, ToolDescription } from "./model.ts";
import type { ProcessProgram } from "./process-program.ts";
import { identityOf } from "./program-identity.ts";
import type { Run } from "./run.ts";
import type { Payload } from "./spending.ts";
import { openAccount } from "./spending.ts";
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
  /** What it and its descendants may come to; undefined where nothing limits them. */
  readonly account: Account | undefined;
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
  scope: Scope;
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
  readonly #tally = new LifeTally();
  /** The last request that the provider has counted, and what it counted. */
  #countedPayload: Payload | undefined;
  #countedUsage: TokenUsage | undefined;
  readonly #origin: Omit<ProcessOrigin, "messages">;

  constructor(view: ChildProcess, made: Made, make: (made: Made) => ProcessState) {
    this.view = view;
    this.scope = Scope.of(view, performance.now());
    this.make = make;
    this.program = made.program;
    this.history = made.history;
    this.id = made.id ?? newRootId();
    this.parent = made.parent;
    this.ownerRun = made.ownerRun;
    this.account = openAccount(ownLimits(made), {
      above: made.ownerRun?.account ?? made.parent?.account,
      owner: `process ${this.id}`,
      process: this,
    });
    if (made.forkOf !== undefined) {
      this.#countedPayload = made.forkOf.#countedPayload;
      this.#countedUsage = made.forkOf.#countedUsage;
      this.#tally.inherit(made.forkOf.#contextTokens);
    }
    this.name = made.name ?? made.program.name;
    this.depth = made.parent === undefined ? 0 : made.parent.depth + 1;
    this.dispatcher = new Dispatcher(made.parent?.dispatcher);
    const { parent, program } = made;
    // What has not started is on no record, and neither are its messages.
    const inheritedMessages = parent?.started ? (made.inheritedMessages ?? 0) : 0;
    const kind = parent === undefined ? ORIGIN.root : made.forkOf === undefined ? ORIGIN.spawn : ORIGIN.fork;
    this.#origin = { kind, inheritedMessages };
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
    if (this.run !== undefined && history.last?.role === "user") history.truncate(history.length - 1);
    return history;
  }

  usage(): LifeUsage {
    return this.#tally.usage(this, this.history.length);
  }

  /** What its start says of it. */
  startFacts(): Facts {
    const messages = this.history.from(this.#origin.inheritedMessages);
    return { origin: Object.freeze({ ...this.#origin, messages }), program: identityOf(this.program) };
  }

  /** The last request that the provider has counted; a fork begins with its parent's. */
  counted(): CountedRequest | undefined {
    const usage = this.#countedUsage;
    const payload = typeof this.#countedPayload === "function" ? this.#countedPayload() : this.#countedPayload;
    if (usage === undefined || payload === undefined) return undefined;
    return { payload, inputTokens: usage.inputTokens, outputTokens: usage.outputTokens };
  }

  /** `usage` is undefined if the provider did not say, or said what cannot be. */
  noteCounted(payload: Payload | undefined, usage: TokenUsage | undefined): void {
    this.#countedPayload = payload;
    this.#countedUsage = usage;
    this.#tally.countedTokens = usage && usage.inputTokens + usage.outputTokens;
  }

  get #contextTokens(): number | undefined {
    return this.#tally.contextTokens(this.history.length);
  }

  limits(): LimitStates {
    return (this.run?.account ?? this.account)?.states() ?? NO_LIMITS;
  }

  writeStderr(text: string, scope: Scope): void {
    this.stderrLog.push(text);
    if (!this.ended) this.dispatcher.emit(EVENTS.stderr_write, scope, performance.now(), text);
  }

  countRequest(): void {
    const { model } = this.program;
    this.#count((tally) => tally.countRequest(model));
  }

  countToolCall(): void {
    this.#count((tally) => tally.countToolCall());
  }

  countBill(bill: RequestBill): void {
    const { model } = this.program;
    this.#count((tally) => tally.countBill(model, bill));
  }

  /** For this process and its ancestors, and for the runs that it works for. */
  #count(count: (tally: Tally) => void): void {
    count(this.#tally.own);
    for (let run = this.run ?? this.ownerRun; run !== undefined; run = run.process.ownerRun) count(run.tally.of(this));
    for (let above = this.parent; above !== undefined; above = above.parent) count(above.#tally.below);
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
  /** What it and its descendants may come to, beside the limits of its program. */
  readonly share?: Share | undefined;
  /** Whose conversation it goes on with. */
  readonly forkOf?: ProcessState | undefined;
  /** So many of its messages are those of its parent, too. */
  readonly inheritedMessages?: number | undefined;
  readonly parent?: ProcessState | undefined;
  readonly ownerRun?: Run | undefined;
  readonly name?: string | undefined;
  /** A child's; a root makes its own. */
  readonly id?: string | undefined;
}

/** A fork has its program's limits already: they are those of its parent. */
function ownLimits({ program, parent, share = {} }: Made): SpendLimits {
  const { usd, tokens, warnAt } = program.limits;
  if (parent?.program === program) return { ...share, warnAt };
  return { usd: smaller(usd, share.usd), tokens: smaller(tokens, share.tokens), warnAt };
}

function smaller(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
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
