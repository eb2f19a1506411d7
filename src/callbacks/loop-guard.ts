import { describeGiven, LLMProcError } from "../errors.ts";
import type { ObjectCallback } from "../events/callback.ts";
import { callbackFactory } from "../events/callback-factory.ts";
import type { EventInfo } from "../events/event-info.ts";
import type { TreeRun } from "../events/run-tree.ts";
import { RunTree } from "../events/run-tree.ts";
import type { ToolResult } from "../events/tool-result.ts";
import { Veto } from "../events/verdict.ts";
import type { JsonObject } from "../json.ts";
import { checkFactoryOptions } from "./factory-options.ts";

export interface LoopGuardOptions {
  /** So many calls of the same tool with the same arguments may give the same result; the next is refused. @default 3 */
  readonly repeats?: number;
  /** After so many refusals the run is stopped; `Infinity` only refuses. @default 3 */
  readonly stopAfter?: number;
}

const OPTIONS = ["repeats", "stopAfter"] as const satisfies (keyof LoopGuardOptions)[];

/**
 * Ends loops: a model that makes the same call again and again, and gets the same each time, is told so in place of the
 * result; one that goes on regardless is stopped, and `run()` resolves with `stopReason` `"stopped"`. So are calls that cannot run, and
 * those that another guard denies. A call whose result changes (a poll) is no loop. Each run of each process is looked at by itself.
 *
 * @throws LLMProcError `callback_invalid`, at once, for options that cannot work
 * @example
 * const proc = await program.start().addCallback(loopGuard());
 */
export function loopGuard(options: LoopGuardOptions = {}): ObjectCallback {
  checkFactoryOptions(options, OPTIONS, "loopGuard()");
  const { repeats = 3, stopAfter = 3 } = options;
  checkCount("repeats", repeats);
  if (stopAfter !== Number.POSITIVE_INFINITY) checkCount("stopAfter", stopAfter);
  const tree = new RunTree<EventInfo>();
  const watched = new WeakMap<TreeRun<EventInfo>, WatchedRun>();
  const watchedOf = (info: EventInfo) => {
    const run = tree.hearInRun(info);
    const known = watched.get(run) ?? new WatchedRun();
    watched.set(run, known);
    return known;
  };
  return {
    callbackOptions: { name: "loopGuard" },
    tool_start(toolName, toolArgs, info) {
      const run = watchedOf(info);
      const count = run.begin(info.callId, toolName, toolArgs);
      if (count < repeats) return;
      run.refuse(info);
      if (run.refused >= stopAfter)
        info.process.stop(`${toolName} was called again and again with the same arguments.`);
      // It does not run anyway.
      if (info.invalid !== undefined) return;
      const times = count === 1 ? "once before" : `${count} times`;
      throw new Veto(
        `This call of ${toolName} was made ${times} with the same arguments, and gave the same result. ` +
          "Do something else, or say what keeps you from going on.",
      );
    },
    tool_end(_toolName, result, info) {
      const run = watchedOf(info);
      run.end(info.callId, result);
    },
    run_end(_process, _runResult, info) {
      tree.hear(info);
    },
    process_end(_process, info) {
      tree.hear(info);
    },
  };
}

callbackFactory(loopGuard);

/** The calls of one run: how often each gave the same, one after the other. */
class WatchedRun {
  /** In so many turns: the calls of one reply are made before the model has read any refusal. */
  refused = 0;
  #refusedTurn: number | undefined;
  /** The conversation holds these texts as well. */
  readonly #results = new Map<string, { result: ToolResult; count: number }>();
  readonly #underWay = new Map<string | undefined, string>();

  /** How often this call has given the same by now. */
  begin(callId: string | undefined, toolName: string, toolArgs: JsonObject): number {
    const call = JSON.stringify([toolName, sorted(toolArgs)]);
    this.#underWay.set(callId, call);
    return this.#results.get(call)?.count ?? 0;
  }

  refuse({ callId, turn }: EventInfo): void {
    if (turn !== this.#refusedTurn) this.refused++;
    this.#refusedTurn = turn;
    // What it comes to now is no result.
    this.#underWay.delete(callId);
  }

  end(callId: string | undefined, result: ToolResult): void {
    const call = this.#underWay.get(callId);
    this.#underWay.delete(callId);
    if (call === undefined) return;
    const last = this.#results.get(call);
    this.#results.set(call, { result, count: last !== undefined && isSame(last.result, result) ? last.count + 1 : 1 });
  }
}

function isSame(a: ToolResult, b: ToolResult): boolean {
  return a.content === b.content && a.isError === b.isError;
}

/** The order of its keys says nothing. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const pairs = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { pairs: pairs.map(([key, item]) => [key, sorted(item)]) };
}

function checkCount(name: string, value: unknown): void {
  if (Number.isInteger(value) && Number(value) >= 1) return;
  throw new LLMProcError(
    "callback_invalid",
    `${name} of loopGuard() must be a whole number from 1, not ${describeGiven(value)}.`,
  );
}
