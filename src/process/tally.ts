import type { Usage } from "../events/run-result.ts";
import type { TokenUsage } from "./model.ts";

/** Counts what is used as it is used. */
export class Tally {
  #usdCost = 0;
  #apiCalls = 0;
  #toolCalls = 0;
  #inputTokens = 0;
  #outputTokens = 0;
  #cachedTokens = 0;
  #cacheWriteTokens = 0;
  #unpriced: readonly string[] = Object.freeze([]);

  countRequest(): void {
    this.#apiCalls++;
  }

  countToolCall(): void {
    this.#toolCalls++;
  }

  /** `usdCost` is undefined where the price of `model` is not known. */
  countTokens(usage: TokenUsage, usdCost: number | undefined, model: string): void {
    this.#inputTokens += usage.inputTokens;
    this.#outputTokens += usage.outputTokens;
    this.#cachedTokens += usage.cacheReadTokens;
    this.#cacheWriteTokens += usage.cacheWriteTokens;
    if (usdCost !== undefined) this.#usdCost += usdCost;
    else this.markUnpriced(model);
  }

  markUnpriced(model: string): void {
    if (!this.#unpriced.includes(model)) this.#unpriced = Object.freeze([...this.#unpriced, model]);
  }

  snapshot(): Usage {
    return {
      usdCost: this.#usdCost,
      apiCalls: this.#apiCalls,
      toolCalls: this.#toolCalls,
      inputTokens: this.#inputTokens,
      outputTokens: this.#outputTokens,
      cachedTokens: this.#cachedTokens,
      cacheWriteTokens: this.#cacheWriteTokens,
      totalTokens: this.#inputTokens + this.#outputTokens,
      unpriced: this.#unpriced,
    };
  }
}
