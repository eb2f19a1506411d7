import process from "node:process";
import { describe, LLMProcError } from "../errors.ts";
import type { ObjectCallback } from "../events/callback.ts";
import { callbackFactory } from "../events/callback-factory.ts";
import { didYouMean } from "../text/did-you-mean.ts";
import { canColor } from "./console/can-color.ts";
import { LiveLog } from "./console/live-log.ts";
import type { ConsoleStream } from "./console/live-region.ts";
import { PlainLog } from "./console/plain-log.ts";
import type { Verbosity } from "./console/verbosity.ts";
import { VERBOSITY } from "./console/verbosity.ts";
import { checkFactoryOptions } from "./factory-options.ts";

export type { ConsoleStream, Verbosity };

export interface ConsoleLogOptions {
  /** Where to. A terminal gets the live view, all else plain lines. @default process.stderr */
  readonly stream?: ConsoleStream;
  /** Colours on a terminal. @default what the terminal can, and NO_COLOR allows */
  readonly color?: boolean;
  /** `"quiet"`: problems and the summary; `"verbose"`: requests and results too. @default "normal" */
  readonly verbosity?: Verbosity;
}

const OPTIONS = ["stream", "color", "verbosity"] as const satisfies (keyof ConsoleLogOptions)[];

const LEVELS: readonly string[] = Object.keys(VERBOSITY);

/**
 * Shows what a process and its children do: turns, tools with their times, text as it streams, retries, denials,
 * tokens and dollars so far, and a summary of each run. It only watches.
 *
 * What models and tools say is shown without its control sequences. While the live view is on, whatever else
 * writes to the same terminal may be drawn over: `holdConsole` lets it stand still, as `approval` does while it asks.
 *
 * @throws LLMProcError `callback_invalid`, at once, for an option that there is not, or that cannot work
 * @example
 * const proc = await program.start().addCallback(consoleLog());
 */
export function consoleLog(options: ConsoleLogOptions = {}): ObjectCallback {
  checkFactoryOptions(options, OPTIONS, "consoleLog()");
  checkValues(options);
  const { stream = process.stderr, color, verbosity = "normal" } = options;
  if (stream.isTTY !== true) return new PlainLog({ stream, verbosity });
  return new LiveLog({ stream, color: color ?? canColor(stream), verbosity });
}

callbackFactory(consoleLog);

function checkValues({ stream, color, verbosity }: { readonly [K in keyof ConsoleLogOptions]?: unknown }): void {
  if (verbosity !== undefined && !LEVELS.some((level) => level === verbosity)) {
    const hint = typeof verbosity === "string" ? didYouMean(verbosity, LEVELS) : "";
    throw invalid(`verbosity of consoleLog() must be one of ${LEVELS.join(", ")}, not ${describe(verbosity)}.${hint}`);
  }
  if (color !== undefined && typeof color !== "boolean") {
    throw invalid(`color of consoleLog() must be true or false, not ${describe(color)}.`);
  }
  const canWrite = typeof stream === "object" && stream !== null && typeof Reflect.get(stream, "write") === "function";
  if (stream !== undefined && !canWrite) {
    throw invalid(
      `stream of consoleLog() must be a stream to write to, such as process.stderr, not ${describe(stream)}.`,
    );
  }
}

function invalid(message: string): LLMProcError {
  return new LLMProcError("callback_invalid", message);
}
