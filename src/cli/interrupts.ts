import process from "node:process";
import type { InterruptSignal } from "./exit-code.ts";
import { SIGNAL_EXIT_CODE } from "./exit-code.ts";

/** The signals that ask the command to end. */
export interface Interrupts {
  /** Aborts at the first signal. */
  readonly signal: AbortSignal;
  /** Which came, if one did. */
  readonly caught: InterruptSignal | undefined;
  /** Signals do again what they do by themselves. */
  release(): void;
}

/** Turns the first SIGINT or SIGTERM into an abort; the second ends the process at once. */
export function watchInterrupts(): Interrupts {
  const controller = new AbortController();
  let caught: InterruptSignal | undefined;
  const interrupt = (signal: InterruptSignal) => {
    if (caught !== undefined) process.exit(SIGNAL_EXIT_CODE[signal]);
    caught = signal;
    controller.abort(new Error(signal === "SIGINT" ? "interrupted (Ctrl-C)" : "ended by SIGTERM"));
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  return {
    signal: controller.signal,
    get caught() {
      return caught;
    },
    release() {
      process.off("SIGINT", interrupt);
      process.off("SIGTERM", interrupt);
    },
  };
}
