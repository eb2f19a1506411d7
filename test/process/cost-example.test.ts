import { readFileSync } from "node:fs";
import { LLMProgram } from "llmproc";
import { scripted } from "llmproc/testing";
import { expect, test } from "vitest";
import { anthropicBound } from "../../src/models/bounds/anthropic-bound.ts";
import { loadPrices } from "../../src/models/prices.ts";
import { customModel } from "./harness.ts";

const page = readFileSync("docs/cost.md", "utf8");
const NAME = "claude-haiku-4-5";

test("the example on the page of costs comes out as computed by hand", async () => {
  const usage = (inputTokens: number, cacheReadTokens: number, cacheWriteTokens: number, outputTokens: number) => ({
    usage: { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens },
  });
  const fork = { toolCalls: [{ name: "fork", args: { prompts: ["For it?", "Against it?"] } }] };
  const script = {
    root: [
      { ...fork, ...usage(4000, 0, 4000, 200) },
      { text: "Both.", ...usage(5000, 4000, 1000, 400) },
    ],
    child: [0, 1].map(() => ({ text: "An opinion.", ...usage(4600, 4000, 600, 300) })),
  };
  const model = scripted(script, { provider: "anthropic", name: NAME });
  const parameters = { max_tokens: 1000 };
  const proc = await new LLMProgram({ model, parameters, tools: ["fork"], limits: { usd: 0.5 } }).start();
  const result = await proc.run("Read this.");
  expect(result.usdCost).toBeCloseTo(0.01495, 12);
  expect(result.processes.map(({ usdCost }) => usdCost)).toEqual([
    expect.closeTo(0.006 + 0.00365, 12),
    expect.closeTo(0.00265, 12),
    expect.closeTo(0.00265, 12),
  ]);
  expect(result.limits.usd?.left).toBeCloseTo(0.5 - 0.01495, 12);
  for (const figure of ["$0.006 ", "$0.00265 ", "$0.00365 ", "**$0.01495**"]) expect(page).toContain(figure);
});

test("what it says was set aside for a fork's request is what is set aside", async () => {
  const question = { role: "user", content: [{ type: "text", text: "Read this." }] };
  const counted = { model: NAME, max_tokens: 1000, messages: [question] };
  const call = { type: "tool_use", id: "toolu_1", name: "fork", input: { prompts: ["For it?", "Against it?"] } };
  const result = { type: "tool_result", tool_use_id: "toolu_1", content: "You are the child." };
  const answer = (text: string) => ({ role: "user", content: [{ ...result, content: text }] });
  const reply = { role: "assistant", content: [call] };
  const bytes = (text: string) => JSON.stringify(reply).length + JSON.stringify(answer(text)).length;
  const text = "x".repeat(900 - bytes(""));
  expect(bytes(text)).toBe(900);
  expect(JSON.stringify([reply, answer(text)]).split('":')).toHaveLength(12 + 1);
  const bound = anthropicBound(
    { ...counted, messages: [question, reply, answer(text)] },
    { payload: counted, inputTokens: 4000, outputTokens: 200 },
  );
  expect(bound.inputTokens).toBe(4200 + 900 + 12 * 16 + 2048);
  const model = { ...customModel(() => Promise.reject(new Error("Not here."))), provider: "anthropic", name: NAME };
  const usd = (await loadPrices()).mostUsd(model, { ...bound, maxOutputTokens: 1000 });
  expect(usd).toBeCloseTo(0.014175, 12);
  for (const figure of ["7,340 tokens", "$0.009175", "**$0.014175**"]) expect(page).toContain(figure);
});
