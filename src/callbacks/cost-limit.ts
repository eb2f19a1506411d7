import { describe, LLMProcError } from "../errors.ts";
import type { ObjectCallback } from "../events/callback.ts";
import { callbackFactory } from "../events/callback-factory.ts";
import type { EventInfo } from "../events/event-info.ts";
import type { ProcessView } from "../events/process-view.ts";
import type { Usage } from "../events/run-result.ts";
import type { TreeRun } from "../events/run-tree.ts";
import { outermostRun, RunTree } from "../events/run-tree.ts";
import { checkFactoryOptions } from "./factory-options.ts";

export interface CostWarning {
  readonly usdCost: number;
  readonly limitUsd: number;
  /** Whose run it is. */
  readonly process: ProcessView;
}

export interface CostLimitOptions {
  /** Called once in a run, when it has cost `warnAt` of the limit. It is awaited, and its throw stops the run. */
  readonly onWarn?: (warning: CostWarning) => unknown;
  /** A part of the limit, from 0 to 1. @default 0.8 */
  readonly warnAt?: number;
  /** Count models without a known price as free, instead of stopping. @default false */
  readonly allowUnpriced?: boolean;
}

const OPTIONS = ["onWarn", "warnAt", "allowUnpriced"] as const satisfies (keyof CostLimitOptions)[];

/**
 * Stops a run that has cost more than `limitUsd`, in US dollars. It looks before each turn, so the turn under
 * way is always paid; a limit that can never be passed is the program's own, `[limits] usd`, or that of `run()`.
 *
 * Children that run while their parent runs share its limit: the first that comes to a turn after it is passed
 * ends with an error, and so does the parent at its next turn. Each run of the outermost process that the
 * callback hears starts from zero.
 *
 * A cost that is not known is not zero: once a model without a price was used, the next turn is refused.
 * (Specification, "TURN_START with RunResult Support".)
 *
 * @throws LLMProcError `callback_invalid`, at once, for a limit or `warnAt` that cannot work
 * @example
 * const proc = await program.start().addCallback(costLimit(0.5));
 */
export function costLimit(limitUsd: number, options: CostLimitOptions = {}): ObjectCallback {
  checkFactoryOptions(options, OPTIONS, "costLimit()");
  const { onWarn, warnAt = 0.8, allowUnpriced = false } = options;
  checkOptions(limitUsd, warnAt);
  const tree = new RunTree<EventInfo>();
  const counted = new WeakMap<TreeRun<EventInfo>, CountedRun>();
  return {
    callbackOptions: { name: "costLimit" },
    turn_start(process, runResult, info) {
      const current = tree.hearInRun(info);
      const own = counted.get(current) ?? startOf(process, mostOf(runResult));
      counted.set(current, own);
      const run = counted.get(outermostRun(current)) ?? own;
      const usdCost = Math.max(mostOf(runResult), mostOf(run.process.usage) - run.usdBefore);
      const unpriced = run.process.usage.unpriced.concat(runResult.unpriced);
      if (unpriced.length > 0 && !allowUnpriced) throw CostLimitError.unpriced(limitUsd, usdCost, unpriced);
      if (usdCost > limitUsd + ROUNDING_USD) throw new CostLimitError(overText(limitUsd, usdCost), limitUsd, usdCost);
      if (onWarn === undefined || run.warned || usdCost === 0 || usdCost < limitUsd * warnAt) return;
      run.warned = true;
      return onWarn({ usdCost, limitUsd, process: run.process });
    },
    run_end(_process, _runResult, info) {
      tree.hear(info);
    },
    process_end(_process, info) {
      tree.hear(info);
    },
  };
}

callbackFactory(costLimit);

/** Thrown by `costLimit`: the `cause` of the `RunError` that `run()` rejects with. */
export class CostLimitError extends LLMProcError {
  readonly limitUsd: number;
  /** What the run has cost, as far as that is known. */
  readonly usdCost: number;
  /** Models without a known price, if they are the reason. */
  readonly unpriced: Usage["unpriced"];

  constructor(message: string, limitUsd: number, usdCost: number, unpriced: Usage["unpriced"] = []) {
    super("cost_limit", message);
    this.limitUsd = limitUsd;
    this.usdCost = usdCost;
    this.unpriced = unpriced;
  }

  static unpriced(limitUsd: number, usdCost: number, models: readonly string[]): CostLimitError {
    const names = [...new Set(models)];
    return new CostLimitError(
      `No price is known for ${names.join(", ")}, so a limit of $${limitUsd} cannot be held. Give the price in the ` +
        "program, [pricing] input_usd_per_million = 3, output_usd_per_million = 15 (your model's own figures), or " +
        "count it as free: costLimit(limit, { allowUnpriced: true }).",
      limitUsd,
      usdCost,
      names,
    );
  }
}

/** Costs are sums of fractions: three times ten cents are a little more than thirty. */
const ROUNDING_USD = 1e-9;

function overText(limitUsd: number, usdCost: number): string {
  return `Run cost $${usdCost.toFixed(4)}, over its limit of $${limitUsd}. Raise the limit, or catch this and go on.`;
}

function checkOptions(limitUsd: number, warnAt: number): void {
  if (typeof limitUsd !== "number" || !(limitUsd >= 0)) {
    throw new LLMProcError(
      "callback_invalid",
      `costLimit(${typeof limitUsd === "string" ? JSON.stringify(limitUsd) : describe(limitUsd)}): give a limit in US dollars, 0 or more.`,
    );
  }
  if (!(warnAt >= 0 && warnAt <= 1)) {
    throw new LLMProcError("callback_invalid", `costLimit: warnAt is ${warnAt}; give a part of the limit, 0 to 1.`);
  }
}

/** Requests whose bill nobody knows count with the most that it may be. */
function mostOf({ usdCost, usdUncertain }: Usage): number {
  return usdCost + usdUncertain;
}

/** A run under way, with what its process had used before it. */
interface CountedRun {
  readonly process: ProcessView;
  readonly usdBefore: number;
  warned: boolean;
}

function startOf(process: ProcessView, usdSoFar: number): CountedRun {
  return { process, usdBefore: mostOf(process.usage) - usdSoFar, warned: false };
}
