/** Why a run ended. The first four resolve `run()`, the others reject it with a `RunError`. */
export type StopReason =
  | "end"
  | "max_tokens"
  | "refusal"
  | "stopped"
  | "turn_limit"
  | "time_limit"
  | "token_limit"
  | "cost_limit"
  | "callback"
  | "api_error"
  | "interrupted"
  | "aborted";

/** One thing that a callback refused. */
export interface VetoRecord {
  readonly processId: string;
  readonly event: "tool_start" | "process_start" | "run_start" | "turn_start" | "api_request";
  /** The name of the callback that refused. */
  readonly callback: string;
  readonly reason: string;
  readonly toolName?: string;
  readonly callId?: string;
}

/** What was used: by a run, or by a process in its life. Tokens are counts, money is US dollars. */
export interface Usage {
  /** What the known part cost. Models without a known price are not in it: see `unpriced`. */
  readonly usdCost: number;
  /** Requests sent, failed ones among them. */
  readonly apiCalls: number;
  readonly toolCalls: number;
  /** All input tokens, those read from and written to the cache among them. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Input tokens read from the provider's cache. */
  readonly cachedTokens: number;
  readonly cacheWriteTokens: number;
  readonly totalTokens: number;
  /** Models whose price is not known, so that their cost is not in `usdCost`. */
  readonly unpriced: readonly string[];
}

/** A run so far, or at its end, with the children that it made. A snapshot: it does not change. */
export interface RunResult extends Usage {
  readonly runId: string;
  readonly durationMs: number;
  /** Undefined while the run goes on. */
  readonly stopReason: StopReason | undefined;
  /** The text of the last message of the model; empty if it said nothing. */
  readonly lastMessage: string;
  readonly vetoes: readonly VetoRecord[];
  /** What each process used by itself, without its children: this one first, then its children of this run. */
  readonly processes: readonly ProcessUsage[];
}

export interface ProcessUsage extends Usage {
  readonly processId: string;
  readonly name: string;
}
