import type { LimitStates } from "./limit-state.ts";

/** Why a run ended. The first five resolve `run()`, the others reject it with a `RunError`. */
export type StopReason =
  | "end"
  | "max_tokens"
  | "refusal"
  /** The provider stopped for a reason that is not known here: `lastMessage` may be a part of an answer. */
  | "other"
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
  readonly event: "tool_start" | "tool_result" | "process_start" | "run_start" | "turn_start" | "api_request";
  /** The name of the callback that refused. */
  readonly callback: string;
  readonly reason: string;
  readonly toolName?: string;
  readonly callId?: string;
}

/** Counts of tokens, by what they cost. */
export interface TokenCounts {
  /** All input tokens, those read from and written to the cache among them. */
  readonly inputTokens: number;
  /** All output tokens, those of reasoning among them. */
  readonly outputTokens: number;
  /** Output tokens that were reasoning, where the provider tells them apart. */
  readonly reasoningTokens: number;
  /** Input tokens read from the provider's cache. */
  readonly cachedTokens: number;
  /** Input tokens written to the cache, for whatever time. */
  readonly cacheWriteTokens: number;
  /** Those of them that were written for an hour. */
  readonly cacheWrite1hTokens: number;
}

/** Money, in US dollars. */
export interface Cost {
  /** What the known part cost. What else there may be: see `usdUncertain` and `unpriced`. */
  readonly usdCost: number;
  /** The most that comes on top for requests that broke off, so that nobody knows their bill. */
  readonly usdUncertain: number;
  /** The part of `usdCost` that providers have told themselves; the rest is figured by prices. */
  readonly usdReported: number;
}

/** Why a figure is not what it seems. */
export type UsageFlagReason =
  /** The price of the model is not known. */
  | "no_price"
  /** The provider did not say what was used. */
  | "no_usage"
  /** The provider gave counts that cannot be: negative, not a number, parts larger than the whole, no input at all. */
  | "wrong_usage"
  /** The request broke off or was aborted after it had left: it may have been billed. */
  | "broken_off"
  /** List prices do not hold for what was asked for: another service tier, a tool with a fee. */
  | "off_list"
  /** The provider has told the cost itself. */
  | "reported"
  /** The request came to more than the most that was set aside for it. */
  | "over_bound";

/** How many requests to a model have what. */
export interface UsageFlag {
  readonly reason: UsageFlagReason;
  readonly model: string;
  readonly requests: number;
}

/** Which model. */
export interface ModelName {
  /** As in a program file: `"anthropic"`. */
  readonly provider: string;
  readonly name: string;
}

/** What one model was used for. */
export interface ModelUsage extends TokenCounts, Cost {
  readonly provider: string;
  readonly model: string;
  /** Requests sent, failed ones among them. */
  readonly apiCalls: number;
}

/** What was used: by a run, or by a process in its life. Tokens are counts, money is US dollars. */
export interface Usage extends TokenCounts, Cost {
  /** Requests sent, failed ones among them. */
  readonly apiCalls: number;
  readonly toolCalls: number;
  readonly totalTokens: number;
  /** Models with requests whose cost is not known, so that it is in no sum: see `flags` for why. */
  readonly unpriced: readonly string[];
  /** What is not certain, or not figured by prices. Empty where all is as it seems. */
  readonly flags: readonly UsageFlag[];
  /** The same by model. */
  readonly models: readonly ModelUsage[];
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
  /** How far the limits are used up that hold for the run. */
  readonly limits: LimitStates;
}

export interface ProcessUsage extends Usage {
  readonly processId: string;
  readonly name: string;
}

/** What a process used in its life, its descendants in it. */
export interface LifeUsage extends ProcessUsage {
  /** Without its descendants. */
  readonly own: Usage;
  /**
   * How long its conversation is, in tokens, as far as the provider has counted it: each request pays for it as input.
   * Undefined where nobody has counted.
   */
  readonly contextTokens: number | undefined;
  /** So much of it came from its parent: the first request of a fork pays for that, too. */
  readonly inheritedTokens: number | undefined;
}
