// A model that forks: its children work at the same time, its callbacks hear them, their cost is in its result.
import { LLMProgram } from "llmproc";
import { scripted } from "llmproc/testing";

const usage = { inputTokens: 1000, outputTokens: 200 };
const program = new LLMProgram({
  name: "editor",
  model: scripted({
    root: [
      { toolCalls: [{ name: "fork", args: { prompts: ["Read chapter 1.", "Read chapter 2."] } }], usage },
      { text: "Both chapters are fine.", usage },
    ],
    child: [
      { text: "It is fine.", usage, delayMs: 20 },
      { text: "It is fine, too.", usage, delayMs: 40 },
    ],
  }),
  tools: ["fork"],
  pricing: { inputUsdPerMillion: 3, outputUsdPerMillion: 15 },
});

const proc = await program.start();
const name = (id: string) => id.replace(proc.id, "ROOT"); // ids of roots are new each time
proc.on("process_start", (process) => console.log(`${name(process.id)} starts`));
proc.on("response", (text, { process }) => console.log(`${name(process.id)}: ${text}`));

const result = await proc.run("Read the book.");
for (const { processId, apiCalls, usdCost } of result.processes) {
  console.log(`${name(processId)}: ${apiCalls} requests, $${usdCost.toFixed(4)}`);
}
console.log(`together: ${result.apiCalls} requests, $${result.usdCost.toFixed(4)}`);

/* Prints:
ROOT starts
ROOT.1 starts
ROOT.2 starts
ROOT.1: It is fine.
ROOT.2: It is fine, too.
ROOT: Both chapters are fine.
ROOT: 2 requests, $0.0120
ROOT.1: 1 requests, $0.0060
ROOT.2: 1 requests, $0.0060
together: 4 requests, $0.0240
*/
