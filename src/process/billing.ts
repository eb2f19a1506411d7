import { LLMProcError } from "../errors.ts";
import type { Amount } from "./ledger.ts";
import { NOTHING } from "./ledger.ts";
import type { Reply, RequestBound, TokenUsage } from "./model.ts";
import { ModelError } from "./model.ts";
import type { ProcessState } from "./process-state.ts";
import { requestNeed } from "./request-need.ts";
import type { Cover, Payload } from "./spending.ts";
import { isSensible, usageFault } from "./token-usage.ts";

/** A request that has left. */
export interface SentRequest {
  readonly payload: Payload;
  /** What was set aside for it, if there is a limit. */
  readonly cover: Cover | undefined;
}

/** Counts what a whole reply came to, and gives back what was set aside beyond that. */
export function billReply(process: ProcessState, sent: SentRequest, reply: Reply): void {
  const isZero = reply.usage?.inputTokens === 0 && reply.zeroIsMeant !== true;
  const fault = usageFault(reply, isZero && boundOf(process, sent)?.inputTokens === 0);
  const usage = sensible(reply.usage);
  const isListed = reply.offList === undefined || (reply.isOtherRate === true && process.program.prices.areOwn);
  const reported = reply.usdCost !== undefined && reply.usdCost >= 0 ? reply.usdCost : undefined;
  const usdCost = reported ?? (usage && isListed ? usdOf(process, usage) : undefined);
  process.countTokens(usage ?? NO_TOKENS, usdCost ?? 0);
  if (reported !== undefined) process.countDoubt({ reason: "reported", usdReported: reported });
  if (fault !== undefined) {
    const most = reported ?? (isListed ? mostUsd(process, sent, usage) : undefined);
    process.countDoubt({ reason: fault, usdUncertain: beyond(most, usdCost), isUnpriced: most === undefined });
    settle(process, sent, most, mostTokens(sent, usage));
    process.noteCounted(sent.payload, undefined);
    return;
  }
  if (usdCost === undefined) process.countDoubt({ reason: isListed ? "no_price" : "off_list", isUnpriced: true });
  settle(process, sent, usdCost, usage && tokensOf(usage));
  process.noteCounted(sent.payload, usage);
}

/**
 * Counts what a failed request came to: nothing, where it cannot have been processed; what it was billed, where that
 * is known; and otherwise the most that it may have been, which is flagged.
 */
export function billFailure(process: ProcessState, sent: SentRequest, thrown: unknown, hasText: boolean): void {
  const error = thrown instanceof ModelError ? thrown : undefined;
  const usage = sensible(error?.usage);
  if (usage === undefined && !hasText && wasRefused(thrown)) {
    sent.cover?.reservation.settle(NOTHING);
    return;
  }
  const usdCost = usage && usdOf(process, usage);
  process.countTokens(usage ?? NO_TOKENS, usdCost ?? 0);
  const isWhole = error?.usageIsPartial !== true && usage !== undefined;
  // Who is refused gets no output.
  if (isWhole && (wasRefused(thrown) || (usage.inputTokens > 0 && usage.outputTokens > 0))) {
    if (usdCost === undefined) process.countDoubt({ reason: "no_price", isUnpriced: true });
    settle(process, sent, usdCost, tokensOf(usage));
    return;
  }
  const most = mostUsd(process, sent, usage);
  process.countDoubt({ reason: "broken_off", usdUncertain: beyond(most, usdCost), isUnpriced: most === undefined });
  settle(process, sent, most, mostTokens(sent, usage));
}

/** What is not known counts as what was set aside for it. */
function settle(
  process: ProcessState,
  { cover }: SentRequest,
  usdCost: number | undefined,
  tokens: number | undefined,
): void {
  if (cover === undefined) return;
  const { amount } = cover.need;
  const spent: Amount = { usd: usdCost ?? amount.usd, tokens: tokens ?? amount.tokens };
  const isCostLimited = amount.usd > 0;
  // Fractions of dollars that come of adding in another order are no news.
  const isOver = spent.tokens > amount.tokens || (isCostLimited && spent.usd > amount.usd * (1 + 1e-9));
  if (isOver) process.countDoubt({ reason: "over_bound" });
  cover.reservation.settle(spent);
}

/** Undefined where the price is not known. Who used nothing pays nothing. */
function usdOf({ program }: ProcessState, usage: TokenUsage): number | undefined {
  return tokensOf(usage) === 0 ? 0 : program.prices.usdCost(program.model, usage);
}

/** What the model says that a request can use at most, where it says so. */
export function boundOf({ program }: ProcessState, { payload, cover }: SentRequest): RequestBound | undefined {
  if (cover !== undefined) return cover.need.bound;
  try {
    return program.model.bound?.(typeof payload === "function" ? payload() : payload);
  } catch {
    return undefined;
  }
}

/** The most that a request may have cost, where `known` is all that was heard of it: zeros in it say nothing. */
function mostUsd(process: ProcessState, { payload }: SentRequest, known: TokenUsage | undefined): number | undefined {
  const { model, prices } = process.program;
  try {
    const body = typeof payload === "function" ? payload() : payload;
    const { amount, maxOutputTokens } = requestNeed(process.program, body, process.counted(), { cost: true });
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

/** What may come on top of what is known. */
function beyond(most: number | undefined, known: number | undefined): number | undefined {
  return most === undefined ? undefined : Math.max(most - (known ?? 0), 0);
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

function tokensOf({ inputTokens, outputTokens }: TokenUsage): number {
  return inputTokens + outputTokens;
}

const NO_TOKENS: TokenUsage = Object.freeze({
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
});
