import process from "node:process";
import type { ObjectCallback } from "../events/callback.ts";
import type { CallbackFault } from "../events/callback-fault.ts";
import { RunError } from "../events/run-error.ts";
import type { RunResult } from "../events/run-result.ts";

/**
 * What the command waits for will never come: nothing is left in the process that could wake it. Node would end with exit
 * code 13 and show a line of ours.
 */
export class StuckError extends Error {
  override readonly name = "StuckError";
  /** What there is of a run. */
  readonly result: RunResult | undefined;

  constructor(waitsFor: string | undefined, thrown: unknown) {
    const what = waitsFor ?? "something that never settles, such as an await at the top of a callback file";
    super(`The command waits for ${what}, and nothing is left that could wake it.`, { cause: thrown });
    this.result = thrown instanceof RunError ? thrown.result : undefined;
  }
}

/** The watch over a command for as long as it works. */
export interface StuckWatch {
  /** Aborts once nothing is left that could wake the command: what can be given up is given up. */
  readonly signal: AbortSignal;
  /** Rejects where even that did not help. */
  readonly hopeless: Promise<never>;
  release(): void;
}

/** Node says when nothing is left that could wake a process. (A timer of 30 s, the limit of most handlers, could.) */
export function watchStuck(): StuckWatch {
  const controller = new AbortController();
  const { promise: hopeless, reject } = Promise.withResolvers<never>();
  hopeless.catch(() => {});
  const stuck = () => {
    if (controller.signal.aborted) reject(new StuckError(undefined, undefined));
    controller.abort(new Error("nothing is left that could wake it"));
    // Node says so once more, unless it has something to do by then.
    setImmediate(() => {});
  };
  process.on("beforeExit", stuck);
  return { signal: controller.signal, hopeless, release: () => process.off("beforeExit", stuck) };
}

/** Notes which callback a run waited for when it was given up. */
export class Waits implements ObjectCallback {
  readonly callbackOptions = { observe: true, name: "command" };
  readonly #stuck: AbortSignal;
  #fault: CallbackFault | undefined;

  constructor(stuck: AbortSignal) {
    this.#stuck = stuck;
  }

  callback_error(fault: CallbackFault): void {
    if (this.#stuck.aborted && fault.reason === "timeout") this.#fault ??= fault;
  }

  get text(): string | undefined {
    if (this.#fault === undefined) return undefined;
    return `callback ${this.#fault.callback}, which has not answered in ${this.#fault.event} and has no time limit`;
  }
}
