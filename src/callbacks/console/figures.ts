import type { Usage } from "../../events/run-result.ts";
import { durationText } from "../../text/duration.ts";

/** Whole seconds, for what changes while one looks at it. */
export function elapsedText(durationMs: number): string {
  if (durationMs < 10_000) return `${(Math.max(0, durationMs) / 1000).toFixed(1)} s`;
  return durationMs < 60_000 ? `${Math.floor(durationMs / 1000)} s` : durationText(durationMs);
}

/** US dollars to a hundredth of a cent; what is less but not nothing says so. */
function usdText(usd: number): string {
  if (usd === 0) return "$0";
  if (usd < 0.00005) return "under $0.0001";
  return `$${usd.toFixed(usd < 10 ? 4 : 2)}`;
}

/** What something cost. An unknown cost never looks like a number. */
export function costText({ usdCost, unpriced }: Pick<Usage, "usdCost" | "unpriced">): string {
  if (unpriced.length === 0) return usdText(usdCost);
  const missing = `no price for ${unpriced.join(", ")}`;
  return usdCost === 0 ? `unknown: ${missing}` : `${usdText(usdCost)} and an unknown part: ${missing}`;
}

/** As `costText`, where there is no room for a name. */
export function shortCostText({ usdCost, unpriced }: Pick<Usage, "usdCost" | "unpriced">): string {
  if (unpriced.length === 0) return usdText(usdCost);
  return usdCost === 0 ? "cost unknown" : `${usdText(usdCost)} + unknown`;
}

/** `803`, `12.4k`, `1.2M`. */
export function roundCountText(count: number): string {
  if (count < 1000) return String(count);
  return count < 999_950 ? `${(count / 1000).toFixed(1)}k` : `${(count / 1_000_000).toFixed(1)}M`;
}

/** `12,400` */
export function countText(count: number): string {
  return count.toLocaleString("en-US");
}

/** `1 turn`, `2 turns`, `3 children`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`;
}
