import { inspect } from "node:util";
import type { EventName, EventSpec } from "../events/callback-event.ts";
import type { EventInfo, Metadata } from "../events/event-info.ts";
import type { EventRecord } from "../events/event-record.ts";
import { toRecord } from "../events/event-record.ts";
import type { ProcessView } from "../events/process-view.ts";
import type { JsonObject } from "../json.ts";
import type { Decision } from "./decision.ts";
import { OwnSignal } from "./own-signal.ts";
import type { Scope } from "./scope.ts";

/**
 * The `info` of one event. Synchronous handlers of an event share one; a handler that goes on asynchronously
 * keeps its own, because its signal is its own. What costs something is made when it is asked for.
 */
export class Info implements EventInfo {
  readonly #process: ProcessView;
  readonly #spec: EventSpec;
  readonly #scope: Scope;
  readonly #seq: number;
  readonly #atMs: number;
  #decision: Decision | undefined;
  #own: OwnSignal | undefined;
  #givenUp: Error | undefined;
  #released = false;
  #record: EventRecord | undefined;

  constructor(process: ProcessView, spec: EventSpec, scope: Scope, seq: number, atMs: number, decision?: Decision) {
    this.#process = process;
    this.#spec = spec;
    this.#scope = scope;
    this.#seq = seq;
    this.#atMs = atMs;
    this.#decision = decision;
  }

  get event(): EventName {
    return this.#spec.event;
  }
  get seq(): number {
    return this.#seq;
  }
  get timeMs(): number {
    return performance.timeOrigin + this.#atMs;
  }
  get process(): ProcessView {
    return this.#process;
  }
  get runId(): string | undefined {
    return this.#scope.runId;
  }
  get turn(): number | undefined {
    return this.#scope.turn;
  }
  get callId(): string | undefined {
    return this.#scope.callId;
  }
  get attempt(): number | undefined {
    return this.#scope.attempt;
  }
  get durationMs(): number | undefined {
    return this.#spec.ends === undefined ? undefined : this.#atMs - this.#scope.startMs;
  }
  get execMs(): number | undefined {
    return this.#scope.execMs;
  }
  get metadata(): Metadata | undefined {
    return this.#scope.metadata;
  }
  get phase(): "live" {
    return "live";
  }
  get invalid(): string | undefined {
    return this.#scope.invalid;
  }
  get deniedBy(): string | undefined {
    return this.#decision?.denial?.by ?? this.#scope.deniedBy;
  }
  get answeredBy(): string | undefined {
    return this.#scope.answeredBy;
  }
  get replacedArgs(): JsonObject | undefined {
    return this.#scope.replacedArgs;
  }

  get signal(): AbortSignal {
    this.#own ??= new OwnSignal(this.#scope.signal, {
      reason: this.#givenUp ?? this.#decision?.denial?.reason,
      released: this.#released,
    });
    return this.#own.signal;
  }

  /** The event as a record, made once for all who hear records. */
  recordOf(args: readonly unknown[]): EventRecord {
    this.#record ??= toRecord(this.#spec, args, this);
    return this.#record;
  }

  /** The handler runs on while the event is being decided: a denial by another guard is to reach it. */
  join(decision: Decision): void {
    this.#decision = decision;
  }

  /** Nobody waits for the handler any more: its signal aborts, also one that it asks for later. */
  giveUp(reason: Error): void {
    this.#givenUp ??= reason;
    this.#own?.abort(reason);
  }

  /** The reason that the handler's signal was aborted with, if it was. */
  get abortReason(): unknown {
    return this.#own?.signal.reason;
  }

  /** All who were given it have settled: the run need not know its signal any longer. */
  release(): void {
    this.#released = true;
    this.#own?.release();
  }

  toJSON(): object {
    const { event, seq, timeMs, runId, turn, callId, attempt, durationMs } = this;
    return { event, seq, timeMs, process: this.#process.id, runId, turn, callId, attempt, durationMs };
  }

  [inspect.custom](): string {
    return `EventInfo(${this.event} #${this.#seq} of ${this.#process.id})`;
  }
}

// A handler that assigns to a method of its info must not cut off the others: inherited and frozen, it cannot be.
Object.freeze(Info.prototype);
