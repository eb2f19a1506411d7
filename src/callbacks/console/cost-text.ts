import type { LimitState } from "../../events/limit-state.ts";
import type { Usage, UsageFlagReason } from "../../events/run-result.ts";
import { plural } from "./figures.ts";

export type ShownCost = Pick<Usage, "usdCost" | "usdUncertain" | "usdReported" | "unpriced" | "flags">;

/** What something cost, of how much. An unknown cost never looks like a number. */
export function costText(cost: ShownCost, limit?: LimitState): string {
  const { usdCost, usdUncertain, usdReported, unpriced } = cost;
  const missing = missingText(cost);
  const known = `${usdText(usdCost)}${limitText(usdCost + usdUncertain, limit)}`;
  const facts = [
    ...(usdUncertain > 0 ? [`up to ${usdText(usdUncertain)} more: ${doubtText(cost)}`] : []),
    ...(usdReported > 0
      ? [`${usdReported === usdCost ? "" : `${usdText(usdReported)} of it `}as the provider says`]
      : []),
  ];
  if (unpriced.length > 0) {
    if (usdCost === 0) return [`unknown: ${missing}`, ...facts].join(" · ");
    return [`${known} and an unknown part: ${missing}`, ...facts].join(" · ");
  }
  return [known, ...facts].join(" · ");
}

/** As `costText`, where there is no room for reasons. */
export function shortCostText({ usdCost, usdUncertain, unpriced }: ShownCost, limit?: LimitState): string {
  const known = `${usdText(usdCost)}${limitText(usdCost + usdUncertain, limit)}`;
  if (unpriced.length > 0) return usdCost === 0 && limit === undefined ? "cost unknown" : `${known} + unknown`;
  return usdUncertain > 0 ? `${known} + up to ${usdText(usdUncertain)}` : known;
}

/** US dollars to a hundredth of a cent; what is less but not nothing says so. */
function usdText(usd: number): string {
  if (usd === 0) return "$0";
  if (usd < 0.00005) return "under $0.0001";
  return `$${usd.toFixed(usd < 10 ? 4 : 2)}`;
}

/** `$1.00`, but all digits of a limit that has more. */
function limitUsdText(limit: number): string {
  return Number.isInteger(Math.round(limit * 1e6) / 1e4) ? `$${limit.toFixed(2)}` : usdText(limit);
}

/** ` of $1.00`; a limit that others have spent from says how much that is. */
function limitText(usd: number, limit: LimitState | undefined): string {
  if (limit === undefined) return "";
  const all = limitUsdText(limit.limit);
  return Math.abs(limit.spent - usd) < 0.00005 ? ` of ${all}` : ` (${usdText(limit.spent)} of ${all} spent)`;
}

function missingText({ unpriced, flags }: ShownCost): string {
  const of = (reason: UsageFlagReason) =>
    flags.filter((flag) => flag.reason === reason && unpriced.includes(flag.model));
  const named = (reason: UsageFlagReason, text: string) => {
    const models = of(reason).map(({ model }) => model);
    return models.length === 0 ? [] : [`${text} ${models.join(", ")}`];
  };
  const reasons = [
    ...named("no_price", "no price for"),
    ...named("off_list", "no list has the price of what was asked of"),
    ...named("no_usage", "no usage from"),
    ...named("wrong_usage", "no usable usage from"),
    ...named("broken_off", "requests broke off with"),
  ];
  return reasons.length === 0 ? `no price for ${unpriced.join(", ")}` : reasons.join(", ");
}

function doubtText({ flags }: ShownCost): string {
  const count = (reason: UsageFlagReason) =>
    flags.reduce((sum, flag) => (flag.reason === reason ? sum + flag.requests : sum), 0);
  const silent = count("no_usage") + count("wrong_usage");
  const broken = count("broken_off");
  return [
    ...(broken > 0 ? [`${plural(broken, "request")} broke off`] : []),
    ...(silent > 0 ? [`${plural(silent, "reply", "replies")} without usage`] : []),
  ].join(", ");
}
