import type { JsonObject, LLMProcess, Model, ModelIO, Reply, RunResult, TokenUsage } from "llmproc";
import { LLMProgram, ModelError, RunError } from "llmproc";
import { anthropicRequests } from "../../src/models/anthropic/request.ts";
import { anthropicBound } from "../../src/models/bounds/anthropic-bound.ts";
import { anyTool } from "./harness.ts";
import type { JudgeOptions, JudgePrices } from "./ledger-judge.ts";
import { Judge } from "./ledger-judge.ts";

export const PRICES: JudgePrices = { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75, cacheWrite1h: 6 };
export const PRICING = {
  inputUsdPerMillion: PRICES.input,
  outputUsdPerMillion: PRICES.output,
  cacheReadUsdPerMillion: PRICES.cacheRead,
  cacheWriteUsdPerMillion: PRICES.cacheWrite,
  cacheWrite1hUsdPerMillion: PRICES.cacheWrite1h,
};
export const MAX_TOKENS = 1000;

interface JudgedOptions extends Partial<JudgeOptions> {
  readonly seed: number;
  readonly forks: number;
  /** Tool calls of each fork before it is done. */
  readonly turns?: number;
  readonly limits?: { readonly usd?: number; readonly tokens?: number };
  readonly parameters?: JsonObject;
  /** The run is aborted, or stopped, a moment after so many requests have come. */
  readonly endAt?: { readonly requests: number; readonly how: "abort" | "stop" };
  /** How long the model takes for a reply. */
  readonly delay?: (judge: Judge) => Promise<unknown>;
}

/** A tree of forks on a model whose requests go to a judge. */
function judgedProgram(options: JudgedOptions): { readonly program: LLMProgram; readonly judge: Judge } {
  const judge = new Judge({ prices: PRICES, faults: 0.15, unseenTokens: 2048, ...options });
  const program = new LLMProgram({
    model: judgedModel(judge, options),
    systemPrompt: "You are many. Ihr seid viele. 你们很多。",
    parameters: { max_tokens: MAX_TOKENS, ...options.parameters },
    tools: [anyTool("work", ({ text }) => `worked on ${String(text)}`), "fork"],
    pricing: PRICING,
    limits: { turns: 200, ...options.limits },
    retry: { maxAttempts: 4, initialDelayMs: 0, maxDelayMs: 0 },
  });
  return { program, judge };
}

export interface Judged {
  readonly judge: Judge;
  readonly proc: LLMProcess;
  readonly result: RunResult;
  readonly error: RunError | undefined;
}

/** Runs it to whatever end. */
export async function runJudged(options: JudgedOptions): Promise<Judged> {
  const { program, judge } = judgedProgram(options);
  const proc = await program.start();
  const outcome = await proc.run("go", { signal: ending(options, judge, proc) }).catch((error: unknown) => error);
  await proc.close();
  if (outcome instanceof RunError) return { judge, proc, result: outcome.result, error: outcome };
  if (outcome instanceof Error) throw outcome;
  return { judge, proc, result: outcome as RunResult, error: undefined };
}

/** Ends the run when the time for it has come. */
function ending({ endAt }: JudgedOptions, judge: Judge, proc: LLMProcess): AbortSignal {
  const controller = new AbortController();
  if (endAt !== undefined) {
    judge.onRequest = (count) => {
      if (count !== endAt.requests) return;
      setImmediate(() => (endAt.how === "abort" ? controller.abort() : proc.stop()));
    };
  }
  return controller.signal;
}

function judgedModel(judge: Judge, { forks, turns = 3, delay = breath }: JudgedOptions): Model {
  const toRequest = anthropicRequests({ vendor: "judge", leading: { model: "judged" }, caching: "request" });
  return {
    provider: "judged",
    name: "judged",
    bound: anthropicBound,
    async send(conversation, io) {
      const { payload } = toRequest(conversation);
      await io.beforeSend(payload);
      const verdict = judge.serve(JSON.stringify(payload));
      await delay(judge);
      if (io.signal.aborted) {
        if (verdict.kind === "reply") judge.untold(verdict.usage);
        throw io.signal.reason;
      }
      if (verdict.kind === "status") throw new ModelError(`status ${verdict.status}`, { status: verdict.status });
      if (verdict.kind === "broken") return breakOff(io, verdict.afterText, verdict.usage, judge);
      judge.told(verdict);
      const asked = conversation.messages.filter(({ role }) => role === "assistant").length;
      const depth = conversation.depth;
      return reply(verdict.usage, callsOf(judge, depth, asked, depth === 0 ? forks : turns));
    },
  };
}

/** A stream that breaks may have told what its input was, as Anthropic's does at its start. */
async function breakOff(io: ModelIO, afterText: boolean, usage: TokenUsage, judge: Judge): Promise<never> {
  if (afterText) await io.onText("Let me ");
  const tells = judge.random() < 0.5;
  const known = tells ? { ...usage, outputTokens: Math.min(usage.outputTokens, 1) } : undefined;
  throw new ModelError("The stream broke.", { connection: true, usage: known, usageIsPartial: true });
}

/** The root forks and is done; a child works a few times, and some have children of their own. */
function callsOf(judge: Judge, depth: number, asked: number, count: number): readonly JsonObject[] {
  const call = (name: string, input: JsonObject) => ({ type: "tool_use", id: `call_${judge.requests}`, name, input });
  const prompts = (length: number) => Array.from({ length }, (_, place) => `part ${place} ${words(judge)}`);
  if (depth === 0) return asked === 0 ? [call("fork", { prompts: prompts(count) })] : [];
  if (depth === 1 && judge.random() < 0.04) return [call("fork", { prompts: prompts(2) })];
  const done = judge.random() < 1 / (count + 1);
  return done ? [] : [call("work", { text: words(judge), schlüssel: "値", ...flags(judge) })];
}

function reply(usage: TokenUsage, calls: readonly JsonObject[]): Reply {
  const content = calls.length === 0 ? [{ type: "text", text: "done" }] : calls;
  return {
    response: { content },
    content,
    texts: calls.length === 0 ? ["done"] : [],
    // A border post: this is how they were made above.
    toolCalls: calls.map(({ id, name, input }) => ({
      id: id as string,
      name: name as string,
      args: input as JsonObject,
    })),
    usage,
    stopReason: calls.length === 0 ? "end" : "tool_use",
  };
}

/** Many small arguments: what is around each is more than what is in it. */
function flags(judge: Judge): JsonObject {
  const letters = "abcdefghijklmnopqrstuvwxyz".slice(0, Math.floor(judge.random() * 27));
  return Object.fromEntries(letters.split("").map((letter) => [letter, 1]));
}

function words(judge: Judge): string {
  const length = Math.floor(judge.random() ** 3 * 150);
  const text = Array.from({ length }, () => String.fromCodePoint(32 + Math.floor(judge.random() ** 4 * 0x1f000)));
  return `${text.join("").replaceAll(/\p{Cs}/gu, "?")}.`;
}

/** A few turns of the event loop: replies overtake each other. */
async function breath(judge: Judge): Promise<void> {
  for (let turns = Math.floor(judge.random() * 4); turns > 0; turns--) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}
