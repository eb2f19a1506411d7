import type { LLMProcError } from "../../errors.ts";
import { describe, describeGiven } from "../../errors.ts";
import type { Share } from "../../events/process-view.ts";
import { isJsonObject } from "../../json.ts";
import { didYouMean } from "../../text/did-you-mean.ts";
import type { ProcessProgram } from "../contract/process-program.ts";
import { invalidOption, readable } from "../contract/read-options.ts";
import type { Account } from "./account.ts";
import { checkHoldable } from "./request-need.ts";

/** What one run may come to; the program's limits hold where they are lower. */
export interface RunLimits extends Share {
  /** Turns of this run. */
  readonly turns?: number;
  /** Milliseconds, from the call of `run()`. */
  readonly wallMs?: number;
  /** A part of `usd` and `tokens`, from 0 to 1: when so much is spent, a line on stderr says so. @default the program's */
  readonly warnAt?: number;
}

export interface CheckedLimits {
  readonly turns: number;
  readonly wallMs: number;
  readonly share: Share;
  readonly warnAt: number;
}

/** Checked limits of a run. @throws LLMProcError `run_invalid` */
export function runLimits({ limits: own }: ProcessProgram, given: unknown, maxIterations: unknown): CheckedLimits {
  const limits = numbersIn(given, RUN_LIMITS, "a run");
  const { turns, wallMs, usd, tokens, warnAt = own.warnAt } = limits;
  const least = (...values: readonly (number | undefined)[]) =>
    Math.min(...values.filter((value) => value !== undefined), Number.POSITIVE_INFINITY);
  const iterations = maxIterations === undefined ? undefined : numberOf(maxIterations, "maxIterations", true);
  const both = { turns: least(own.turns, iterations, turns), wallMs: least(own.wallMs, wallMs) };
  if (!(both.turns >= 1)) {
    throw invalidOption(
      `A run needs at least one turn, not ${describe(both.turns)}: raise maxIterations or limits.turns.`,
    );
  }
  if (!(both.wallMs > 0))
    throw invalidOption(`A run needs some time, not ${describe(both.wallMs)} ms: raise limits.wallMs.`);
  if (!(warnAt >= 0 && warnAt <= 1))
    throw invalidOption(`limits.warnAt is a part from 0 to 1, not ${describe(warnAt)}.`);
  return { ...both, share: shareIn({ usd, tokens }), warnAt };
}

/** Of a child. @throws LLMProcError `run_invalid` */
export function checkedShare(given: unknown): Share {
  return shareIn(numbersIn(given, SHARE_LIMITS, "a child"));
}

/** Of what several processes share. @throws LLMProcError `run_invalid` */
export function checkedBudget(given: unknown): Share {
  return shareIn(numbersIn(given, SHARE_LIMITS, "a budget", ""), "");
}

/** What has no bound is no limit. */
function shareIn(share: { readonly [K in keyof Share]: Share[K] | undefined }, prefix = "limits."): Share {
  const checked: { usd?: number; tokens?: number } = {};
  for (const key of SHARE_LIMITS) {
    const value = share[key];
    if (value === undefined || value === Number.POSITIVE_INFINITY) continue;
    if (value < 0) throw noLimit(`${prefix}${key}`, WHOLE.has(key), value);
    checked[key] = value;
  }
  return checked;
}

/** @throws LLMProcError `limit_unholdable` if a limit that holds cannot be held with the program */
export function checkAccount(account: Account | undefined, program: ProcessProgram): void {
  if (account !== undefined) checkHoldable(program, { cost: account.limitsCost });
}

const SHARE_LIMITS = ["usd", "tokens"] as const satisfies readonly (keyof Share)[];
const RUN_LIMITS = [...SHARE_LIMITS, "turns", "wallMs", "warnAt"] as const satisfies readonly (keyof RunLimits)[];

const WHOLE: ReadonlySet<string> = new Set<keyof RunLimits>(["tokens", "turns"]);

/** Each read once. A slip in a limit's name would be no limit at all, and neither would what is no number. */
function numbersIn<K extends string>(
  given: unknown,
  known: readonly K[],
  whose: string,
  prefix = "limits.",
): { readonly [key in K]?: number } {
  if (given === undefined) return {};
  if (!isJsonObject(given)) throw invalidOption(`limits is an object of numbers, not ${describe(given)}.`);
  const entries = readable("limits", () => Object.entries(given));
  const checked: { [key in K]?: number } = {};
  for (const [name, value] of entries) {
    const key = known.find((one) => one === name);
    if (key === undefined) {
      const hint = didYouMean(name, known) || ` There are ${known.join(", ")}.`;
      throw invalidOption(`${prefix}${name} is no limit of ${whose}.${hint}`);
    }
    if (value !== undefined) checked[key] = numberOf(value, `${prefix}${name}`, WHOLE.has(key));
  }
  return checked;
}

/** What has no bound is whole, too. */
function numberOf(value: unknown, name: string, isWhole: boolean): number {
  const isNumber = typeof value === "number" && !Number.isNaN(value);
  if (isNumber && (!isWhole || Math.floor(value) === value)) return value;
  throw noLimit(name, isWhole, value);
}

function noLimit(name: string, isWhole: boolean, value: unknown): LLMProcError {
  return invalidOption(`${name} is a ${isWhole ? "whole number" : "number"}, 0 or more, not ${describeGiven(value)}.`);
}
