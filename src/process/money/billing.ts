import { LLMProcError } from "../../errors.ts";
import type { RequestBill } from "../../events/bill.ts";
import type { UsageFlagReason } from "../../events/run-result.ts";
import type { Reply, RequestBound, TokenUsage } from "../contract/model.ts";
import { ModelError } from "../contract/model.ts";
import type { Amount } from "./account.ts";
import { NOTHING } from "./account.ts";
import type { CountedSource, Payer, Payload } from "./payer.ts";
import { bodyOf } from "./payer.ts";
import { requestNeed } from "./request-need.ts";
import type { Cover } from "./spending.ts";
import { isSensible, usageFault } from "./token-usage.ts";

/** A request that has left. */
export interface SentRequest {
  readonly payload: Payload;
  /** What was set aside for it, if there is a limit. */
  readonly cover: Cover | undefined;
}

/** Counts what a whole reply came to, and gives back what was set aside beyond that. */
export function billReply(payer: Payer, sent: SentRequest, reply: Reply): RequestBill {
  const isZero = reply.usage?.inputTokens === 0 && reply.zeroIsMeant !== true;
  const fault = usageFault(reply, isZero && boundOf(payer, sent)?.inputTokens === 0);
  const usage = sensible(reply.usage);
  const isListed = reply.offList === undefined || (reply.isOtherRate === true && payer.program.prices.areOwn);
  const reported = reply.usdCost !== undefined && reply.usdCost >= 0 ? reply.usdCost : undefined;
  const usdCost = reported ?? (usage && isListed ? usdOf(payer, usage) : undefined);
  const doubt = fault ?? (usdCost !== undefined ? undefined : isListed ? "no_price" : "off_list");
  const flags = flagsOf(reported === undefined ? undefined : "reported", doubt);
  if (fault === undefined) {
    if (usage !== undefined) payer.noteCounted(countedOf(usage, sent.payload));
    const isCounted = usage !== undefined;
    const bill = billOf(usage, usdCost, usdCost, flags, reported, isCounted);
    return charge(payer, sent, bill, usdCost, usage && tokensOf(usage));
  }
  const most = reported ?? (isListed ? mostUsd(payer, sent, usage) : undefined);
  payer.noteCounted(undefined);
  const bill = billOf(usage, usdCost, most, flags, reported);
  return charge(payer, sent, bill, most, mostTokens(sent, usage));
}

/**
 * Counts what a failed request came to: nothing, where it cannot have been processed; what it was billed, where that
 * is known; and otherwise the most that it may have been, which is flagged.
 */
export function billFailure(payer: Payer, sent: SentRequest, thrown: unknown, hasText: boolean): RequestBill {
  const error = thrown instanceof ModelError ? thrown : undefined;
  const usage = sensible(error?.usage);
  if (usage === undefined && !hasText && wasRefused(thrown)) {
    sent.cover?.reservation.settle(NOTHING);
    return NO_BILL;
  }
  const usdCost = usage && usdOf(payer, usage);
  const isWhole = error?.usageIsPartial !== true && usage !== undefined;
  // Who is refused gets no output.
  if (isWhole && (wasRefused(thrown) || (usage.inputTokens > 0 && usage.outputTokens > 0))) {
    const flags = flagsOf(usdCost === undefined ? "no_price" : undefined, undefined);
    return charge(payer, sent, billOf(usage, usdCost, usdCost, flags), usdCost, tokensOf(usage));
  }
  const most = mostUsd(payer, sent, usage);
  const bill = billOf(usage, usdCost, most, BROKEN_OFF);
  return charge(payer, sent, bill, most, mostTokens(sent, usage));
}

/**
 * Counts it, then replaces what was set aside: who hears that a limit is nearly used up finds it in the figures. `usd` and
 * `tokens` are the most that it may have come to; undefined stands for what was set aside.
 */
function charge(
  payer: Payer,
  { cover }: SentRequest,
  bill: RequestBill,
  usd: number | undefined,
  tokens: number | undefined,
): RequestBill {
  if (cover === undefined) {
    payer.countBill(bill);
    return bill;
  }
  const { amount } = cover.need;
  const charged: Amount = { usd: usd ?? amount.usd, tokens: tokens ?? amount.tokens };
  const isCostLimited = amount.usd > 0;
  // Fractions of dollars that come of adding in another order are no news.
  const isOver = charged.tokens > amount.tokens || (isCostLimited && charged.usd > amount.usd * (1 + 1e-9));
  const whole: RequestBill = { ...bill, charged, flags: isOver ? [...bill.flags, "over_bound"] : bill.flags };
  payer.countBill(whole);
  cover.reservation.settle(charged);
  return whole;
}

