// Specification, "Async Callbacks": async functions, and classes that mix sync and async methods.
import { setTimeout as sleep } from "node:timers/promises";
import type { EventName } from "llmproc";
import { LLMProgram } from "llmproc";
import { scripted } from "llmproc/testing";

const log: string[] = [];

async function myAsyncCallback(event: EventName) {
  await sleep(1);
  if (event !== "response_delta") log.push(event);
}

class MixedCallbacks {
  tool_start(toolName: string) {
    console.log(`sync start of ${toolName}`);
  }

  async response(text: string) {
    await sleep(20);
    console.log(`async response: ${text}`);
  }
}

const program = new LLMProgram({
  model: scripted([{ toolCalls: [{ name: "calculator", args: { expression: "6 * 7" } }] }, { text: "It is 42." }]),
  tools: ["calculator"],
});
const proc = await program.start().addCallback(myAsyncCallback).addCallback(new MixedCallbacks());
await proc.run("What is 6 * 7?");

// run() has waited for the slowest of them, and each has heard its events in order.
console.log("run() has settled");
console.log(log.join(" "));

/* Prints:
sync start of calculator
async response: It is 42.
run() has settled
process_start run_start turn_start api_request api_response tool_start tool_result tool_end turn_end turn_start api_request api_response response turn_end run_end
*/
