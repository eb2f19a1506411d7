import type { Dispatcher } from "../../dispatch/dispatcher.ts";
import { Scope } from "../../dispatch/scope.ts";
import { LLMProcError } from "../../errors.ts";
import type { Metadata } from "../../events/event-info.ts";
import type { EventRecord } from "../../events/event-record.ts";
import type { RunBounds } from "../../events/facts.ts";
import type { PromptBlock } from "../../events/message.ts";
import type { ProcessView, Share } from "../../events/process-view.ts";
import type { RunResult, StopReason, VetoRecord } from "../../events/run-result.ts";
import type { Counted } from "../../events/run-tally.ts";
import { RunTally } from "../../events/run-tally.ts";
import type { RunSeed } from "../../events/seed.ts";
import type { Tally } from "../../events/tally.ts";
import type { ProcessProgram } from "../contract/process-program.ts";
import { RunEnd } from "../contract/run-end.ts";
import type { Account } from "../money/account.ts";
import { NO_LIMITS } from "../money/account.ts";
import type { Spender } from "../money/payer.ts";
import { openAccount } from "../money/spending.ts";
import type { Above, Below, Newcomer, RunAbove } from "./above.ts";
import { Children } from "./children.ts";
import { Said } from "./said.ts";

/** Hears the records of one run, and may hold it up. */
export interface RunWatcher {
  hear(record: EventRecord): void;
  /** Something to wait for while it is too far behind. */
  room(): Promise<void> | undefined;
  /** Aborts the run. */
  readonly signal: AbortSignal;
}

/** What a run needs of the process that it is of. */
export interface RunOwner extends Counted {
  readonly rootId: string;
  readonly depth: number;
  readonly above: Above | undefined;
  readonly view: ProcessView;
  readonly program: ProcessProgram;
  readonly account: Account | undefined;
  readonly dispatcher: Dispatcher;
  readonly parallelCalls: number;
  readonly children: Children;
  noteWarning(warning: string): void;
  countBelow(count: (tally: Tally) => void, user: Counted | undefined): void;
  admitBelow(child: Newcomer, run: Run | undefined): void;
  releaseBelow(run: Run | undefined): void;
  runs(programKey: string): boolean;
}

interface RunParts {
  readonly limits: Limits;
  /** Of a run that was under way. */
  readonly seed?: RunSeed | undefined;
  readonly metadata: Metadata | undefined;
  readonly watcher: RunWatcher | undefined;
}

type Reject = (end: RunEnd) => void;

interface Limits {
  readonly wallMs: number;
  readonly turns: number;
  readonly share: Share;
  readonly warnAt: number;
}

/** One `run()` under way: what it may use, what it used, and what can end it. */
export class Run implements Above, RunAbove, Spender {
  readonly id: string;
  readonly scope: Scope;
  readonly maxTurns: number;
  readonly bounds: RunBounds;
  /** What it may come to: that of its process, or its own on top of it. */
  readonly account: Account | undefined;
  /** Made by tools of this run: they end with it. */
  readonly children = new Children();
  /** All that it made so far, open or not: its tools' children and theirs. */
  descendants: number;
  /** It is to end wherever it is. Asked for many times in each turn, so that it does not go through the signal. */
  aborted = false;
  turn: number;
  /** So many replies in a row asked for calls and were cut at their length. */
  cutReplies: number;
  lastMessage: string;
  /** What is said to it. Made when something is. */
  said: Said | undefined;
  /** What came of it, once that is known: what `run_end` says is what `run()` says. */
  result: RunResult | undefined;
  /** Who pulls its records, if anybody does. */
  readonly watcher: RunWatcher | undefined;
  readonly process: RunOwner;
  /** What it and its children use. */
  readonly tally: RunTally;
  readonly #controller = new AbortController();
  #waiting: Reject | undefined;
  #alsoWaiting: Set<Reject> | undefined;
  #vetoes: readonly VetoRecord[] = Object.freeze([]);
  readonly #madeIds = new Set<string>();
  #stopReason: string | undefined;
  #wakeStopped: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #timeEnd: RunEnd | undefined;
  #settled: PromiseWithResolvers<void> | undefined;

