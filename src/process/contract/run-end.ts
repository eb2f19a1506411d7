import { lookable } from "../../errors.ts";
import type { StopReason } from "../../events/run-result.ts";

/** Why a run ends, on its way up through the loop. Never leaves `process/`. */
export class RunEnd {
  readonly stopReason: StopReason;
  readonly message: string;
  readonly cause: unknown;

  constructor(stopReason: StopReason, message = "", cause?: unknown) {
    this.stopReason = stopReason;
    this.message = message;
    this.cause = lookable(cause);
  }

  /** Whether `run()` resolves. */
  get good(): boolean {
    return GOOD.has(this.stopReason);
  }

  /** For those outside the loop. */
  toError(): Error {
    return this.cause instanceof Error
      ? this.cause
      : new Error(this.message || `The run ended: ${this.stopReason}.`, { cause: this.cause });
  }
}

const GOOD: ReadonlySet<StopReason> = new Set(["end", "max_tokens", "refusal", "other", "stopped"]);
