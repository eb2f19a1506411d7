import { Dispatcher } from "../../dispatch/dispatcher.ts";
import { Scope } from "../../dispatch/scope.ts";
import { LLMProcError } from "../../errors.ts";
import type { RequestBill } from "../../events/bill.ts";
import { EVENTS } from "../../events/callback-event.ts";
import type { Facts, ProcessOrigin } from "../../events/facts.ts";
import { ORIGIN } from "../../events/facts.ts";
import { LifeTally } from "../../events/life-tally.ts";
import type { LimitStates } from "../../events/limit-state.ts";
import type { Share } from "../../events/process-view.ts";
import type { LifeUsage, VetoRecord } from "../../events/run-result.ts";
import type { Counted } from "../../events/run-tally.ts";
import type { Tally } from "../../events/tally.ts";
import type { CountedRequest } from "../contract/model.ts";
import type { ProcessProgram } from "../contract/process-program.ts";
import { identityOf } from "../contract/program-identity.ts";
import type { ChildProcess } from "../contract/tool.ts";
import type { Tools } from "../contract/toolbox.ts";
import type { Account, SpendLimits } from "../money/account.ts";
import { NO_LIMITS } from "../money/account.ts";
import type { CountedSource, Payer } from "../money/payer.ts";
import { bodyOf } from "../money/payer.ts";
import { openAccount } from "../money/spending.ts";
import { History } from "../talk/history.ts";
import { KeptResults } from "../talk/kept-results.ts";
import type { Above, Below, Newcomer } from "./above.ts";
import { tooDeep, tooMany } from "./child-limits.ts";
import { Children } from "./children.ts";
import { Earlier } from "./earlier.ts";
import { HostSide } from "./host-side.ts";
import type { Run } from "./run.ts";
import type { StartSeed } from "./seed.ts";

/** What a process is made of. The loop's functions work on it; `LLMProcess` is its outside. */
export class ProcessState implements Below, Payer {
  readonly id: string;
  readonly name: string;
  readonly rootId: string;
  readonly depth: number;
  /** Undefined for a root. */
  readonly above: Above | undefined;
  readonly view: ChildProcess;
  readonly program: ProcessProgram;
  readonly history: History;
  /** What it and its descendants may come to; undefined where nothing limits them. */
  readonly account: Account | undefined;
  readonly dispatcher: Dispatcher;
  readonly tools: Tools;
  /** The whole of results that were cut, if a tool reads on in them. */
  readonly kept: KeptResults | undefined;
  /** What was under way where its seed was taken. */
  readonly earlier: Earlier;
  readonly children = new Children();
  /** By its own limit and those above it. */
  readonly parallelCalls: number;
  readonly stderrLog: string[];
  /** Where its events outside a run belong; its start is that of the process. */
  scope: Scope;
  /** The run under way. */
  run: Run | undefined;
  started: boolean;
  /** Its start is being decided: it cannot run yet. */
  starting = false;
  /** `process_end` was raised: nothing may follow it. */
  ended: boolean;
  /** When closing must be done, on the monotonic clock; undefined while the process is open. */
  closeDueMs: number | undefined;
  /** Makes a process of the same kind: children are made by it. */
  readonly make: Make;
  /** Made once: it is asked for with each request. */
  #addRequest: ((tally: Tally) => void) | undefined;
  #closing: Promise<void> | undefined;
  #hostSide: HostSide | undefined;
  /** Children that no run of its made, and theirs, as long as they are open. */
  #openDescendants = 0;
  #childCount: number;
  #runCount: number;
  readonly #origin: Omit<ProcessOrigin, "messages">;
  readonly #ownsTools: boolean;
  readonly #tally: LifeTally;
  /** The last request that the provider has counted. */
  #counted: CountedSource | undefined;

