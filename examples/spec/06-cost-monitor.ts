// Specification, "TURN_START with RunResult Support": a monitor that stops a run by throwing.
import type { JsonValue, ProcessView, RunResult, ToolResult } from "llmproc";
import { LLMProgram, RunError } from "llmproc";
import { scripted } from "llmproc/testing";

class CostMonitoringCallback {
  readonly costLimit: number;

  constructor(costLimit = 5) {
    this.costLimit = costLimit;
  }

  /** Before each turn: what the run has cost so far. */
  turn_start(_process: ProcessView, runResult: RunResult) {
    if (runResult.usdCost > this.costLimit) {
      throw new Error(`Cost $${runResult.usdCost.toFixed(4)} exceeds limit $${this.costLimit.toFixed(2)}`);
    }
    console.log(`Current cost: $${runResult.usdCost.toFixed(4)}`);
  }

  // The old style still works.
  turn_end(_process: ProcessView, _response: JsonValue | undefined, _toolResults: readonly ToolResult[]) {
    console.log("Turn completed");
  }
}

// Each reply costs $3; the script has more of them than the limit allows.
const model = scripted([1, 2, 3, 4].map((place) => reply(place)));
const program = new LLMProgram({
  model,
  tools: ["calculator"],
  pricing: { inputUsdPerMillion: 3, outputUsdPerMillion: 15 },
});
const proc = await program.start().addCallback(new CostMonitoringCallback(5));
try {
  await proc.run("Count on and on.");
} catch (error) {
  if (!(error instanceof RunError)) throw error;
  console.log(`Stopped: ${error.stopReason}. ${error.message}`);
  console.log("Cause:", error.cause instanceof Error ? error.cause.message : error.cause);
  console.log(
    `So far: $${error.result.usdCost}, ${error.result.apiCalls} requests, ${error.result.toolCalls} tool calls`,
  );
}
console.log(`Replies nobody asked for: ${model.unused}`);

function reply(place: number) {
  return {
    toolCalls: [{ name: "calculator", args: { expression: `${place} + 1` } }],
    usage: { inputTokens: 1_000_000 },
  };
}

/* Prints:
Current cost: $0.0000
Turn completed
Current cost: $3.0000
Turn completed
Turn completed
Stopped: callback. Callback CostMonitoringCallback ended the run at turn_start: Cost $6.0000 exceeds limit $5.00
Cause: Cost $6.0000 exceeds limit $5.00
So far: $6, 2 requests, 2 tool calls
Replies nobody asked for: 2
*/
