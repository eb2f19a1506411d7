import { lookable } from "../../errors.ts";
import type { Facts, RunFailure } from "../../events/facts.ts";
import type { StopReason, VetoRecord } from "../../events/run-result.ts";

/** Why a run ends, on its way up through the loop. Never leaves `process/`. */
export class RunEnd {
  readonly stopReason: StopReason;
  readonly message: string;
  readonly cause: unknown;
  /** Of a guard that ended it. */
  readonly veto: VetoRecord | undefined;

  constructor(stopReason: StopReason, message = "", cause?: unknown, veto?: VetoRecord) {
    this.veto = veto;
    this.stopReason = stopReason;
    this.message = message;
    this.cause = lookable(cause);
  }

  /** Whether `run()` resolves. */
  get good(): boolean {
    return GOOD.has(this.stopReason);
  }

  /** As records say it. */
  get failure(): RunFailure {
    const { stopReason, message } = this;
    return Object.freeze({ stopReason, message: message || `The run ended: ${stopReason}.` });
  }

  /** What the end of what it ended says of it. */
  get facts(): Facts {
    return { failure: this.failure, ...(this.veto && { veto: this.veto }) };
  }

  /** For those outside the loop. */
  toError(): Error {
    return this.cause instanceof Error ? this.cause : new Error(this.failure.message, { cause: this.cause });
  }
}

const GOOD: ReadonlySet<StopReason> = new Set(["end", "max_tokens", "refusal", "other", "stopped"]);
