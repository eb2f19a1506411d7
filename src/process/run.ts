import { Scope } from "../dispatch/scope.ts";
import type { Metadata } from "../events/event-info.ts";
import type { EventRecord } from "../events/event-record.ts";
import type { Share } from "../events/process-view.ts";
import type { RunResult, StopReason, VetoRecord } from "../events/run-result.ts";
import { RunTally } from "../events/run-tally.ts";
import { Children } from "./child-set.ts";
import type { Account } from "./ledger.ts";
import { NO_LIMITS } from "./ledger.ts";
import type { ProcessState } from "./process-state.ts";
import { RunEnd } from "./run-end.ts";
import { openAccount } from "./spending.ts";

/** Hears the records of one run, and may hold it up. */
export interface RunWatcher {
  hear(record: EventRecord): void;
  /** Something to wait for while it is too far behind. */
  room(): Promise<void> | undefined;
  /** Aborts the run. */
  readonly signal: AbortSignal;
}

interface RunParts {
  readonly limits: Limits;
  readonly metadata: Metadata | undefined;
  readonly watcher: RunWatcher | undefined;
}

interface Limits {
  readonly turns: number;
  readonly share: Share;
  readonly warnAt: number;
}

/** One `run()` under way: what it may use, what it used, and what can end it. */
export class Run {
  readonly id: string;
  readonly scope: Scope;
  readonly maxTurns: number;
  /** What it may come to: that of its process, or its own on top of it. */
  readonly account: Account | undefined;
  /** Made by tools of this run: they end with it. */
  readonly children = new Children();
  /** All that it made so far, open or not: its tools' children and theirs. */
  descendants = 0;
  /** It is to end wherever it is. Asked for many times in each turn, so that it does not go through the signal. */
  aborted = false;
  turn = 0;
  /** So many replies in a row asked for calls and were cut at their length. */
  cutReplies = 0;
  lastMessage = "";
  /** What came of it, once that is known: what `run_end` says is what `run()` says. */
  result: RunResult | undefined;
  /** Who pulls its records, if anybody does. */
  readonly watcher: RunWatcher | undefined;
  readonly process: ProcessState;
  /** What it and its children use. */
  readonly tally: RunTally;
  readonly #controller = new AbortController();
  readonly #waiting = new Set<(end: RunEnd) => void>();
  #vetoes: readonly VetoRecord[] = Object.freeze([]);
  readonly #madeIds = new Set<string>();
  #stopReason: string | undefined;
  #wakeStopped: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #timeEnd: RunEnd | undefined;
  #settled: PromiseWithResolvers<void> | undefined;

  constructor(process: ProcessState, id: string, { limits, metadata, watcher }: RunParts) {
    this.process = process;
    this.tally = new RunTally(process);
    this.id = id;
    this.watcher = watcher;
    this.maxTurns = limits.turns;
    const { share, warnAt } = limits;
    this.account = openAccount({ ...share, warnAt }, { above: process.account, owner: `run ${id}`, process });
    this.scope = Scope.of(process.view, performance.now(), { runId: id, metadata, signal: this.#controller.signal });
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
    for (const child of this.children) child.run?.abort(reason);
    for (const reject of this.#waiting) reject(this.abortEnd());
    this.#waiting.clear();
  }

  /** Ends the run when its time is over, wherever it is then. */
  limitTime(wallMs: number): void {
    // A timer longer than this would fire at once.
    if (wallMs > LONGEST_TIMER_MS) return;
    this.#timer = setTimeout(() => {
      const message = `The run reached its limit of ${wallMs} ms. Raise [limits] wall_ms.`;
      const reason = new DOMException(message, "TimeoutError");
      if (!this.aborted) this.#timeEnd = new RunEnd("time_limit", message, reason);
      this.abort(reason);
    }, wallMs);
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
    for (const child of this.children) child.run?.stop(reason);
    this.#wakeStopped?.();
  }

  /** Waits for a promise, but not longer than until the run is aborted. */
  interruptible<T>(promise: PromiseLike<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.aborted) reject(this.abortEnd());
      else this.#waiting.add(reject);
      promise.then(
        (value) => {
          this.#waiting.delete(reject);
          resolve(value);
        },
        (error: unknown) => {
          this.#waiting.delete(reject);
          reject(error);
        },
      );
    });
  }

  /** Something to wait for while somebody who hears the run is too far behind; undefined if there is room. */
  room(): Promise<void> | undefined {
    let full = this.process.dispatcher.room();
    for (let run: Run | undefined = this; full === undefined && run !== undefined; run = run.process.ownerRun) {
      full = run.watcher?.room();
    }
    return full?.then(() => this.room());
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

  countVeto(veto: VetoRecord): void {
    this.#vetoes = Object.freeze([...this.#vetoes, veto]);
  }

  /** A child was made for it, by a tool of its own or of one of its children. */
  adopt(childId: string): void {
    if (this.watcher !== undefined) this.#madeIds.add(childId);
    this.process.ownerRun?.adopt(childId);
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

const LONGEST_TIMER_MS = 2 ** 31 - 1;
