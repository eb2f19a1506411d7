// Ending a run gently, from anywhere: what was asked for is answered, nothing more is sent, run() resolves.
import { LLMProgram } from "llmproc";
import { scripted } from "llmproc/testing";

const model = scripted([{ toolCalls: [{ name: "calculator", args: { expression: "1 + 1" } }] }], { repeat: true });
const program = new LLMProgram({ model, tools: ["calculator"] });

const proc = await program.start();
let calls = 0;
proc.on("tool_start", (_toolName, _toolArgs, info) => {
  calls += 1;
  if (calls === 3) info.process.stop("three calls are enough");
});
const result = await proc.run("Calculate for ever.");
console.log(`${result.stopReason}: ${result.apiCalls} requests, ${result.toolCalls} tool calls`);

// The conversation is whole: it can go on.
calls = -1;
console.log((await proc.run("Go on.")).stopReason, proc.messages.length);

/* Prints:
stopped: 3 requests, 3 tool calls
stopped 16
*/
