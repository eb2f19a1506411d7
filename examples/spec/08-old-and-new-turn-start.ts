// Specification, "Legacy Compatibility": a handler takes as many of the arguments as it names.
import type { EventInfo, ProcessView, RunResult } from "llmproc";
import { LLMProgram } from "llmproc";
import { scripted } from "llmproc/testing";

// The old style: one parameter.
function oldTurnStart(process: ProcessView) {
  console.log(`Starting new turn of ${process.name}`);
}

// The new style, with a default as in the specification: it is passed all the same.
function newTurnStart(_process: ProcessView, runResult?: RunResult) {
  console.log(`Starting turn, cost so far: $${(runResult?.usdCost ?? 0).toFixed(4)}`);
}

// Whatever is new comes in `info`, the last argument of every event.
function newestTurnStart(_process: ProcessView, _runResult: RunResult, info: EventInfo) {
  console.log(`Turn ${info.turn}, event ${info.seq} of this process`);
}

const program = new LLMProgram({
  name: "adder",
  model: scripted([
    {
      toolCalls: [{ name: "calculator", args: { expression: "1 + 1" } }],
      usage: { inputTokens: 100, outputTokens: 20 },
    },
    { text: "Two." },
  ]),
  tools: ["calculator"],
  pricing: { inputUsdPerMillion: 3, outputUsdPerMillion: 15 },
});
const proc = await program.start();
proc.addCallback({ turn_start: oldTurnStart });
proc.addCallback({ turn_start: newTurnStart });
proc.on("turn_start", newestTurnStart);
await proc.run("What is 1 + 1?");

/* Prints:
Starting new turn of adder
Starting turn, cost so far: $0.0000
Turn 1, event 3 of this process
Starting new turn of adder
Starting turn, cost so far: $0.0006
Turn 2, event 10 of this process
*/
