import { Scope } from "../dispatch/scope.ts";
import type { Metadata } from "../events/event-info.ts";
import type { RunResult, StopReason, VetoRecord } from "../events/run-result.ts";
import { Children } from "./child-set.ts";
import type { TokenUsage } from "./model.ts";
import type { ProcessState } from "./process-state.ts";
import { RunEnd } from "./run-end.ts";
import { Tally } from "./tally.ts";

/** One `run()` under way: what it may use, what it used, and what can end it. */
export class Run {
  readonly id: string;
  readonly scope: Scope;
  readonly maxTurns: number;
  /** Made by tools of this run: they end with it. */
  readonly children = new Children();
  /** All that it made so far, open or not: its tools' children and theirs. */
  descendants = 0;
  /** It is to end wherever it is. Asked for many times in each turn, so that it does not go through the signal. */
  aborted = false;
  /** Its turns are over: no child may join it any more. */
  over = false;
  turn = 0;
  lastMessage = "";
  readonly process: ProcessState;
  readonly #controller = new AbortController();
  readonly #waiting = new Set<(end: RunEnd) => void>();
  readonly #tally = new Tally();
  /** What each process used by itself; the run's own stands first. */
  readonly #own = new Tally();
  /** By the process's id: one that is over need not wait for the end of this run to be garbage. */
  #others: Map<string, { readonly name: string; readonly tally: Tally }> | undefined;
  #vetoes: readonly VetoRecord[] = Object.freeze([]);
  #stopReason: string | undefined;
  #wakeStopped: (() => void) | undefined;
  #settled: PromiseWithResolvers<void> | undefined;

  constructor(process: ProcessState, id: string, maxTurns: number, metadata: Metadata | undefined) {
    this.process = process;
    this.id = id;
    this.maxTurns = maxTurns;
    this.scope = new Scope(performance.now(), undefined, { runId: id, metadata, signal: this.#controller.signal });
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

  abortEnd(): RunEnd {
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

  countRequest(process: ProcessState): void {
    this.#tally.countRequest();
    this.#tallyOf(process).countRequest();
  }

  countToolCall(process: ProcessState): void {
    this.#tally.countToolCall();
    this.#tallyOf(process).countToolCall();
  }

  countTokens(process: ProcessState, usage: TokenUsage, usdCost: number | undefined, model: string): void {
    this.#tally.countTokens(usage, usdCost, model);
    this.#tallyOf(process).countTokens(usage, usdCost, model);
  }

  markUnpriced(process: ProcessState, model: string): void {
    this.#tally.markUnpriced(model);
    this.#tallyOf(process).markUnpriced(model);
  }

  countVeto(veto: VetoRecord): void {
    this.#vetoes = Object.freeze([...this.#vetoes, veto]);
  }

  #tallyOf(process: ProcessState): Tally {
    if (process === this.process) return this.#own;
    this.#others ??= new Map();
    let other = this.#others.get(process.id);
    if (other === undefined) {
      other = { name: process.name, tally: new Tally() };
      this.#others.set(process.id, other);
    }
    return other.tally;
  }

  /** What it came to so far. */
  snapshot(nowMs: number, stopReason?: StopReason): RunResult {
    const usageOf = (processId: string, name: string, tally: Tally) =>
      Object.freeze({ processId, name, ...tally.snapshot() });
    const processes = [usageOf(this.process.id, this.process.name, this.#own)];
    for (const [id, { name, tally }] of this.#others ?? []) processes.push(usageOf(id, name, tally));
    return Object.freeze({
      runId: this.id,
      ...this.#tally.snapshot(),
      durationMs: nowMs - this.scope.startMs,
      stopReason,
      lastMessage: this.lastMessage,
      vetoes: this.#vetoes,
      processes: Object.freeze(processes),
    });
  }

  /** Everything is over: who waits for the run to settle goes on. */
  finish(): void {
    this.#settled?.resolve();
  }
}