function flagsOf(first: UsageFlagReason | undefined, second: UsageFlagReason | undefined): readonly UsageFlagReason[] {
  if (first === undefined) return second === undefined ? NO_FLAGS : [second];
  return second === undefined ? [first] : [first, second];
}

/** `usdCost` is the known part, `most` the most that it may have cost; undefined where nobody knows. */
function billOf(
  usage: TokenUsage = NO_TOKENS,
  usdCost: number | undefined,
  most: number | undefined,
  flags: readonly UsageFlagReason[],
  usdReported = 0,
  isCounted = false,
): RequestBill {
  return {
    inputTokens: usage.inputTokens,
    outputTokens: usage.outputTokens,
    reasoningTokens: usage.reasoningTokens ?? 0,
    cachedTokens: usage.cacheReadTokens,
    cacheWriteTokens: usage.cacheWriteTokens,
    cacheWrite1hTokens: usage.cacheWrite1hTokens ?? 0,
    usdCost: usdCost ?? 0,
    usdUncertain: most === undefined ? 0 : Math.max(most - (usdCost ?? 0), 0),
    usdReported,
    isUnpriced: most === undefined,
    flags,
    isCounted,
  };
}

/** Undefined where the price is not known. Who used nothing pays nothing. */
function usdOf({ program }: Payer, usage: TokenUsage): number | undefined {
  return tokensOf(usage) === 0 ? 0 : program.prices.usdCost(program.model, usage);
}

/** What the model says that a request can use at most, where it says so. */
export function boundOf({ program }: Payer, { payload, cover }: SentRequest): RequestBound | undefined {
  if (cover !== undefined) return cover.need.bound;
  try {
    return program.model.bound?.(bodyOf(payload));
  } catch {
    return undefined;
  }
}

/** The most that a request may have cost, where `known` is all that was heard of it: zeros in it say nothing. */
function mostUsd(payer: Payer, { payload }: SentRequest, known: TokenUsage | undefined): number | undefined {
  const { model, prices } = payer.program;
  try {
    const { amount, maxOutputTokens } = requestNeed(payer.program, bodyOf(payload), payer.counted(), { cost: true });
    if (known === undefined) return amount.usd;
    if (known.inputTokens === 0) return Math.max(amount.usd, prices.usdCost(model, known) ?? 0);
    return prices.usdCost(model, { ...known, outputTokens: Math.max(known.outputTokens, maxOutputTokens) });
  } catch {
    // It has no bound, or no price.
    return undefined;
  }
}

/** The same in tokens; undefined where that is what was set aside, if anything was. */
function mostTokens({ cover }: SentRequest, known: TokenUsage | undefined): number | undefined {
  if (cover === undefined || known === undefined) return undefined;
  const { amount, maxOutputTokens } = cover.need;
  if (known.inputTokens === 0) return Math.max(amount.tokens, known.outputTokens);
  return known.inputTokens + Math.max(known.outputTokens, maxOutputTokens);
}

/**
 * Whether nothing can have been processed: no connection came about, or the answer says no by its status. The other 5xx
 * leave open how far the provider had come, and so does every error that comes after an answer had begun well.
 */
function wasRefused(thrown: unknown): boolean {
  // Whatever a model throws itself, it throws before it sends.
  if (!(thrown instanceof ModelError)) return thrown instanceof LLMProcError;
  if (thrown.accepted) return false;
  const { status } = thrown;
  if (status !== undefined)
    return (status >= 300 && status < 500 && status !== 408) || status === 503 || status === 529;
  const code = rootCode(thrown);
  // A certificate that is not trusted: nothing was said to the server.
  return NEVER_CONNECTED.has(code) || (typeof code === "string" && /CERT/.test(code));
}

const NEVER_CONNECTED: ReadonlySet<unknown> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
  "ERR_NO_CONNECTION",
  "ERR_PROXY_TUNNEL",
]);

/** Fetch errors say little; what happened is in their cause. */
function rootCode(thrown: Error): unknown {
  let error: Error = thrown;
  for (let depth = 0; depth < 8 && error.cause instanceof Error; depth++) error = error.cause;
  return (error as { code?: unknown }).code;
}

function sensible(usage: TokenUsage | undefined): TokenUsage | undefined {
  return usage !== undefined && isSensible(usage) ? usage : undefined;
}

function countedOf({ inputTokens, outputTokens }: TokenUsage, payload: Payload): CountedSource {
  return { payload, inputTokens, outputTokens };
}

function tokensOf({ inputTokens, outputTokens }: TokenUsage): number {
  return inputTokens + outputTokens;
}

const NO_TOKENS: TokenUsage = Object.freeze({
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
});

const NO_FLAGS: readonly UsageFlagReason[] = Object.freeze([]);
const BROKEN_OFF: readonly UsageFlagReason[] = Object.freeze(["broken_off"]);

const NO_BILL = billOf(undefined, 0, 0, NO_FLAGS);
