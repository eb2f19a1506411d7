import type { LifeUsage } from "../../events/run-result.ts";
import { countText } from "../../text/count-text.ts";
import { durationText } from "../../text/duration.ts";

/** Whole seconds, for what changes while one looks at it. */
export function elapsedText(durationMs: number): string {
  if (durationMs < 10_000) return `${(Math.max(0, durationMs) / 1000).toFixed(1)} s`;
  return durationMs < 60_000 ? `${Math.floor(durationMs / 1000)} s` : durationText(durationMs);
}

/** `803`, `12.4k`, `1.2M`. */
export function roundCountText(count: number): string {
  if (count < 1000) return String(count);
  return count < 999_950 ? `${(count / 1000).toFixed(1)}k` : `${(count / 1_000_000).toFixed(1)}M`;
}

/** `, inherits 12.4k tokens`: each request of a fork pays for them, from its first. */
export function inheritedText({ inheritedTokens = 0 }: Pick<LifeUsage, "inheritedTokens">): string {
  return inheritedTokens === 0 ? "" : `, inherits ${roundCountText(inheritedTokens)} tokens`;
}

/** `1 turn`, `2 turns`, `3 children`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`;
}
