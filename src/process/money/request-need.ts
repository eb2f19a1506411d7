import { LLMProcError } from "../../errors.ts";
import type { JsonObject } from "../../json.ts";
import type { CountedRequest, Model, RequestBound } from "../contract/model.ts";
import type { ProcessProgram } from "../contract/process-program.ts";
import type { Amount } from "./account.ts";

/** What holds a limit: of cost, or of tokens alone. */
export interface Limited {
  readonly cost: boolean;
}

/** The most that a request can come to, and from what that was figured. */
export interface RequestNeed {
  readonly amount: Amount;
  readonly bound: RequestBound;
  readonly maxOutputTokens: number;
}

/**
 * The most that a request can come to.
 * @throws LLMProcError `limit_unholdable` that names what has no bound
 */
export function requestNeed(
  { model, prices }: Pick<ProcessProgram, "model" | "prices">,
  payload: JsonObject,
  counted: CountedRequest | undefined,
  { cost }: Limited,
): RequestNeed {
  if (model.bound === undefined) throw noBound(model);
  const bound = model.bound(payload, counted);
  const { maxOutputTokens, outputParameter, unbounded, offList } = bound;
  const refused = cost && !prices.areOwn ? [...unbounded, ...offList] : unbounded;
  if (refused.length > 0) throw unholdable(model, refused, unbounded.length === 0);
  if (maxOutputTokens === undefined) {
    const message = `A limit of cost or tokens needs one for each reply of the model ${nameOf(model)}, too: set ${outputParameter} in [parameters].`;
    throw new LLMProcError("limit_unholdable", message);
  }
  const usd = cost ? prices.mostUsd(model, { ...bound, maxOutputTokens }) : 0;
  if (usd === undefined) throw noPrice(model, bound);
  return { amount: { usd, tokens: bound.inputTokens + maxOutputTokens }, bound, maxOutputTokens };
}

/**
 * What can be said before there is a request.
 * @throws LLMProcError `limit_unholdable`
 */
export function checkHoldable({ model, prices }: ProcessProgram, { cost }: Limited): void {
  if (model.bound === undefined) throw noBound(model);
  if (cost && prices.usdCost(model, ONE_TOKEN) === undefined) throw noPrice(model, undefined);
}

const ONE_TOKEN = Object.freeze({ inputTokens: 1, outputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0 });

function noBound(model: Model): LLMProcError {
  return new LLMProcError(
    "limit_unholdable",
    `Nobody says how much a request to the model ${nameOf(model)} can use at most, so no limit of cost or tokens can be held with it. ` +
      "Take the limit out, give the model a bound(), or use another.",
  );
}

function unholdable(model: Model, what: readonly string[], priceHelps: boolean): LLMProcError {
  const help = priceHelps ? "say in [pricing] what the tokens cost then" : "take the limit out";
  return new LLMProcError(
    "limit_unholdable",
    `What a request to the model ${nameOf(model)} comes to has no bound, so no limit can be held: ${what.join("; ")}. Take that out, or ${help}.`,
  );
}

function noPrice(model: Model, bound: RequestBound | undefined): LLMProcError {
  const isLong = bound !== undefined && bound.countedTokens > 0;
  const where = isLong ? ` for a conversation of ${bound.countedTokens} tokens` : "";
  return new LLMProcError(
    "limit_unholdable",
    `No price of the model ${nameOf(model)} is known${where}, so no limit of cost can be held. Add its prices to the program, in dollars for a million tokens; these are examples:\n\n` +
      "[pricing]\ninput_usd_per_million = 3\noutput_usd_per_million = 15\n",
  );
}

function nameOf({ provider, name }: Model): string {
  return `"${name}" (${provider})`;
}
