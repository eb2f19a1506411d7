// A run as a stream of records: plain data, narrowed by `record.event`.
import { LLMProgram } from "llmproc";
import { scripted } from "llmproc/testing";

const program = new LLMProgram({
  model: scripted([
    { toolCalls: [{ name: "calculator", args: { expression: "6 * 7" } }] },
    { text: "It is 42.", delayMs: 30 },
  ]),
  tools: ["calculator"],
});
const proc = await program.start();

const stream = proc.stream("What is 6 * 7?");
let pieces = "";
for await (const record of stream) {
  if (record.event === "response_delta") pieces += record.text;
  if (record.event === "tool_start") console.log(`${record.callId}: ${record.toolName}`, record.toolArgs);
  if (record.event === "tool_end") console.log(`${record.callId}: ${record.result.content}`);
}
const result = await stream.result;
console.log(pieces === result.lastMessage, result.lastMessage);

/* Prints:
call_1_1: calculator { expression: '6 * 7' }
call_1_1: 42
true It is 42.
*/
