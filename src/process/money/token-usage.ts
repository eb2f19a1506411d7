import type { UsageFlagReason } from "../../events/run-result.ts";
import type { Reply, TokenUsage } from "../contract/model.ts";

/**
 * Why the counts of a reply cannot be taken as they are. What a model said it has written, and a request has a prompt,
 * unless its model's bound knows of none: a zero there is no count, but one that is missing.
 */
export function usageFault(
  { usage, texts, toolCalls, zeroIsMeant }: Reply,
  hasNoInput: boolean,
): UsageFlagReason | undefined {
  if (usage === undefined) return "no_usage";
  if (!isSensible(usage)) return "wrong_usage";
  if (zeroIsMeant === true) return undefined;
  if (usage.outputTokens === 0 && (texts.length > 0 || toolCalls.length > 0)) return "wrong_usage";
  return usage.inputTokens === 0 && !hasNoInput ? "wrong_usage" : undefined;
}

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
