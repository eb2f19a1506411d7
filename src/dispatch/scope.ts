import type { Metadata } from "../events/event-info.ts";
import type { Facts } from "../events/facts.ts";
import { NO_FACTS } from "../events/facts.ts";
import type { ProcessView } from "../events/process-view.ts";

/** What an event belongs to: made once for each start by whoever raises it, shared by the start and its end. */
export class Scope {
  readonly process: ProcessView;
  readonly runId: string | undefined;
  readonly turn: number | undefined;
  readonly attempt: number | undefined;
  readonly callId: string | undefined;
  readonly metadata: Metadata | undefined;
  /** Aborts with the run. */
  readonly signal: AbortSignal | undefined;
  /** When the start happened, on the monotonic clock. */
  readonly startMs: number;
  readonly facts: Facts;

  private constructor(startMs: number, of: ScopeParts, own: Partial<ScopeParts>, facts: Facts) {
    this.process = of.process;
    this.runId = own.runId ?? of.runId;
    this.turn = own.turn ?? of.turn;
    this.attempt = own.attempt ?? of.attempt;
    this.callId = own.callId ?? of.callId;
    this.metadata = own.metadata ?? of.metadata;
    this.signal = own.signal ?? of.signal;
    this.startMs = startMs;
    this.facts = facts;
  }

  /** Of what starts then in a process. */
  static of(process: ProcessView, startMs: number, own: Partial<ScopeParts> = NOTHING_MORE): Scope {
    return new Scope(startMs, { process }, own, NO_FACTS);
  }

  /** Of what starts within it. */
  within(startMs: number, own: Partial<ScopeParts>, facts: Facts = NO_FACTS): Scope {
    return new Scope(startMs, this, own, facts);
  }

  /** Of the same, for an event that says more of it. */
  saying(facts: Facts): Scope {
    return new Scope(this.startMs, this, NOTHING_MORE, facts);
  }
}

interface ScopeParts {
  readonly process: ProcessView;
  readonly runId?: string | undefined;
  readonly turn?: number | undefined;
  readonly attempt?: number | undefined;
  readonly callId?: string | undefined;
  readonly metadata?: Metadata | undefined;
  readonly signal?: AbortSignal | undefined;
}

const NOTHING_MORE: Partial<ScopeParts> = Object.freeze({});