  constructor(
    view: ChildProcess,
    seed: StartSeed,
    { program, tools, ownsTools, above, share, kept, budget }: Place,
    make: Make,
  ) {
    this.view = view;
    this.make = make;
    this.program = program;
    this.above = above;
    this.id = seed.id ?? newRootId();
    this.rootId = above === undefined ? this.id : above.rootId;
    this.depth = above === undefined ? 0 : above.depth + 1;
    this.name = seed.name ?? program.name;
    this.scope = Scope.of(view, performance.now());
    this.history = History.of(seed.messages);
    this.#origin = seed.origin;
    this.started = seed.isStarted === true;
    this.ended = seed.isEnded === true;
    this.earlier = new Earlier(seed);
    this.#counted = seed.counted;
    this.#childCount = seed.counters?.children ?? 0;
    this.#runCount = seed.counters?.runs ?? 0;
    this.stderrLog = [...(seed.stderrLog ?? [])];
    this.#tally = seed.usage === undefined ? new LifeTally() : LifeTally.from(seed.usage);
    if (seed.origin.kind === ORIGIN.fork && seed.usage === undefined) this.#tally.inherit(seed.origin.inheritedTokens);
    this.account = openAccount(ownLimits(program, above?.programKey, share), {
      above: above === undefined ? budget : above.account,
      owner: `process ${this.id}`,
      onWarn: (warning) => this.noteWarning(warning),
      spent: seed.usage && this.#tally.charged,
    });
    this.dispatcher = new Dispatcher(above?.dispatcher, seed.counters?.events);
    this.parallelCalls = Math.min(program.limits.parallelCalls, above?.parallelCalls ?? Number.POSITIVE_INFINITY);
    this.tools = tools;
    this.#ownsTools = ownsTools;
    this.kept = kept?.fork() ?? (tools.readCutResults ? new KeptResults() : undefined);
  }

