import type { Script, ScriptedOptions } from "../../src/models/script.ts";
import { scripted } from "../../src/models/scripted.ts";
import { LLMProgram } from "../../src/program/llm-program.ts";
import type { LLMProgramOptions } from "../../src/program/program-options.ts";
import { tool } from "../../src/tools/tool.ts";

/** A million tokens of input cost a dollar, so that a reply of 100,000 costs ten cents. */
export const TEN_CENTS = { inputTokens: 100_000, outputTokens: 0 };
const PRICING = { inputUsdPerMillion: 1, outputUsdPerMillion: 1 };

const TEXT = {
  type: "object",
  properties: { text: { type: "string" } },
  additionalProperties: false,
} as const;

/** Says what it is given. */
export const echo = tool({ name: "echo", description: "Echo.", parameters: TEXT, execute: ({ text }) => text ?? "" });

const broken = tool({
  name: "broken",
  description: "Always fails.",
  parameters: TEXT,
  execute() {
    throw new Error("out of paper");
  },
});

type Options = Partial<LLMProgramOptions<LLMProgram>> & { readonly scripted?: ScriptedOptions };

/** A program on a script, quick to retry, with `echo`, `broken` and `fork`. */
export function programOf(script: Script, { scripted: options, ...rest }: Options = {}): LLMProgram {
  return new LLMProgram({
    name: "demo",
    model: scripted(script, options),
    tools: [echo, broken, "fork"],
    pricing: PRICING,
    retry: { maxAttempts: 3, initialDelayMs: 1, maxDelayMs: 2 },
    ...rest,
  });
}

/** A program whose model has no price. */
export function unpricedProgramOf(script: Script): LLMProgram {
  return new LLMProgram({ name: "demo", model: scripted(script, { name: "mystery-1" }), tools: [echo] });
}

/** What `run()` rejects with. */
export async function failureOf(run: Promise<unknown>): Promise<Error> {
  try {
    await run;
  } catch (thrown) {
    if (thrown instanceof Error) return thrown;
  }
  throw new Error("The run was expected to reject with an Error.");
}
