/** How far a limit is used up: in US dollars for `usd`, in tokens for `tokens`. A snapshot. */
export interface LimitState {
  readonly limit: number;
  /** What requests came to. One whose bill nobody knows counts with the most that it may be. */
  readonly spent: number;
  /** Set aside for requests under way. Most of it comes back. */
  readonly reserved: number;
  /** What nobody has spent or set aside. */
  readonly left: number;
  /** `warn_at` was reached: of this limit, or of another that holds as well. */
  readonly warned: boolean;
}

/** The limits that hold for a process: of several, the one with the least left. Empty where there is none. */
export interface LimitStates {
  readonly usd?: LimitState;
  readonly tokens?: LimitState;
}
