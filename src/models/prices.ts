import { describe, LLMProcError } from "../errors.ts";
import type { Model, TokenUsage } from "../process/contract/model.ts";
import type { PricedBound, Prices } from "../process/contract/process-program.ts";
import { isSensible } from "../process/money/token-usage.ts";
import { providerNamed } from "./providers.ts";

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

  function priceOf({ provider, name }: Model, usage: TokenUsage, timestamp = new Date()) {
    // Counts that cannot be are not priced: a cost that is not known is not zero.
    if (!isSensible(usage) || !mayHaveListPrices(provider)) return undefined;
    try {
      const price = calcPrice(countsOf(usage), name, { providerId: provider, timestamp });
      if (
        price === null ||
        isOtherVersion(name, price.model.id) ||
        !knowsHour(price.model_price, usage) ||
        !Number.isFinite(price.total_price)
      )
        return undefined;
      return price;
    } catch {
      // It throws for counts that it has no price for.
      return undefined;
    }
  }

  return Object.freeze<Prices>({
    areOwn: false,
    usdCost: (model, usage) => priceOf(model, usage)?.total_price,
    mostUsd(model, bound) {
      const price = priceOf(model, mixesOf(bound)[0]);
      if (price === undefined) return undefined;
      const { context_window: window, prices } = price.model;
      // So much is real: the provider takes more than the list knows, and may have another price for it.
      if (window !== undefined && bound.countedTokens > window) return undefined;
      // Some prices change with the hour, and a request may take a while.
      const times = Array.isArray(prices) ? [new Date(), new Date(Date.now() + 3_600_000)] : [new Date()];
      return mostOf(
        bound,
        tierStarts(price.model_price),
        times,
        (usage, time) => priceOf(model, usage, time)?.total_price,
      );
    },
  });
}

/** False for a provider that the library would take for another one: OpenAI where any server may be behind it. */
export function mayHaveListPrices(provider: string): boolean {
  return providerNamed(provider)?.hasNoListPrices !== true;
}

/** The library would take a write for an hour that it has no price for as a shorter one. */
function knowsHour(price: object, { cacheWrite1hTokens = 0 }: TokenUsage): boolean {
  return cacheWrite1hTokens === 0 || "cache_write_1h_mtok" in price;
}

function countsOf(usage: TokenUsage) {
  const { inputTokens, outputTokens, reasoningTokens, cacheReadTokens, cacheWriteTokens, cacheWrite1hTokens } = usage;
  return {
    input_tokens: inputTokens,
    output_tokens: outputTokens,
    cache_read_tokens: cacheReadTokens,
    cache_write_tokens: cacheWriteTokens,
    ...(reasoningTokens !== undefined && { output_reasoning_tokens: reasoningTokens }),
    ...(cacheWrite1hTokens !== undefined && { cache_write_1h_tokens: cacheWrite1hTokens }),
  };
}

/**
 * The dearest of all that the provider may make of a bound. Within a tier, the price is a sum of products, so that the
 * dearest mix is a pure one, at its largest count; a tier applies to all tokens of a request whose input is larger
 * than its start, so that the largest counts are the bound itself and the starts of tiers below it.
 */
function mostOf(
  bound: PricedBound,
  starts: readonly number[],
  times: readonly Date[],
  usdCost: (usage: TokenUsage, time: Date) => number | undefined,
): number | undefined {
  const counts = [bound.inputTokens, ...starts.filter((start) => start < bound.inputTokens)];
  const costs = counts.flatMap((inputTokens) =>
    mixesOf({ ...bound, inputTokens }).flatMap((usage) => times.map((time) => usdCost(usage, time))),
  );
  return costs.reduce((most, cost) => (most === undefined || cost === undefined ? undefined : Math.max(most, cost)), 0);
}

/** All input plain, read from the cache, or written to it. The first has nothing but plain input. */
function mixesOf({ inputTokens, maxOutputTokens, cachesForAnHour }: PricedBound): [TokenUsage, ...TokenUsage[]] {
  const plain: TokenUsage = { inputTokens, outputTokens: maxOutputTokens, cacheReadTokens: 0, cacheWriteTokens: 0 };
  const written = { ...plain, cacheWriteTokens: inputTokens };
  const inputs: TokenUsage[] = [plain, { ...plain, cacheReadTokens: inputTokens }, written];
  if (cachesForAnHour) inputs.push({ ...written, cacheWrite1hTokens: inputTokens });
  const reasoned = inputs.map((usage) => ({ ...usage, reasoningTokens: maxOutputTokens }));
  return [plain, ...inputs.slice(1), ...reasoned];
}

function tierStarts(price: Readonly<Record<string, unknown>>): readonly number[] {
  const starts = Object.values(price).flatMap((value) => {
    if (typeof value !== "object" || value === null || !("tiers" in value) || !Array.isArray(value.tiers)) return [];
    // A border post: the library checks them when it reads its data.
    return (value.tiers as readonly { start: number }[]).map(({ start }) => start);
  });
  return [...new Set(starts)];
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
  const own: Prices = {
    areOwn: true,
    mostUsd: (model, bound) => mostOf(bound, [], [new Date()], (usage) => own.usdCost(model, usage)),
    usdCost(_model, usage) {
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
  };
  return Object.freeze(own);
}

/**
 * The library takes "claude-sonnet-5-5" for a "claude-sonnet-5", for names that begin alike count as the same model.
 * What follows the id may be a date or a word, but not another digit of the version.
 */
function isOtherVersion(name: string, id: string): boolean {
  return name.startsWith(id) && /^[-.]?\d{1,2}(?!\d)/.test(name.slice(id.length));
}
