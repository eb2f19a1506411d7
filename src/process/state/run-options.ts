import { describe } from "../../errors.ts";
import type { Metadata } from "../../events/event-info.ts";
import { isJsonObject } from "../../json.ts";
import type { ProcessProgram } from "../contract/process-program.ts";
import { invalidOption, readable, readOptions } from "../contract/read-options.ts";
import type { CheckedLimits, RunLimits } from "../money/run-limits.ts";
import { runLimits } from "../money/run-limits.ts";

/** What `run()` takes besides the prompt. */
export interface RunOptions {
  /** Turns of this run; the program's limit holds where it is lower. Same as `limits.turns`. */
  readonly maxIterations?: number;
  /** What this run and its children may come to. */
  readonly limits?: RunLimits;
  /** Goes with every event of the run, as `info.metadata`. */
  readonly metadata?: Metadata;
  /** Aborts the run, wherever it is. */
  readonly signal?: AbortSignal;
}

export interface CheckedRunOptions {
  readonly limits: CheckedLimits;
  readonly metadata: Metadata | undefined;
  readonly signal: AbortSignal | undefined;
}

const RUN_OPTIONS = ["maxIterations", "limits", "metadata", "signal"] as const satisfies readonly (keyof RunOptions)[];

/** @throws LLMProcError `run_invalid` */
export function checkRunOptions(program: ProcessProgram, given: unknown): CheckedRunOptions {
  const { maxIterations, limits, metadata, signal } = readOptions(given, RUN_OPTIONS, "run()");
  return {
    limits: runLimits(program, limits, maxIterations),
    metadata: metadata === undefined ? undefined : checkedMetadata(metadata),
    signal: signal === undefined ? undefined : checkedSignal(signal),
  };
}

/** A copy: what the caller does to the object later is in no event. */
function checkedMetadata(metadata: unknown): Metadata {
  if (!isJsonObject(metadata)) throw invalidOption(`metadata is an object of values, not ${describe(metadata)}.`);
  return Object.freeze(readable("metadata", () => ({ ...metadata })));
}

/** Signals of other realms and of older libraries are signals, too. */
function checkedSignal(signal: unknown): AbortSignal {
  const isSignal = readable("signal", () => {
    if (signal instanceof AbortSignal) return true;
    const { aborted, addEventListener, removeEventListener } = Object(signal) as Readonly<Record<string, unknown>>;
    const methods = [addEventListener, removeEventListener];
    return typeof aborted === "boolean" && methods.every((method) => typeof method === "function");
  });
  if (!isSignal) {
    throw invalidOption(`signal is an AbortSignal, as "signal" of an AbortController is, not ${describe(signal)}.`);
  }
  // A border post: it has what is used of one.
  return signal as AbortSignal;
}
