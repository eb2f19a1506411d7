import { inspect } from "node:util";
import type { RequestBill } from "../events/bill.ts";
import type { EventName } from "../events/callback-event.ts";
import type { EventInfo, Metadata } from "../events/event-info.ts";
import type { EventRecord } from "../events/event-record.ts";
import { toRecord } from "../events/event-record.ts";
import type {
  Facts,
  ProcessOrigin,
  ProgramIdentity,
  ReplyStopReason,
  RunBounds,
  RunFailure,
  UnreadCall,
} from "../events/facts.ts";
import type { Message, ToolReply } from "../events/message.ts";
import type { ProcessView } from "../events/process-view.ts";
import type { ModelName, VetoRecord } from "../events/run-result.ts";
import type { JsonObject } from "../json.ts";
import type { Decision } from "./decision.ts";
import type { Occurrence } from "./occurrence.ts";
import { OwnSignal } from "./own-signal.ts";

/**
 * The `info` of one event. Synchronous handlers of an event share one; a handler that goes on asynchronously
 * keeps its own, because its signal is its own. What costs something is made when it is asked for.
 */
export class Info implements EventInfo {
  readonly #occurrence: Occurrence;
  #decision: Decision | undefined;
  #own: OwnSignal | undefined;
  #givenUp: Error | undefined;
  #released = false;
  #record: EventRecord | undefined;

  constructor(occurrence: Occurrence, decision?: Decision) {
    this.#occurrence = occurrence;
    this.#decision = decision;
  }

  get event(): EventName {
    return this.#occurrence.spec.event;
  }
  get seq(): number {
    return this.#occurrence.seq;
  }
  get timeMs(): number {
    return performance.timeOrigin + this.#occurrence.atMs;
  }
  get process(): ProcessView {
    return this.#occurrence.scope.process;
  }
  get runId(): string | undefined {
    return this.#occurrence.scope.runId;
  }
  get turn(): number | undefined {
    return this.#occurrence.scope.turn;
  }
  get callId(): string | undefined {
    return this.#occurrence.scope.callId;
  }
  get attempt(): number | undefined {
    return this.#occurrence.scope.attempt;
  }
  get durationMs(): number | undefined {
    const { spec, atMs, scope } = this.#occurrence;
    return spec.ends === undefined ? undefined : atMs - scope.startMs;
  }
  get metadata(): Metadata | undefined {
    return this.#occurrence.scope.metadata;
  }
  get phase(): "live" {
    return "live";
  }
  get origin(): ProcessOrigin | undefined {
    return this.#facts.origin;
  }
  get program(): ProgramIdentity | undefined {
    return this.#facts.program;
  }
  get bounds(): RunBounds | undefined {
    return this.#facts.bounds;
  }
  get failure(): RunFailure | undefined {
    return this.#facts.failure;
  }
  get veto(): VetoRecord | undefined {
    return this.#facts.veto;
  }
  get model(): ModelName | undefined {
    return this.#facts.model;
  }
  get bill(): RequestBill | undefined {
    return this.#facts.bill;
  }
  get stopReason(): ReplyStopReason | undefined {
    return this.#facts.stopReason;
  }
  get stopDetail(): string | undefined {
    return this.#facts.stopDetail;
  }
  get complaint(): string | undefined {
    return this.#facts.complaint;
  }
  get unreadCalls(): readonly UnreadCall[] | undefined {
    return this.#facts.unreadCalls;
  }
  get firstTextMs(): number | undefined {
    return this.#facts.firstTextMs;
  }
  get message(): Message | undefined {
    return this.#facts.message;
  }
  get results(): readonly ToolReply[] | undefined {
    return this.#facts.results;
  }
  get invalid(): string | undefined {
    return this.#facts.invalid;
  }
  get deniedBy(): string | undefined {
    return this.#decision?.denial?.by ?? this.#facts.deniedBy;
  }
  get withheldBy(): string | undefined {
    return this.#facts.withheldBy;
  }
  get resultReplacedBy(): string | undefined {
    return this.#facts.resultReplacedBy;
  }
  get answeredBy(): string | undefined {
    return this.#facts.answeredBy;
  }
  get replacedBy(): string | undefined {
    return this.#facts.replacedBy;
  }
  get replacedArgs(): JsonObject | undefined {
    return this.#facts.replacedArgs;
  }
  get execMs(): number | undefined {
    return this.#facts.execMs;
  }

  get #facts(): Facts {
    return this.#occurrence.facts;
  }

  get signal(): AbortSignal {
    this.#own ??= new OwnSignal(this.#occurrence.scope.signal, {
      reason: this.#givenUp ?? this.#decision?.denial?.reason,
      released: this.#released,
    });
    return this.#own.signal;
  }

  /** The event as a record, made once for all who hear records. */
  get record(): EventRecord {
    const { spec, a, b, c } = this.#occurrence;
    this.#record ??= toRecord(spec, [a, b, c], this);
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
    return { event, seq, timeMs, process: this.process.id, runId, turn, callId, attempt, durationMs };
  }

  [inspect.custom](): string {
    return `EventInfo(${this.event} #${this.seq} of ${this.process.id})`;
  }
}

// A handler that assigns to a method of its info must not cut off the others: inherited and frozen, it cannot be.
Object.freeze(Info.prototype);
