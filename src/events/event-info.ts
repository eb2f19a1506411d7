import type { EventName } from "./callback-event.ts";
import type { Facts } from "./facts.ts";
import type { ProcessView } from "./process-view.ts";

/** What a caller gave to `run({ metadata })`. */
export type Metadata = Readonly<Record<string, unknown>>;

/** All facts: undefined where an event does not say them. */
type EventFacts = { readonly [F in keyof Facts]-?: Facts[F] | undefined };

/** The last argument of every event: who, when, and which start an end belongs to. */
export interface EventInfo extends EventFacts {
  readonly event: EventName;
  /** Counts the events of one process from 1, heard or not. */
  readonly seq: number;
  /** When it happened, in milliseconds since 1970. */
  readonly timeMs: number;
  /** The process that speaks. */
  readonly process: ProcessView;
  /** Undefined for events outside a run. */
  readonly runId: string | undefined;
  /** The turn within the run, from 1. */
  readonly turn: number | undefined;
  /**
   * The tool call; ties `tool_end` to its `tool_start`. On `process_start` and `process_end` of a child that a tool
   * made: the call of its parent.
   */
  readonly callId: string | undefined;
  /** The attempt within the turn, from 1. */
  readonly attempt: number | undefined;
  /** On ends: milliseconds since the start. */
  readonly durationMs: number | undefined;
  readonly metadata: Metadata | undefined;
  readonly phase: "live" | "replay";
  /**
   * Aborts when the run is aborted or the process closed, when the handler's time is up, or when another guard
   * has already denied.
   */
  readonly signal: AbortSignal;
}
