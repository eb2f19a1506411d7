import type { Cost, TokenCounts, UsageFlagReason } from "./run-result.ts";

/** US dollars and tokens that limits have lost. */
export interface Charge {
  readonly usd: number;
  readonly tokens: number;
}

/** What one request came to. Tokens that the provider did not count are zeros, as `flags` then tells. */
export interface RequestBill extends TokenCounts, Cost {
  /** Its cost is in no sum. */
  readonly isUnpriced: boolean;
  /** What of it is not as it seems. */
  readonly flags: readonly UsageFlagReason[];
  /** What it took from limits, in US dollars and tokens; undefined where none held. */
  readonly charged?: Charge;
  /** The provider has counted the request whole, so that the conversation can be measured by it. */
  readonly isCounted: boolean;
}
