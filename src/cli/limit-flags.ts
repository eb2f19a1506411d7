import { InvalidArgumentError, Option } from "commander";
import type { RunLimits } from "../process/money/run-limits.ts";

/** The options that limit a run. */
export interface LimitFlags {
  readonly maxTurns?: number;
  readonly costLimit?: number;
  readonly tokenLimit?: number;
  /** Seconds. */
  readonly timeLimit?: number;
}

export function limitFlags(): readonly Option[] {
  return [
    new Option("--max-turns <n>", "end the run after n turns, if the program does not sooner").argParser(count),
    new Option("--cost-limit <usd>", "what the run may cost at most, its children among it").argParser(amount),
    new Option("--token-limit <n>", "tokens that the run may use at most, input and output").argParser(count),
    new Option("--time-limit <seconds>", "end the run after so long").argParser(amount),
  ];
}

export function limitsOf({ maxTurns, costLimit, tokenLimit, timeLimit }: LimitFlags): RunLimits {
  return {
    ...(maxTurns !== undefined && { turns: maxTurns }),
    ...(costLimit !== undefined && { usd: costLimit }),
    ...(tokenLimit !== undefined && { tokens: tokenLimit }),
    ...(timeLimit !== undefined && { wallMs: timeLimit * 1000 }),
  };
}

function count(text: string): number {
  if (/^[1-9]\d{0,11}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It is a whole number, at least 1.");
}

function amount(text: string): number {
  if (/^(\d{1,9}(\.\d*)?|\.\d+)$/.test(text) && Number(text) > 0) return Number(text);
  throw new InvalidArgumentError("It is a number above 0, such as 0.5.");
}
