import type { ProcessOrigin } from "../../events/facts.ts";
import type { LifeFigures } from "../../events/life-tally.ts";
import type { Message } from "../../events/message.ts";
import type { CountedSource } from "../money/payer.ts";
import type { History } from "../talk/history.ts";

/**
 * What a process starts from: a new one, a fork, one that goes on with a conversation, or one that was under way
 * elsewhere. Plain data: it may be JSON in between. What is not there begins at nothing.
 */
export interface ProcessSeed {
  /** Of a root; it gets a new one where there is none. A child's is given by its parent. */
  readonly id?: string | undefined;
  /** @default the program's */
  readonly name?: string | undefined;
  readonly origin: Omit<ProcessOrigin, "messages">;
  /** A fork shares its parent's. */
  readonly messages: History | readonly Message[];
  /** The last request that the provider has counted whole. */
  readonly counted?: CountedSource | undefined;
  readonly counters?: Counters | undefined;
  /** What it has used, and what that took from its limits. */
  readonly usage?: LifeFigures | undefined;
  readonly stderrLog?: readonly string[] | undefined;
}

/** How many there have been. */
export interface Counters {
  readonly events: number;
  readonly runs: number;
  readonly children: number;
}
