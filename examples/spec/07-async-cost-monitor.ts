// The cost monitor again, async: the run waits for its answer before it sends anything.
import { setTimeout as sleep } from "node:timers/promises";
import type { ProcessView, RunResult } from "llmproc";
import { LLMProgram, RunError } from "llmproc";
import { scripted } from "llmproc/testing";

const monitor = {
  async turn_start(_process: ProcessView, runResult: RunResult) {
    await sleep(20); // asks a budget service, say
    if (runResult.usdCost > 5) throw new Error(`Cost $${runResult.usdCost} exceeds limit $5`);
    console.log(`approved at $${runResult.usdCost}`);
  },
};

const model = scripted([
  { toolCalls: [{ name: "calculator", args: { expression: "1 + 1" } }], usage: { inputTokens: 2_000_000 } },
  { text: "Two." },
]);
const program = new LLMProgram({
  model,
  tools: ["calculator"],
  pricing: { inputUsdPerMillion: 3, outputUsdPerMillion: 15 },
});
const proc = await program.start().addCallback(monitor);
proc.on("api_request", () => console.log("request sent"));
const result = await proc.run("What is 1 + 1?").catch((error: unknown) => {
  if (error instanceof RunError) return error.result;
  throw error;
});
console.log(`${result.stopReason} after $${result.usdCost}, ${result.apiCalls} request, ${model.unused} reply unused`);

/* Prints:
approved at $0
request sent
callback after $6, 1 request, 1 reply unused
*/
