import type { JsonObject, JsonValue } from "../json.ts";
import type { Charge } from "./bill.ts";
import type { Metadata } from "./event-info.ts";
import type { ProcessOrigin, ReplyStopReason, RunBounds, RunFailure, UnreadCall } from "./facts.ts";
import type { LifeFigures } from "./life-tally.ts";
import type { Message, Prompt, ToolReply } from "./message.ts";
import type { RunResult, VetoRecord } from "./run-result.ts";
import type { RunFigures } from "./run-tally.ts";

/**
 * What a process starts from: a new one, a fork, one that goes on with a conversation, or one that was under way
 * elsewhere. Plain data: it may be JSON in between. What is not there begins at nothing.
 */
export interface ProcessSeed {
  readonly id: string;
  /** @default the program's */
  readonly name?: string | undefined;
  readonly origin: Omit<ProcessOrigin, "messages">;
  readonly messages: readonly Message[];
  /** The last request that the provider has counted whole. */
  readonly counted?: CountedSeed | undefined;
  /** Its start was allowed: its guards are not asked again. */
  readonly isStarted?: boolean | undefined;
  /** Its start was denied. */
  readonly denial?: VetoRecord | undefined;
  /** Of a child that a call under way has made: it was closed. */
  readonly isEnded?: boolean | undefined;
  /** How many there have been. */
  readonly counters?: Counters | undefined;
  /** What it has used, and what that took from limits. */
  readonly usage?: LifeFigures | undefined;
  readonly stderrLog?: readonly string[] | undefined;
  /** The run under way. */
  readonly run?: RunSeed | undefined;
  /** Of a child that a call under way has made: what its runs came to that are over. */
  readonly finished?: readonly FinishedRun[] | undefined;
  /** Those that calls under way have made, in the order of their starts. */
  readonly children?: readonly ChildSeed[] | undefined;
}

/** How many there have been. */
export interface Counters {
  readonly events: number;
  readonly runs: number;
  readonly children: number;
}

export interface CountedSeed {
  readonly payload: JsonObject;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** A run under way. */
export interface RunSeed {
  readonly runId: string;
  readonly prompt: Prompt;
  readonly metadata: Metadata | undefined;
  readonly bounds: RunBounds;
  /** How long it has taken, in milliseconds. */
  readonly elapsedMs: number;
  /** The turn under way or last over; 0 before the first. */
  readonly turn: number;
  readonly openTurn: TurnSeed | undefined;
  /** How the last turn that is over ended; undefined where its reply broke off. */
  readonly lastReply: ConcludedReply | undefined;
  /** Why it is to end: the turn under way, or the last one, got no reply, or a part of one. */
  readonly failure: RunFailure | undefined;
  /** So many replies in a row asked for calls and were cut at their length. */
  readonly cutReplies: number;
  readonly lastMessage: string;
  readonly vetoes: readonly VetoRecord[];
  /** Children that it has made, and theirs. */
  readonly descendants: number;
  readonly figures: readonly [RunFigures, ...RunFigures[]];
  /** What its requests took from limits, and those of all below it. */
  readonly charged: Charge;
}

export interface ConcludedReply {
  readonly stopReason: ReplyStopReason;
  readonly hasCalls: boolean;
}

/** A turn under way. */
export interface TurnSeed {
  /** The attempt to be made: the one under way is made again. Undefined where the turn may not have been allowed yet. */
  readonly attempt: number | undefined;
  readonly reply: ReplySeed | undefined;
  /** What had arrived of a reply that broke off, and so many of its texts have been told. */
  readonly broken: Pick<ReplySeed, "message" | "told"> | undefined;
  /** Of calls that are over. */
  readonly results: readonly ToolReply[];
  /** Calls that are under way: they run again, and are counted already. */
  readonly begun: readonly string[];
}

/** A whole reply, whose calls are under way. */
export interface ReplySeed {
  readonly response: JsonValue;
  readonly message: Message;
  readonly stopReason: ReplyStopReason;
  readonly stopDetail: string | undefined;
  readonly complaint: string | undefined;
  readonly unreadCalls: readonly UnreadCall[] | undefined;
  /** What was written to stderr between it and its first call. */
  readonly noted: readonly string[];
  /** So many of its texts have been told. */
  readonly told: number;
}

export interface FinishedRun {
  readonly prompt: Prompt;
  readonly result: RunResult;
  /** What it was rejected with. */
  readonly failure: RunFailure | undefined;
}

export interface ChildSeed {
  readonly callId: string;
  readonly seed: ProcessSeed;
}
