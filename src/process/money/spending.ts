import { errorMessage, LLMProcError } from "../../errors.ts";
import type { JsonObject } from "../../json.ts";
import { countText } from "../../text/count-text.ts";
import { RunEnd } from "../contract/run-end.ts";
import type { Amount, Reservation, SpendLimits } from "./account.ts";
import { Account, LimitReached, Waiting } from "./account.ts";
import type { Payer, Spender } from "./payer.ts";
import type { Purse } from "./purse.ts";
import type { RequestNeed } from "./request-need.ts";
import { requestNeed } from "./request-need.ts";

/** A request that may leave, and what was set aside for it. */
export interface Cover {
  readonly need: RequestNeed;
  readonly reservation: Reservation;
}

export interface AccountHolder {
  /** What was spent of it before. */
  readonly spent?: Amount | undefined;
  /** The account of whoever is above. */
  readonly above: Account | undefined;
  /** For messages: `"process ID"`, `"run ID"`. */
  readonly owner: string;
  /** Hears once of each limit that it is nearly used up, in words for the user. */
  readonly onWarn: (warning: string) => void;
}

/** An account for whoever has limits of its own; the one above for everybody else. */
export function openAccount(limits: SpendLimits, { above, owner, onWarn, spent }: AccountHolder): Account | undefined {
  if (limits.usd === undefined && limits.tokens === undefined) return above;
  return new Account(limits, { parent: above, owner, spent, onWarn: (purse) => onWarn(warning(purse)) });
}

/**
 * Sets aside the most that a request can come to, once it fits into every limit that holds.
 * @throws RunEnd if it never will, if the run ends first, or if nobody can say what it comes to
 */
export function coverRequest(
  payer: Payer,
  spender: Spender,
  account: Account,
  payload: JsonObject,
): Cover | Promise<Cover> {
  const cost = account.limitsCost;
  let need: RequestNeed;
  let reserved: Reservation | Waiting;
  try {
    need = requestNeed(payer.program, payload, payer.counted(), { cost });
    reserved = account.reserve(need.amount);
  } catch (thrown) {
    throw limitEnd(thrown, cost);
  }
  if (!(reserved instanceof Waiting)) return { need, reservation: reserved };
  const waiting = reserved;
  return spender.unlessStopped(waiting.granted).then(
    (reservation) => ({ need, reservation }),
    (thrown: unknown) => {
      waiting.cancel();
      throw limitEnd(thrown, cost);
    },
  );
}

function limitEnd(thrown: unknown, cost: boolean): unknown {
  if (thrown instanceof LimitReached) return reachedEnd(thrown);
  if (!(thrown instanceof LLMProcError) || thrown.code !== "limit_unholdable") return thrown;
  return new RunEnd(cost ? "cost_limit" : "token_limit", errorMessage(thrown), thrown);
}

function reachedEnd({ purse, needed }: LimitReached): RunEnd {
  const { limit, spent, owner, unit } = purse;
  const show = (amount: number) => (unit === "usd" ? usdText(amount) : `${countText(Math.ceil(amount))} tokens`);
  return new RunEnd(
    unit === "usd" ? "cost_limit" : "token_limit",
    `The next request can come to ${show(needed)}, and the limit of ${show(limit)} of ${owner} has only ` +
      `${show(Math.max(limit - spent, 0))} left (spent: ${show(spent)}). Raise that limit, or lower max_tokens.`,
  );
}

function warning({ limit, spent, owner, unit }: Purse): string {
  const part = Math.floor((spent / limit) * 100);
  const figures =
    unit === "usd"
      ? `${usdText(spent)} of ${usdText(limit)}`
      : `${countText(Math.ceil(spent))} of ${countText(Math.ceil(limit))} tokens`;
  return `${part} % of the ${unit === "usd" ? "cost" : "token"} limit of ${owner} is used: ${figures}.`;
}

function usdText(usd: number): string {
  return `$${usd.toFixed(usd < 1 ? 4 : 2)}`;
}
