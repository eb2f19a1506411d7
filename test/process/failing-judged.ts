import type { RunResult } from "llmproc";
import { LLMProgram, RunError } from "llmproc";
import { FailingServer, PRICES } from "./failing-server.ts";
import type { Format } from "./formats.ts";
import { anyTool, inTime } from "./harness.ts";

const MAX_OUTPUT = 800;

export interface JudgedFailures {
  /** What was wrong, as sentences. */
  readonly faults: readonly string[];
  readonly stopReason: string;
  readonly played: ReadonlyMap<string, number>;
}

/** Runs a tree of forks under a dollar limit against a server that fails wherever it can, and compares both ledgers. */
export async function judgeFailures(format: Format, seed: number): Promise<JudgedFailures> {
  const judge = new FailingServer(format, MAX_OUTPUT, seed);
  await using server = await format.serve(({ raw }) => judge.answer(raw.toString("utf8")));
  const usd = 0.02 + ((seed * 7919) % 100) / 400;
  const program = new LLMProgram({
    model: format.model(server.url, { idleTimeoutMs: 400 }),
    parameters: { [format.maxTokens]: MAX_OUTPUT, ...(seed % 4 === 0 && { stream: false }) },
    systemPrompt: "Be many.",
    tools: [anyTool("work", () => "worked"), "fork"],
    pricing: {
      inputUsdPerMillion: PRICES.input,
      outputUsdPerMillion: PRICES.output,
      cacheWriteUsdPerMillion: PRICES.cacheWrite,
    },
    limits: { usd, turns: 8 },
    retry: { maxAttempts: 3, initialDelayMs: 0, maxDelayMs: 0 },
  });
  const proc = await program.start();
  const results: RunResult[] = [];
  let stopReason = "";
  for (let run = 0; run < 3; run++) {
    const outcome: unknown = await inTime(proc.run("go"), 60_000).catch((error: unknown) => error);
    if (outcome instanceof Error && !(outcome instanceof RunError)) throw outcome;
    // A border post: what is no error is what `run()` resolves with.
    const result = outcome instanceof RunError ? outcome.result : (outcome as RunResult);
    results.push(result);
    stopReason = String(result.stopReason);
  }
  const { limits, usage } = proc;
  await proc.close();
  const counted = results.reduce((sum, { usdCost, usdUncertain }) => sum + usdCost + usdUncertain, 0);
  const facts = {
    "billed no more than the limit": judge.billedUsd <= usd + 1e-9,
    "counted no less than was billed": counted >= judge.billedUsd - 1e-9,
    "counted no more than the limit": counted <= usd + 1e-9,
    "nothing stays set aside": limits.usd?.reserved === 0,
    "spent is what was counted": Math.abs((limits.usd?.spent ?? -1) - counted) < 1e-9,
    "the life's total is that of its runs": Math.abs(usage.usdCost + usage.usdUncertain - counted) < 1e-9,
    "each request is one attempt": usage.apiCalls === judge.requests,
  };
  const figures = `billed ${judge.billedUsd}, counted ${counted}, limit ${usd}`;
  const faults = Object.entries(facts).flatMap(([fact, holds]) => {
    return holds ? [] : [`${format.name}, seed ${seed}, ${fact}: not so (${figures})`];
  });
  return { faults, stopReason, played: judge.played };
}
