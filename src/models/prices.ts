import { describe, LLMProcError } from "../errors.ts";
import type { Model, TokenUsage } from "../process/model.ts";
import type { Prices } from "../process/process-program.ts";

/** US dollars for a million tokens. */
export interface FixedPrices {
  readonly inputUsdPerMillion: number;
  readonly outputUsdPerMillion: number;
  /** @default the price of input: never too low */
  readonly cacheReadUsdPerMillion?: number;
  /** @default the price of input; some vendors take more, so give it where the cache is written */
  readonly cacheWriteUsdPerMillion?: number;
  /** For what is written to the cache for an hour. @default `cacheWriteUsdPerMillion` */
  readonly cacheWrite1hUsdPerMillion?: number;
}

/**
 * The vendors' list prices, out of the data of `@pydantic/genai-prices`: nothing is fetched. A model that is not in
 * there has no price.
 */
export async function loadPrices(): Promise<Prices> {
  const { calcPrice } = await import("@pydantic/genai-prices");
  return Object.freeze<Prices>({
    usdCost({ provider, name }, usage) {
      if (!isSensible(usage)) return undefined;
      const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, cacheWrite1hTokens } = usage;
      const counts = {
        input_tokens: inputTokens,
        output_tokens: outputTokens,
        cache_read_tokens: cacheReadTokens,
        cache_write_tokens: cacheWriteTokens,
        ...(cacheWrite1hTokens !== undefined && { cache_write_1h_tokens: cacheWrite1hTokens }),
      };
      try {
        const price = calcPrice(counts, name, { providerId: provider });
        if (price === null || isOtherVersion(name, price.model.id)) return undefined;
        return Number.isFinite(price.total_price) ? price.total_price : undefined;
      } catch {
        // It throws for counts that it has no price for.
        return undefined;
      }
    },
  });
}

/**
 * The same prices for every model.
 * @throws LLMProcError `program_invalid` for a price that is negative or not a number
 */
export function fixedPrices(prices: FixedPrices): Prices {
  for (const [name, value] of Object.entries(prices) as [string, unknown][]) {
    if (value !== undefined && !(typeof value === "number" && value >= 0 && Number.isFinite(value))) {
      throw new LLMProcError("program_invalid", `${name} must be a number of dollars, not ${describe(value)}.`);
    }
  }
  const { inputUsdPerMillion: input, outputUsdPerMillion: output } = prices;
  const { cacheReadUsdPerMillion: read = input, cacheWriteUsdPerMillion: write = input } = prices;
  const { cacheWrite1hUsdPerMillion: write1h = write } = prices;
  return Object.freeze<Prices>({
    usdCost(_model: Model, usage) {
      if (!isSensible(usage)) return undefined;
      const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, cacheWrite1hTokens = 0 } = usage;
      const fresh = inputTokens - cacheReadTokens - cacheWriteTokens;
      const cost =
        fresh * input +
        outputTokens * output +
        cacheReadTokens * read +
        (cacheWriteTokens - cacheWrite1hTokens) * write +
        cacheWrite1hTokens * write1h;
      return cost / 1_000_000;
    },
  });
}

/** Counts that cannot be are not priced: a cost that is not known is not zero. */
function isSensible(usage: TokenUsage): boolean {
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, cacheWrite1hTokens = 0 } = usage;
  const counts = [inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, cacheWrite1hTokens];
  return (
    counts.every((count) => Number.isFinite(count) && count >= 0) &&
    cacheReadTokens + cacheWriteTokens <= inputTokens &&
    cacheWrite1hTokens <= cacheWriteTokens
  );
}

/**
 * The library takes "claude-sonnet-5-5" for a "claude-sonnet-5", for names that begin alike count as the same model.
 * What follows the id may be a date or a word, but not another digit of the version.
 */
function isOtherVersion(name: string, id: string): boolean {
  return name.startsWith(id) && /^[-.]?\d{1,2}(?!\d)/.test(name.slice(id.length));
}
