import type { Metadata } from "../events/event-info.ts";
import type { JsonObject } from "../json.ts";

/** What an event belongs to: made once for each start by whoever raises it, shared by the start and its end. */
export class Scope {
  readonly runId: string | undefined;
  readonly turn: number | undefined;
  readonly attempt: number | undefined;
  readonly callId: string | undefined;
  readonly metadata: Metadata | undefined;
  /** Aborts with the run. */
  readonly signal: AbortSignal | undefined;
  /** When the start happened, on the monotonic clock. */
  readonly startMs: number;
  readonly invalid: string | undefined;
  readonly deniedBy: string | undefined;
  readonly answeredBy: string | undefined;
  readonly replacedArgs: JsonObject | undefined;
  /** Milliseconds that the tool itself took. */
  readonly execMs: number | undefined;

  constructor(startMs: number, of?: Scope, facts?: ScopeFacts, execMs?: number) {
    this.runId = facts?.runId ?? of?.runId;
    this.turn = facts?.turn ?? of?.turn;
    this.attempt = facts?.attempt ?? of?.attempt;
    this.callId = facts?.callId ?? of?.callId;
    this.metadata = facts?.metadata ?? of?.metadata;
    this.signal = facts?.signal ?? of?.signal;
    this.startMs = startMs;
    this.invalid = facts?.invalid ?? of?.invalid;
    this.deniedBy = facts?.deniedBy;
    this.answeredBy = facts?.answeredBy;
    this.replacedArgs = facts?.replacedArgs;
    this.execMs = execMs;
  }
}

/** What a scope adds to the one it is made from. */
export type ScopeFacts = { readonly [F in Exclude<keyof Scope, "startMs" | "execMs">]?: Scope[F] };
