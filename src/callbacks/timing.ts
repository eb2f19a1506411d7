import { describe, LLMProcError } from "../errors.ts";
import type { ObjectCallback } from "../events/callback.ts";
import { callbackFactory } from "../events/callback-factory.ts";
import type { EventInfo } from "../events/event-info.ts";
import type { ToolResult } from "../events/tool-result.ts";

/** What the calls of one tool came to. */
export interface ToolStats {
  /** Calls that ran, failed ones among them. */
  readonly calls: number;
  /** Of `calls`, those whose result is an error. */
  readonly errors: number;
  /** Calls that a callback refused: they did not run, and no time is counted. */
  readonly denied: number;
  /** Calls that a callback answered in the tool's place: the tool did not run, and no time is counted. */
  readonly answered: number;
  /** Calls that could not run: unknown tool, arguments that do not fit. */
  readonly invalid: number;
  /** What the tool itself took, without the time that guards took before it, in milliseconds. */
  readonly totalMs: number;
  readonly avgMs: number;
  readonly maxMs: number;
}

export type TimingCallback = ObjectCallback & {
  tool_end(toolName: string, result: ToolResult, info: EventInfo): void;
  /** By tool name, in the order in which the tools were first done. A copy, without a prototype. */
  getStats(): Readonly<Record<string, ToolStats>>;
};

/**
 * Tool execution time by tool, over the process and all its children. Each end brings its own duration, so
 * calls of the same tool that run at the same time are not mixed up.
 * (Specification, "Example: Timing Callback".)
 *
 * @throws LLMProcError `callback_invalid`, at once, for an option
 * @example
 * const times = timing();
 * const proc = await program.start().addCallback(times);
 * await proc.run("Which of these files is the longest?");
 * console.table(times.getStats());
 */
export function timing(...given: readonly []): TimingCallback {
  // Plain JavaScript may give what looks like an option, and would do nothing.
  const [options] = given as readonly unknown[];
  if (options !== undefined) {
    throw new LLMProcError("callback_invalid", `timing() has no options, and was given ${describe(options)}.`);
  }
  const times = new ToolTimes();
  return {
    callbackOptions: { observe: true, name: "timing" },
    tool_end(toolName, result, info) {
      times.add(toolName, result, info);
    },
    getStats() {
      return times.stats;
    },
  };
}

callbackFactory(timing);

/** The sums of `timing`, for whoever knows what does not count as a tool's time. */
export class ToolTimes {
  readonly #byName = new Map<string, ToolStats>();

  /** A call is over; `waitedMs` of its duration are known not to be the tool's. */
  add(toolName: string, result: ToolResult, info: EventInfo, waitedMs = 0): void {
    this.#byName.set(toolName, counted(this.#byName.get(toolName) ?? NONE, result, info, waitedMs));
  }

  /** By tool name, a copy. */
  get stats(): Readonly<Record<string, ToolStats>> {
    // A tool may be called "__proto__": only an object without a prototype takes that as a name.
    return Object.assign(Object.create(null), Object.fromEntries(this.#byName));
  }
}

/** What a tool itself took; of a call that never came to it, what was not waited for a person. */
export function toolMs({ execMs, durationMs = 0 }: EventInfo, waitedMs: number): number {
  return execMs ?? Math.max(0, durationMs - waitedMs);
}

const NONE: ToolStats = { calls: 0, errors: 0, denied: 0, answered: 0, invalid: 0, totalMs: 0, avgMs: 0, maxMs: 0 };

function counted(stats: ToolStats, result: ToolResult, info: EventInfo, waitedMs: number): ToolStats {
  if (info.invalid !== undefined) return { ...stats, invalid: stats.invalid + 1 };
  if (info.deniedBy !== undefined) return { ...stats, denied: stats.denied + 1 };
  if (info.answeredBy !== undefined) return { ...stats, answered: stats.answered + 1 };
  const durationMs = toolMs(info, waitedMs);
  const calls = stats.calls + 1;
  const totalMs = stats.totalMs + durationMs;
  return {
    ...stats,
    calls,
    // What a guard withheld did not fail.
    errors: stats.errors + (result.isError && info.withheldBy === undefined ? 1 : 0),
    totalMs,
    avgMs: totalMs / calls,
    maxMs: Math.max(stats.maxMs, durationMs),
  };
}
