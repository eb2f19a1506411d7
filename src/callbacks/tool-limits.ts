import { describe, describeGiven, LLMProcError } from "../errors.ts";
import type { ObjectCallback } from "../events/callback.ts";
import { callbackFactory } from "../events/callback-factory.ts";
import type { EventInfo } from "../events/event-info.ts";
import type { TreeRun } from "../events/run-tree.ts";
import { outermostRun, RunTree } from "../events/run-tree.ts";
import { Veto } from "../events/verdict.ts";

/**
 * Lets each of these tools be called so many times in a run, its children's calls among them: the model is told so of
 * any other. Calls that cannot run, and those that another guard denies, do not count. Names are those that the model
 * knows; a tool that is not named has no limit.
 *
 * @throws LLMProcError `callback_invalid`, at once, for a limit that is no whole number from 0
 * @example
 * const proc = await program.start().addCallback(toolLimits({ web_search: 5, fork: 2 }));
 */
export function toolLimits(limits: Readonly<Record<string, number>>): ObjectCallback {
  const allowed = checkLimits(limits);
  const tree = new RunTree<EventInfo>();
  const made = new WeakMap<TreeRun<EventInfo>, Map<string, number>>();
  const countsOf = (info: EventInfo) => {
    const run = outermostRun(tree.hearInRun(info));
    const counts = made.get(run) ?? new Map<string, number>();
    made.set(run, counts);
    return counts;
  };
  /** Calls under way that it has let pass. */
  const passed = new Set<string>();
  return {
    callbackOptions: { name: "toolLimits" },
    tool_start(toolName, _toolArgs, info) {
      const counts = countsOf(info);
      const limit = allowed.get(toolName);
      if (limit === undefined || info.invalid !== undefined) return;
      const count = counts.get(toolName) ?? 0;
      if (count >= limit) throw new Veto(overText(toolName, limit));
      counts.set(toolName, count + 1);
      passed.add(placeOf(info));
    },
    tool_end(toolName, _result, info) {
      const counts = countsOf(info);
      const isCounted = passed.delete(placeOf(info));
      // Another guard has denied what this one let pass.
      if (isCounted && info.deniedBy !== undefined) counts.set(toolName, (counts.get(toolName) ?? 0) - 1);
    },
    run_end(_process, _runResult, info) {
      tree.hear(info);
    },
    process_end(_process, info) {
      tree.hear(info);
    },
  };
}

callbackFactory(toolLimits);

/** Vendors may give the ids of calls again in another run, or in a child. */
function placeOf({ process, runId, callId }: EventInfo): string {
  return `${process.id} ${runId} ${callId}`;
}

function overText(toolName: string, limit: number): string {
  if (limit === 0) return `${toolName} may not be called in this run. Go on without it.`;
  const times = limit === 1 ? "once" : `${limit} times`;
  return `${toolName} may be called ${times} in a run, and that is used up. Go on with what you know.`;
}

function checkLimits(limits: unknown): ReadonlyMap<string, number> {
  const invalid = (problem: string) => new LLMProcError("callback_invalid", `toolLimits(): ${problem}`);
  if (typeof limits !== "object" || limits === null || Array.isArray(limits)) {
    throw invalid(`give tools with how often each may be called, { search: 5 }, not ${describe(limits)}.`);
  }
  const entries = Object.entries(limits as Readonly<Record<string, unknown>>);
  if (entries.length === 0) throw invalid("give at least one tool, as in { search: 5 }.");
  return new Map(
    entries.map(([name, limit]) => {
      if (Number.isInteger(limit) && Number(limit) >= 0) return [name, Number(limit)];
      throw invalid(`the limit of ${describe(name)} must be a whole number from 0, not ${describeGiven(limit)}.`);
    }),
  );
}