  constructor(process: RunOwner, id: string, { limits, metadata, watcher, seed }: RunParts) {
    this.process = process;
    this.tally = seed === undefined ? new RunTally(process) : RunTally.from(seed.figures);
    this.turn = seed?.turn ?? 0;
    this.cutReplies = seed?.cutReplies ?? 0;
    this.lastMessage = seed?.lastMessage ?? "";
    this.descendants = seed?.descendants ?? 0;
    if (seed !== undefined) this.#vetoes = Object.freeze([...seed.vetoes]);
    this.bounds = boundsOf(limits);
    this.id = id;
    this.watcher = watcher;
    this.maxTurns = limits.turns;
    const { share, warnAt } = limits;
    const onWarn = (warning: string) => process.noteWarning(warning);
    this.account = openAccount(
      { ...share, warnAt },
      { above: process.account, owner: `run ${id}`, onWarn, spent: seed?.charged },
    );
    this.scope = Scope.of(process.view, performance.now() - (seed?.elapsedMs ?? 0), {
      runId: id,
      metadata,
      signal: this.#controller.signal,
    });
  }

  /** Settles when the run has, whatever came of it. To be asked for while it is under way. */
  get settled(): Promise<void> {
    this.#settled ??= Promise.withResolvers();
    return this.#settled.promise;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** No further request is to be sent. */
  get stopping(): boolean {
    return this.#stopReason !== undefined;
  }

  /** Ends the run as soon as it can, wherever it is. */
  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.#controller.abort(reason);
    for (const child of this.children) child.abort(reason);
    this.#waiting?.(this.abortEnd());
    for (const reject of this.#alsoWaiting ?? []) reject(this.abortEnd());
  }

  /** Ends the run when its time is over, wherever it is then. */
  limitTime(wallMs: number): void {
    const leftMs = Math.max(this.scope.startMs + wallMs - performance.now(), 0);
    // A timer longer than this would fire at once.
    if (leftMs > LONGEST_TIMER_MS) return;
    this.#timer = setTimeout(() => {
      const message = `The run reached its limit of ${wallMs} ms. Raise [limits] wall_ms.`;
      const reason = new DOMException(message, "TimeoutError");
      if (!this.aborted) this.#timeEnd = new RunEnd("time_limit", message, reason);
      this.abort(reason);
    }, leftMs);
  }

  /** Its end is known: no time can be over any more. */
  stopClock(): void {
    clearTimeout(this.#timer);
  }

  abortEnd(): RunEnd {
    if (this.#timeEnd !== undefined) return this.#timeEnd;
    return new RunEnd("aborted", "The run was aborted.", this.#controller.signal.reason);
  }

  /** Ends the run gently: after the calls that were asked for. */
  stop(reason: string): void {
    this.#stopReason ??= reason;
    for (const child of this.children) child.stop(reason);
    this.#wakeStopped?.();
  }

  /** @throws LLMProcError `not_running` where no further request is to be sent */
  say(blocks: readonly PromptBlock[]): Promise<boolean> {
    const why = this.#whyDeaf();
    if (why !== undefined)
      throw new LLMProcError("not_running", `Run ${this.id} ${why}, so the model would not read it: give it to run().`);
    this.said ??= new Said();
    return this.said.say(blocks);
  }

  #whyDeaf(): string | undefined {
    if (this.result !== undefined) return "is over";
    if (this.aborted) return "was aborted";
    return this.stopping ? "is being stopped" : undefined;
  }

  /** Waits for a promise, but not longer than until the run is aborted. */
  interruptible<T>(promise: PromiseLike<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.aborted) reject(this.abortEnd());
      else this.#wait(reject);
      promise.then(
        (value) => {
          this.#forget(reject);
          resolve(value);
        },
        (error: unknown) => {
          this.#forget(reject);
          reject(error);
        },
      );
    });
  }

  /** Most runs wait for one thing at a time: only what comes beside it needs a set. */
  #wait(reject: Reject): void {
    if (this.#waiting === undefined) this.#waiting = reject;
    else {
      this.#alsoWaiting ??= new Set();
      this.#alsoWaiting.add(reject);
    }
  }

  #forget(reject: Reject): void {
    if (this.#waiting === reject) this.#waiting = undefined;
    else this.#alsoWaiting?.delete(reject);
  }

  /** Waits, but not longer than until the run is stopped or aborted. */
  async sleep(delayMs: number): Promise<void> {
    if (this.stopping) return;
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise<void>((resolve) => {
      this.#wakeStopped = resolve;
      timer = setTimeout(resolve, delayMs);
    });
    try {
      await this.interruptible(over);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Waits for a promise, but not longer than until the run is stopped or aborted. @throws RunEnd then */
  unlessStopped<T>(promise: PromiseLike<T>): Promise<T> {
    if (this.stopping) return Promise.reject(new RunEnd("stopped"));
    const stopped = new Promise<never>((_resolve, reject) => {
      this.#wakeStopped = () => reject(new RunEnd("stopped"));
    });
    return this.interruptible(Promise.race([promise, stopped]));
  }

  get run(): RunAbove {
    return this;
  }
  get processId(): string {
    return this.process.id;
  }
  get rootId(): string {
    return this.process.rootId;
  }
  get depth(): number {
    return this.process.depth;
  }
  get dispatcher(): Dispatcher {
    return this.process.dispatcher;
  }
  get programKey(): string {
    return this.process.program.key;
  }
  get parallelCalls(): number {
    return this.process.parallelCalls;
  }

  count(count: (tally: Tally) => void, user: Counted | undefined): void {
    if (user !== undefined) count(this.tally.of(user));
    this.process.countBelow(count, user);
  }

  countVeto(veto: VetoRecord): void {
    this.#vetoes = Object.freeze([...this.#vetoes, veto]);
    this.process.above?.countVeto(veto);
  }

  admit(child: Newcomer): void {
    this.process.admitBelow(child, this);
    this.descendants++;
    if (child.isOfRun && this.watcher !== undefined) this.#madeIds.add(child.id);
  }

  adopt(child: Below): void {
    this.children.add(child);
    this.process.children.add(child);
  }

  release(child?: Below): void {
    if (child !== undefined) {
      this.children.delete(child);
      this.process.children.delete(child);
    }
    this.process.releaseBelow(this);
  }

  runs(programKey: string): boolean {
    return this.process.runs(programKey);
  }

  /** Something to wait for while somebody who hears the run is too far behind; undefined if there is room. */
  room(): Promise<void> | undefined {
    const full = this.process.dispatcher.room() ?? this.watcherRoom();
    return full?.then(() => this.room());
  }

  watcherRoom(): Promise<void> | undefined {
    return this.watcher?.room() ?? this.process.above?.watcherRoom();
  }

  /** Ends the children that its tools left behind. */
  async closeChildren(): Promise<void> {
    if (this.children.size > 0) await Promise.all(Array.from(this.children, (child) => child.close()));
  }

  /** Whether a child was made for it; known of runs that are watched. */
  made(childId: string): boolean {
    return this.#madeIds.has(childId);
  }

  /** What it came to so far. */
  snapshot(nowMs: number, stopReason?: StopReason): RunResult {
    return Object.freeze({
      runId: this.id,
      ...this.tally.usage(),
      durationMs: nowMs - this.scope.startMs,
      stopReason,
      lastMessage: this.lastMessage,
      vetoes: this.#vetoes,
      processes: this.tally.processes(),
      limits: this.account?.states() ?? NO_LIMITS,
    });
  }

  /** Everything is over: who waits for the run to settle goes on. */
  finish(): void {
    this.#settled?.resolve();
  }
}

/** As records say it. */
function boundsOf({ turns, wallMs, share, warnAt }: Limits): RunBounds {
  const isSet = (value: number) => value !== Number.POSITIVE_INFINITY;
  return Object.freeze({ ...(isSet(turns) && { turns }), ...(isSet(wallMs) && { wallMs }), ...share, warnAt });
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;
