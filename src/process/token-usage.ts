import type { TokenUsage } from "./model.ts";

/** Whether counts can be: whole sums of their parts, none of them negative or no number. */
export function isSensible(usage: TokenUsage): boolean {
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = usage;
  const { cacheWrite1hTokens = 0, reasoningTokens = 0 } = usage;
  return (
    isCount(inputTokens) &&
    isCount(outputTokens) &&
    isCount(cacheReadTokens) &&
    isCount(cacheWriteTokens) &&
    isCount(cacheWrite1hTokens) &&
    isCount(reasoningTokens) &&
    cacheReadTokens + cacheWriteTokens <= inputTokens &&
    cacheWrite1hTokens <= cacheWriteTokens &&
    reasoningTokens <= outputTokens
  );
}

function isCount(value: number): boolean {
  return value >= 0 && value < Number.POSITIVE_INFINITY;
}
