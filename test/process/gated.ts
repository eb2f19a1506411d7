import type { Budget, LLMProcess, Model, Reply, RunLimits } from "llmproc";
import { LLMProgram, ModelError } from "llmproc";
import { textReply } from "./harness.ts";

/** One request under way. What the test does to it, happens to it. */
export interface GatedRequest {
  readonly prompt: string;
  /** The reply comes, and used so many tokens: a dollar each. */
  reply(tokens: number): void;
  fail(error: ModelError): void;
}

export interface Gated {
  readonly proc: LLMProcess;
  /** Those that have left, in order. */
  readonly sent: readonly GatedRequest[];
  readonly prompts: readonly string[];
  last(): GatedRequest;
}

/**
 * A process whose requests wait for the test. A prompt is what a request to it may come to, in dollars and tokens:
 * "30", or "30 for this and that".
 */
export async function gated(
  limits: RunLimits,
  { retryDelayMs = 0, budget }: { retryDelayMs?: number; budget?: Budget } = {},
): Promise<Gated> {
  const sent: GatedRequest[] = [];
  const model: Model = {
    provider: "gated",
    name: "gated",
    bound: ({ prompt }) => ({
      inputTokens: 0,
      countedTokens: 0,
      maxOutputTokens: Number.parseInt(String(prompt), 10),
      outputParameter: "max_tokens",
      cachesForAnHour: false,
      unbounded: [],
      offList: [],
    }),
    async send({ messages }, io) {
      const last = messages.at(-1);
      const [block] = last?.role === "user" ? last.content : [];
      const prompt = block?.type === "text" ? block.text : "";
      await io.beforeSend({ prompt });
      const { promise, resolve, reject } = Promise.withResolvers<Reply>();
      sent.push({
        prompt,
        reply: (outputTokens) => resolve({ ...textReply("done"), usage: { ...NOTHING, outputTokens } }),
        fail: reject,
      });
      return promise;
    },
  };
  const program = new LLMProgram({
    model,
    limits,
    pricing: { inputUsdPerMillion: 0, outputUsdPerMillion: 1e6 },
    retry: { maxAttempts: 2, initialDelayMs: retryDelayMs, maxDelayMs: retryDelayMs },
  });
  return {
    proc: await program.start(budget === undefined ? {} : { budget }),
    sent,
    get prompts() {
      return sent.map(({ prompt }) => prompt);
    },
    last() {
      const request = sent.at(-1);
      if (request === undefined) throw new Error("Nothing was sent.");
      return request;
    },
  };
}

const NOTHING = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };

export function overloaded(): ModelError {
  return new ModelError("overloaded", { status: 529 });
}
