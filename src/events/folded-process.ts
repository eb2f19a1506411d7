import type { JsonObject } from "../json.ts";
import type { Retry } from "./callback-event.ts";
import type { Metadata } from "./event-info.ts";
import type { RecordedProcess } from "./event-record.ts";
import type { ProcessOrigin, ProgramIdentity } from "./facts.ts";
import type { Message, Prompt } from "./message.ts";
import type { LifeUsage, ProcessUsage, Usage, VetoRecord } from "./run-result.ts";

/** A process as its records tell it. Everything in it is a copy, or frozen. */
export interface FoldedProcess {
  readonly process: RecordedProcess;
  readonly origin: ProcessOrigin | undefined;
  readonly program: ProgramIdentity | undefined;
  /** The conversation: complete turns, and the prompt that is being answered. */
  readonly messages: readonly Message[];
  /** What it used in its life. Requests under way are in no count. */
  readonly usage: LifeUsage;
  readonly stderrLog: readonly string[];
  /** Of its last event. */
  readonly seq: number;
  readonly runCount: number;
  /** How many children it has made. */
  readonly childCount: number;
  /** Those that have not ended, in the order of their starts. */
  readonly openChildren: readonly string[];
  /** The run under way. */
  readonly run: FoldedRun | undefined;
  readonly isEnded: boolean;
  /** False where records from its beginning are missing: then `messages` and `usage` lack what they said. */
  readonly isWhole: boolean;
}

/** A run under way. */
export interface FoldedRun {
  readonly runId: string;
  readonly prompt: Prompt;
  readonly metadata: Metadata | undefined;
  /** The turn under way or last over; 0 before the first. */
  readonly turn: number;
  /** Whether that turn is under way. */
  readonly isInTurn: boolean;
  /** The attempt under way. */
  readonly attempt: number | undefined;
  /** The attempt that is to follow a failed one. */
  readonly retry: Retry | undefined;
  /** The message of the turn under way, which its calls hold up. */
  readonly message: Message | undefined;
  /** Tool calls under way, in the order of their starts. */
  readonly calls: readonly FoldedCall[];
  readonly lastMessage: string;
  /** What guards denied in it. */
  readonly vetoes: readonly VetoRecord[];
  /** What it used, with the children that it made. */
  readonly usage: Usage;
  /** The same by process: its own first. */
  readonly processes: readonly ProcessUsage[];
}

/** A tool call under way. */
export interface FoldedCall {
  readonly callId: string;
  readonly toolName: string;
  readonly toolArgs: JsonObject;
  /** The children that it has made and that have not ended. */
  readonly children: readonly string[];
}
