import type { RunResult } from "llmproc";
import { anthropic, LLMProgram, RunError } from "llmproc";
import { expect, test } from "vitest";
import { anthropicServer } from "../support/anthropic-server.ts";
import { anyTool, inTime } from "./harness.ts";
import { PRICES, PRICING } from "./judged.ts";
import type { JudgeUsage, Verdict } from "./ledger-judge.ts";
import { Judge } from "./ledger-judge.ts";

const ROOT_PROMPTS = Array.from({ length: 8 }, (_, place) => `part ${place}: ${"schöner Text, 你好 ".repeat(place)}`);

/** What the vendor's server does for the judge's verdict. */
function answerTo(verdict: Verdict, raw: string, judge: Judge) {
  if (verdict.kind === "status") return { status: verdict.status, raw: '{"type":"error","error":{"message":"no"}}' };
  const usage = wireUsage(verdict.usage);
  if (verdict.kind === "broken") {
    const cut = verdict.afterText ? { cutAfterBytes: 700 } : { resetAtOnce: true };
    return { ...cut, message: { content: [{ type: "text", text: "word ".repeat(200) }], usage } };
  }
  judge.told(verdict);
  return { message: { content: contentFor(raw, judge), usage } };
}

function contentFor(raw: string, judge: Judge) {
  const id = `toolu_${judge.requests}`;
  const isChild = raw.includes("You are the child process");
  if (!isChild && !raw.includes("tool_result")) {
    return [{ type: "tool_use", id, name: "fork", input: { prompts: ROOT_PROMPTS } }];
  }
  if (isChild && judge.random() < 0.6)
    return [{ type: "tool_use", id, name: "work", input: { text: "für dich", n: 1 } }];
  return [{ type: "text", text: "done" }];
}

function wireUsage(usage: JudgeUsage) {
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, cacheWrite1hTokens } = usage;
  return {
    input_tokens: inputTokens - cacheReadTokens - cacheWriteTokens,
    output_tokens: outputTokens,
    cache_read_input_tokens: cacheReadTokens,
    cache_creation_input_tokens: cacheWriteTokens,
    cache_creation: { ephemeral_1h_input_tokens: cacheWrite1hTokens },
  };
}

test("over the vendor's SDK and a real connection, the bytes that arrive never cost more than the limit", async () => {
  const ends: string[] = [];
  for (let seed = 1; seed <= 8; seed++) {
    const judge = new Judge({ seed, prices: PRICES, faults: 0.2, unseenTokens: 2048 });
    const serve = ({ raw }: { raw: Buffer }) => {
      const text = raw.toString("utf8");
      return answerTo(judge.serve(text), text, judge);
    };
    await using server = await anthropicServer(Array.from({ length: 400 }, () => serve));
    const usd = 0.1 * seed;
    const program = new LLMProgram({
      model: anthropic({ name: "claude-haiku-4-5", apiKey: "sk-test", baseURL: server.url }),
      parameters: { max_tokens: 1000 },
      systemPrompt: "Be many.",
      tools: [anyTool("work", () => "worked"), "fork"],
      pricing: PRICING,
      limits: { usd },
      retry: { maxAttempts: 4, initialDelayMs: 0, maxDelayMs: 0 },
    });
    const proc = await program.start();
    const outcome: unknown = await inTime(proc.run("go"), 30_000).catch((error: unknown) => error);
    await proc.close();
    // A border post: what is no error is what `run()` resolves with.
    const result = outcome instanceof RunError ? outcome.result : (outcome as RunResult);
    ends.push(String(result.stopReason));
    expect(judge.requests).toBe(server.requests.length);
    expect(judge.billedUsd).toBeLessThanOrEqual(usd + 1e-9);
    expect(result.usdCost + result.usdUncertain).toBeLessThanOrEqual(usd + 1e-9);
    expect(result.usdCost + result.usdUncertain).toBeGreaterThanOrEqual(judge.billedUsd - 1e-9);
    expect(result.flags.filter(({ reason }) => reason === "over_bound")).toEqual([]);
    expect(result.processes.reduce((sum, { usdCost }) => sum + usdCost, 0)).toBeCloseTo(proc.usage.usdCost, 9);
  }
  expect(ends).toContain("cost_limit");
});
