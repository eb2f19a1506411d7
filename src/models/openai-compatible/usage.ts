import type { JsonObject, JsonValue } from "../../json.ts";
import { isJsonObject } from "../../json.ts";
import { plainNumbers } from "../../process/contract/exact-json.ts";
import type { TokenUsage } from "../../process/contract/model.ts";
import { outputWithin, tokenCount } from "../wire/token-count.ts";

/** The counts of an answer or chunk; undefined where they are missing or make no sense. */
export function chatUsage(answer: JsonObject): TokenUsage | undefined {
  const usage = usageIn(answer);
  if (usage === undefined) return undefined;
  const { prompt_tokens: prompt, completion_tokens: completion, total_tokens: total } = usage;
  const details = objectIn(usage.prompt_tokens_details);
  const { reasoning_tokens: reasoning } = objectIn(usage.completion_tokens_details);
  // DeepSeek and Moonshot have names of their own for what was read from the cache.
  const read = details.cached_tokens ?? usage.prompt_cache_hit_tokens ?? usage.cached_tokens;
  const counts = [prompt, completion, read ?? 0, details.cache_write_tokens ?? 0, reasoning ?? 0].map(tokenCount);
  if (!counts.every((count) => count !== undefined)) return undefined;
  const [inputTokens = 0, said = 0, cacheReadTokens = 0, cacheWriteTokens = 0, reasoningTokens = 0] = counts;
  return Object.freeze({
    inputTokens,
    outputTokens: outputWithin(total, inputTokens, said),
    ...(reasoning != null && { reasoningTokens }),
    cacheReadTokens,
    cacheWriteTokens,
  });
}

/**
 * What the server itself says that it has charged, in US dollars. With a key of the user's own behind OpenRouter, that
 * is its fee and what the other vendor charges. (https://openrouter.ai/docs/use-cases/usage-accounting)
 */
export function chatCost(answer: JsonObject): number | undefined {
  const usage = usageIn(answer);
  const upstream = usage?.is_byok === true ? objectIn(usage.cost_details).upstream_inference_cost : 0;
  const sum = [usage?.cost, upstream ?? 0]
    .map(plainNumbers)
    .reduce<number>((total, part) => total + (typeof part === "number" && part >= 0 ? part : Number.NaN), 0);
  return Number.isFinite(sum) ? sum : undefined;
}

/**
 * Whether what the chunks of a stream tell last is the count of the whole reply: one that was told while it was under way
 * is not, if more of the reply follows. Some servers know it at first; then it says more than that it has begun.
 */
export class StreamedCount {
  #isBegun = false;
  #isRunning = false;
  #isOfWhole = true;

  get isOfWhole(): boolean {
    return this.#isOfWhole;
  }

  /** `speaks`: there is something of the reply in the chunk. */
  add(chunk: JsonObject, speaks: boolean): void {
    this.#isBegun ||= speaks;
    if (tellsUsage(chunk)) {
      this.#isOfWhole = true;
      this.#isRunning = this.#isBegun || (chatUsage(chunk)?.outputTokens ?? 0) <= 1;
    } else if (speaks && this.#isRunning) this.#isOfWhole = false;
  }
}

/** Zeros say nothing. */
function tellsUsage(chunk: JsonObject): boolean {
  const usage = usageIn(chunk);
  return usage !== undefined && Object.values(usage).some((value) => (tokenCount(value) ?? 0) > 0);
}

/** Groq has it in a place of its own while it streams, Moonshot in the choice. */
function usageIn({ usage, x_groq: groq, choices }: JsonObject): JsonObject | undefined {
  const [choice] = Array.isArray(choices) ? (choices as readonly JsonValue[]) : [];
  const found = usage ?? objectIn(groq).usage ?? objectIn(choice).usage;
  return isJsonObject(found) ? found : undefined;
}

function objectIn(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}