  /** What children of its host need of it. */
  get hostSide(): Above {
    this.#hostSide ??= new HostSide(this);
    return this.#hostSide;
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

  /** The seed of a fork; `history` is what it is to see, and the first messages of it are those of this process. */
  forkSeed(history: History, sharedMessages: number): Pick<StartSeed, "origin" | "messages" | "counted"> {
    // What has not started is on no record, and neither are its messages.
    const inheritedMessages = this.started ? sharedMessages : 0;
    const inheritedTokens = this.#tally.contextTokens(sharedMessages);
    return {
      origin: { kind: ORIGIN.fork, inheritedMessages, inheritedTokens },
      messages: history,
      counted: this.#counted,
    };
  }

  /** The conversation without a prompt that has no reply yet: what a child made by the host sees. */
  completeHistory(): History {
    const history = this.history.fork();
    if (this.run !== undefined && history.last?.role === "user") history.truncate(history.length - 1);
    return history;
  }

  /** What its start says of it. */
  startFacts(): Facts {
    const messages = this.history.from(this.#origin.inheritedMessages);
    return { origin: Object.freeze({ ...this.#origin, messages }), program: identityOf(this.program) };
  }

  usage(): LifeUsage {
    return this.#tally.usage(this, this.history.length);
  }

  /** The last request that the provider has counted; a fork begins with its parent's. */
  counted(): CountedRequest | undefined {
    const counted = this.#counted;
    return counted && { ...counted, payload: bodyOf(counted.payload) };
  }

  /** Undefined if the provider did not say, or said what cannot be. */
  noteCounted(counted: CountedSource | undefined): void {
    this.#counted = counted;
    this.#tally.countedTokens = counted && counted.inputTokens + counted.outputTokens;
  }

  limits(): LimitStates {
    return (this.run?.account ?? this.account)?.states() ?? NO_LIMITS;
  }

  /** That a limit is nearly used up. */
  noteWarning(warning: string): void {
    this.writeStderr(warning, this.run?.scope ?? this.scope);
  }

  writeStderr(text: string, scope: Scope): void {
    this.stderrLog.push(text);
    if (!this.ended) this.dispatcher.emit(EVENTS.stderr_write, scope, performance.now(), text);
  }

  countRequest(): void {
    const { model } = this.program;
    this.#addRequest ??= (tally) => tally.countRequest(model);
    this.#count(this.#addRequest);
  }

  countToolCall(): void {
    this.#count(addToolCall);
  }

  countBill(bill: RequestBill): void {
    const { model } = this.program;
    this.#count((tally) => tally.countBill(model, bill));
  }

  /** For this process and those above it, and for the runs that it works for. */
  #count(count: (tally: Tally) => void): void {
    count(this.#tally.own);
    if (this.run !== undefined) count(this.run.tally.of(this));
    this.above?.count(count, this);
  }

  /** For a descendant. `user` is whom runs count it for. */
  countBelow(count: (tally: Tally) => void, user: Counted | undefined): void {
    count(this.#tally.below);
    this.above?.count(count, user);
  }

  /** For those who had a part in it: the run under way, and the one that it works for. */
  noteVeto(veto: VetoRecord): VetoRecord {
    const frozen = Object.freeze(veto);
    if (this.run === undefined) this.above?.countVeto(frozen);
    else this.run.countVeto(frozen);
    return frozen;
  }

  /**
   * Makes room for one more below, here and above. `run` is the one of its runs that makes it, or for which it is made.
   * @throws LLMProcError `child_limit`
   */
  admitBelow(child: Newcomer, run: Run | undefined): void {
    const { children, depth } = this.program.limits;
    const made = this.#openDescendants + (this.run?.descendants ?? 0);
    if (made >= children) throw tooMany(this.id, run?.id, children);
    if (child.depth - this.depth > depth) throw tooDeep(this.id, depth);
    this.above?.admit(run === undefined ? { ...child, isOfRun: false } : child);
    if (run === undefined) this.#openDescendants++;
  }

  /** One is closed: only those that no run made may be replaced by others. */
  releaseBelow(run: Run | undefined): void {
    if (run === undefined) this.#openDescendants--;
    this.above?.release();
  }

  /** Whether it or one above it runs this program: what that brings along is inherited. */
  runs(programKey: string): boolean {
    return this.program.key === programKey || this.above?.runs(programKey) === true;
  }

  stop(reason: string): void {
    this.run?.stop(reason);
  }

  abort(reason: unknown): void {
    this.run?.abort(reason);
  }

  /** Its run is aborted, its descendants are closed, and everybody hears of it. Once. */
  close(dueMs: number = performance.now() + CLOSE_MS): Promise<void> {
    this.#closing ??= this.#close(dueMs);
    return this.#closing;
  }

  async #close(dueMs: number): Promise<void> {
    this.closeDueMs = dueMs;
    const { run, dispatcher } = this;
    run?.abort(new LLMProcError("process_closed", `Process ${this.id} was closed.`));
    const children = Array.from(this.children, (child) => child.close(dueMs));
    // A run that is over already may be waiting for slow callbacks: its time is cut, too.
    const ending = run === undefined ? [] : [run.settled, dispatcher.drain({ limitMs: dueMs - performance.now() })];
    await Promise.all([...children, ...ending]);
    if (this.#ownsTools) await this.#closeTools(dueMs);
    const isToldAlready = this.ended;
    this.ended = true;
    if (this.started && !isToldAlready) dispatcher.emit(EVENTS.process_end, this.scope, performance.now(), this.view);
    await dispatcher.drain({ limitMs: Math.max(dueMs - performance.now(), 0) });
    await dispatcher.retire(Math.max(dueMs - performance.now(), 0));
    this.above?.release(this);
  }

  /** Settles when every callback has heard every event so far, those of descendants among them: false where some were missed. */
  async flush(): Promise<boolean> {
    const below = Array.from(this.children, (child) => child.flush());
    return (await Promise.all([this.dispatcher.heard(), ...below])).every(Boolean);
  }

  async #closeTools(dueMs: number): Promise<void> {
    for (const problem of await this.tools.close(dueMs)) this.writeStderr(problem, this.scope);
  }
}

function addToolCall(tally: Tally): void {
  tally.countToolCall();
}

/** How long closing takes at most. (Design, 2.3.4.) */
const CLOSE_MS = 2000;

/** Where a process stands, and with what. */
export interface Place {
  readonly program: ProcessProgram;
  readonly tools: Tools;
  /** Whether its tools close with it, and not with one above it. */
  readonly ownsTools: boolean;
  /** Undefined for a root. */
  readonly above?: Above | undefined;
  /** What it and its descendants may come to, beside the limits of its program. */
  readonly share?: Share | undefined;
  /** Of a root: what it shares with others. */
  readonly budget?: Account | undefined;
  /** Of a fork: what its parent keeps. */
  readonly kept?: KeptResults | undefined;
}

export type Make = (seed: StartSeed, place: Place) => ProcessState;

/** One that runs what its parent runs has its limits already: they are those of the parent. */
function ownLimits({ key, limits }: ProcessProgram, parentKey: string | undefined, share: Share = {}): SpendLimits {
  const { usd, tokens, warnAt } = limits;
  if (key === parentKey) return { ...share, warnAt };
  return { usd: smaller(usd, share.usd), tokens: smaller(tokens, share.tokens), warnAt };
}

function smaller(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}

/** Sorts by time, to the microsecond; the rest is chance. */
function newRootId(): string {
  const micros = Math.floor((performance.timeOrigin + performance.now()) * 1000);
  const chance = Math.floor(Math.random() * 36 ** 4);
  return `${micros.toString(36)}${chance.toString(36).padStart(4, "0")}`;
}
