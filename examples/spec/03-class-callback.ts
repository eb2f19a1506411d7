// Specification, "Class-Based Callbacks": methods named after events.
import type { JsonObject, ToolResult } from "llmproc";
import { LLMProgram } from "llmproc";
import { scripted } from "llmproc/testing";

class MyCallbacks {
  tool_start(toolName: string, _toolArgs: JsonObject) {
    console.log(`Tool started: ${toolName}`);
  }

  tool_end(toolName: string, _result: ToolResult) {
    console.log(`Tool completed: ${toolName}`);
  }

  response(text: string) {
    console.log(`Response: ${text.slice(0, 30)}...`);
  }
}

const program = new LLMProgram({
  model: scripted([
    { toolCalls: [{ name: "calculator", args: { expression: "6 * 7" } }] },
    { text: "The answer to your question is forty-two." },
  ]),
  tools: ["calculator"],
});
const proc = await program.start();
proc.addCallback(new MyCallbacks());
await proc.run("What is 6 * 7?");

/* Prints:
Tool started: calculator
Tool completed: calculator
Response: The answer to your question is...
*/
