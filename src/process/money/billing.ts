import { LLMProcError } from "../../errors.ts";
import type { RequestBill } from "../../events/bill.ts";
import type { UsageFlagReason } from "../../events/run-result.ts";
import type { Reply, RequestBound, TokenUsage } from "../contract/model.ts";
import { ModelError } from "../contract/model.ts";
import type { Amount } from "./account.ts";
import { NOTHING } from "./account.ts";
import type { Payer, Payload } from "./payer.ts";
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
  const flags: UsageFlagReason[] = reported === undefined ? [] : ["reported"];
  const most = fault === undefined ? usdCost : (reported ?? (isListed ? mostUsd(payer, sent, usage) : undefined));
  if (fault !== undefined) flags.push(fault);
  else if (usdCost === undefined) flags.push(isListed ? "no_price" : "off_list");
  const tokens = fault === undefined ? usage && tokensOf(usage) : mostTokens(sent, usage);
  const isCounted = fault === undefined && usage !== undefined;
  const bill = charge(payer, sent, { usage, usdCost, usdReported: reported, most, tokens, flags, isCounted });
  payer.noteCounted(isCounted ? { ...lengthOf(usage), payload: sent.payload } : undefined);
  return bill;
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
    const flags: UsageFlagReason[] = usdCost === undefined ? ["no_price"] : [];
    return charge(payer, sent, { usage, usdCost, most: usdCost, tokens: tokensOf(usage), flags });
  }
  const [most, tokens] = [mostUsd(payer, sent, usage), mostTokens(sent, usage)];
  return charge(payer, sent, { usage, usdCost, most, tokens, flags: ["broken_off"] });
}

interface Known {
  readonly usage: TokenUsage | undefined;
  /** The known part. */
  readonly usdCost: number | undefined;
  readonly usdReported?: number | undefined;
  /** The most that it may have cost; undefined where nobody knows. */
  readonly most: number | undefined;
  /** The same in tokens; undefined for what was set aside. */
  readonly tokens: number | undefined;
  readonly flags: UsageFlagReason[];
  readonly isCounted?: boolean;
}

/** Counts it, then replaces what was set aside: who hears that a limit is nearly used up finds it in the figures. */
function charge(payer: Payer, { cover }: SentRequest, known: Known): RequestBill {
  if (cover === undefined) {
    const bill = billOf(known);
    payer.countBill(bill);
    return bill;
  }
  const { amount } = cover.need;
  const spent: Amount = { usd: known.most ?? amount.usd, tokens: known.tokens ?? amount.tokens };
  const isCostLimited = amount.usd > 0;
  // Fractions of dollars that come of adding in another order are no news.
  if (spent.tokens > amount.tokens || (isCostLimited && spent.usd > amount.usd * (1 + 1e-9))) {
    known.flags.push("over_bound");
  }
  const bill = { ...billOf(known), charged: spent };
  payer.countBill(bill);
  cover.reservation.settle(spent);
  return bill;
}

function billOf({
  usage = NO_TOKENS,
  usdCost = 0,
  usdReported = 0,
  most,
  flags,
  isCounted = false,
}: Known): RequestBill {
  return {
    inputTokens: usage.inputTokens,
    outputTokens: usage.outputTokens,
    reasoningTokens: usage.reasoningTokens ?? 0,
    cachedTokens: usage.cacheReadTokens,
    cacheWriteTokens: usage.cacheWriteTokens,
    cacheWrite1hTokens: usage.cacheWrite1hTokens ?? 0,
    usdCost,
    usdUncertain: most === undefined ? 0 : Math.max(most - usdCost, 0),
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
    return program.model.bound?.(typeof payload === "function" ? payload() : payload);
  } catch {
    return undefined;
  }
}

/** The most that a request may have cost, where `known` is all that was heard of it: zeros in it say nothing. */
function mostUsd(payer: Payer, { payload }: SentRequest, known: TokenUsage | undefined): number | undefined {
  const { model, prices } = payer.program;
  try {
    const body = typeof payload === "function" ? payload() : payload;
    const { amount, maxOutputTokens } = requestNeed(payer.program, body, payer.counted(), { cost: true });
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

function lengthOf({ inputTokens, outputTokens }: TokenUsage): Pick<TokenUsage, "inputTokens" | "outputTokens"> {
  return { inputTokens, outputTokens };
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

const NO_BILL = billOf({ usage: undefined, usdCost: 0, most: 0, tokens: 0, flags: [] });
