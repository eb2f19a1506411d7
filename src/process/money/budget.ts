import { describe } from "../../errors.ts";
import type { LimitStates } from "../../events/limit-state.ts";
import type { Share } from "../../events/process-view.ts";
import { invalidOption, readOptions } from "../contract/read-options.ts";
import { Account } from "./account.ts";
import { checkedBudget } from "./run-limits.ts";

export interface BudgetOptions extends Share {
  /** What messages call it. @default "the budget" */
  readonly name?: string;
}

/**
 * A limit that processes share: those of one user, of one job, of a day. Each request of each of them, and of all their
 * descendants, is set aside in it before it is sent, beside all other limits that hold; who finds too little waits for the
 * others, in order.
 *
 * @throws LLMProcError `run_invalid` for limits that are no numbers from 0, or none at all
 * @example
 * const budget = new Budget({ usd: 5 });
 * const procs = await Promise.all(prompts.map(() => program.start({ budget })));
 * await Promise.all(procs.map((proc, place) => proc.run(prompts[place])));
 * console.log(budget.limits.usd?.left);
 */
export class Budget {
  readonly name: string;
  readonly #account: Account;

  constructor(options: BudgetOptions) {
    const { name = "the budget", ...given } = readOptions(options, ["usd", "tokens", "name"], "new Budget()");
    if (typeof name !== "string" || name.trim() === "") {
      throw invalidOption(`The name of a budget is a text that is not blank, not ${describe(name)}.`);
    }
    const limits = checkedBudget(given);
    if (limits.usd === undefined && limits.tokens === undefined) {
      throw invalidOption(
        "A budget needs a limit: new Budget({ usd: 5 }), new Budget({ tokens: 1_000_000 }), or both.",
      );
    }
    this.name = name;
    const warnAt = 1;
    this.#account = new Account({ ...limits, warnAt }, { parent: undefined, owner: name, onWarn() {} });
    accounts.set(this, this.#account);
  }

  /** How far it is used up. */
  get limits(): LimitStates {
    return this.#account.states();
  }
}

const accounts = new WeakMap<Budget, Account>();

/** Where those who share it reserve. @throws LLMProcError `run_invalid` for what is no budget */
export function accountOf(budget: unknown): Account | undefined {
  if (budget === undefined) return undefined;
  const account = budget instanceof Budget ? accounts.get(budget) : undefined;
  if (account !== undefined) return account;
  throw invalidOption(`budget takes a Budget, new Budget({ usd: 5 }), not ${describe(budget)}.`);
}
