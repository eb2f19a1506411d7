import { describe } from "../../errors.ts";
import type { Callback } from "../../events/callback.ts";
import type { Message } from "../../events/message.ts";
import type { ForkOptions, Share } from "../../events/process-view.ts";
import { invalidOption, readable, readOptions } from "../contract/read-options.ts";
import type { Account } from "../money/account.ts";
import type { Budget } from "../money/budget.ts";
import { accountOf } from "../money/budget.ts";
import { checkedShare } from "../money/run-limits.ts";

/** What a process is started with. */
export interface ProcessStartOptions {
  readonly name?: string;
  /** Registered before the process starts, in this order. */
  readonly callbacks?: readonly Callback[];
  /** A conversation to go on with, as `process.messages` gave it: of whatever provider, also as it came out of JSON. */
  readonly messages?: readonly Message[];
  /** What it shares with other processes: its requests, and those of all its descendants, are set aside there, too. */
  readonly budget?: Budget;
}

interface CheckedStartOptions {
  readonly name: string | undefined;
  readonly callbacks: readonly unknown[];
  readonly messages: unknown;
  readonly budget: Account | undefined;
}

interface CheckedForkOptions {
  readonly name: string | undefined;
  readonly share: Share;
}

export const START_OPTIONS = [
  "name",
  "callbacks",
  "messages",
  "budget",
] as const satisfies readonly (keyof ProcessStartOptions)[];
const FORK_OPTIONS = ["name", "limits"] as const satisfies readonly (keyof ForkOptions)[];

/** @throws LLMProcError `run_invalid` */
export function checkStartOptions(given: unknown): CheckedStartOptions {
  const { name, callbacks = [], messages, budget } = readOptions(given, START_OPTIONS, "start()");
  if (!Array.isArray(callbacks)) throw invalidOption(`callbacks is a list of callbacks, not ${describe(callbacks)}.`);
  return {
    name: checkedName(name),
    callbacks: readable("callbacks", () => [...(callbacks as unknown[])]),
    messages,
    budget: accountOf(budget),
  };
}

/** `where` is for messages: `"forkProcess()"`. @throws LLMProcError `run_invalid` */
export function checkForkOptions(given: unknown, where: string): CheckedForkOptions {
  const { name, limits } = readOptions(given, FORK_OPTIONS, where);
  return { name: checkedName(name), share: checkedShare(limits) };
}

function checkedName(name: unknown): string | undefined {
  if (name === undefined || typeof name === "string") return name;
  throw invalidOption(`The name of a process is a text, not ${describe(name)}.`);
}
