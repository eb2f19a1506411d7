import type { JsonObject, JsonValue } from "../../json.ts";
import { isJsonObject } from "../../json.ts";
import type { TokenUsage } from "../../process/contract/model.ts";
import { outputWithin, tokenCount } from "../wire/token-count.ts";

/** The counts in a model object's `usage`; undefined where they are missing or make no sense. */
export function aiSdkUsage(usage: JsonValue | undefined, provider: string): TokenUsage | undefined {
  if (!isJsonObject(usage)) return undefined;
  const counts = isJsonObject(usage.inputTokens) ? nestedCounts(usage) : flatCounts(usage, provider);
  const { reasoning = 0, read = 0, write = 0, write1h = 0 } = counts;
  if (counts.input === undefined || counts.output === undefined) return undefined;
  const all = iterated(usage.raw);
  const input = Math.max(counts.input, all.input);
  const output = outputWithin(counts.total, input, Math.max(counts.output, all.output));
  return Object.freeze({
    inputTokens: input,
    outputTokens: output,
    ...(reasoning > 0 && { reasoningTokens: reasoning }),
    cacheReadTokens: read,
    cacheWriteTokens: write,
    ...(write1h > 0 && { cacheWrite1hTokens: write1h }),
  });
}

/**
 * What a provider lists beside its totals: the totals of packages leave some of it out. 0 where there is no such list.
 * (https://platform.claude.com/docs/en/build-with-claude/compaction)
 */
function iterated(raw: JsonValue | undefined): { readonly input: number; readonly output: number } {
  const list = isJsonObject(raw) && Array.isArray(raw.iterations) ? (raw.iterations as readonly JsonValue[]) : [];
  const sum = (...keys: readonly string[]) =>
    list
      .filter(isJsonObject)
      .reduce((all, one) => all + keys.reduce((each, key) => each + (tokenCount(one[key]) ?? 0), 0), 0);
  const input = sum("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens");
  return { input, output: sum("output_tokens") };
}

interface Counts {
  readonly input: number | undefined;
  readonly output: number | undefined;
  readonly total: JsonValue | undefined;
  readonly reasoning: number | undefined;
  readonly read: number | undefined;
  readonly write?: number | undefined;
  readonly write1h?: number | undefined;
}

/** Specification 3 and later: with the cache in the input and reasoning in the output. The total is in what came. */
function nestedCounts({ inputTokens, outputTokens, raw }: JsonObject): Counts {
  const input = isJsonObject(inputTokens) ? inputTokens : {};
  const output = isJsonObject(outputTokens) ? outputTokens : {};
  return {
    input: tokenCount(input.total),
    output: tokenCount(output.total),
    total: isJsonObject(raw) ? (raw.total_tokens ?? raw.totalTokens ?? raw.totalTokenCount) : undefined,
    reasoning: tokenCount(output.reasoning),
    read: tokenCount(input.cacheRead),
    write: tokenCount(input.cacheWrite),
    write1h: isJsonObject(raw) ? hourWrites(raw) : undefined,
  };
}

/** What is written for an hour, as Bedrock and Anthropic themselves tell it. */
function hourWrites({ cacheDetails, cache_creation: creation }: JsonObject): number | undefined {
  if (isJsonObject(creation)) return tokenCount(creation.ephemeral_1h_input_tokens);
  if (!Array.isArray(cacheDetails)) return undefined;
  // A border post: `Array.isArray` gives `any[]` for a read-only list.
  const hours = (cacheDetails as readonly JsonValue[]).filter(isJsonObject).filter(({ ttl }) => ttl === "1h");
  return hours.reduce((sum, { inputTokens }) => sum + (tokenCount(inputTokens) ?? 0), 0);
}

/**
 * Specification 2 left it open what the counts hold. Anthropic's are without the cache, and so are Bedrock's; Google's
 * output is without its reasoning, which only the total tells.
 */
function flatCounts({ totalTokens: total, ...usage }: JsonObject, provider: string): Counts {
  const [input, output] = [tokenCount(usage.inputTokens), tokenCount(usage.outputTokens)];
  const [reasoning, read] = [tokenCount(usage.reasoningTokens), tokenCount(usage.cachedInputTokens)];
  const isApart = input !== undefined && /anthropic|bedrock/.test(provider);
  return { input: isApart ? input + (read ?? 0) : input, output, total, reasoning, read };
}
