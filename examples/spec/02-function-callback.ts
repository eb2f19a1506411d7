// Specification, "Function-Based Callbacks": one function hears every event, the event's name first.
import { CallbackEvent, LLMProgram } from "llmproc";
import { scripted } from "llmproc/testing";

const program = new LLMProgram({
  model: scripted([
    { text: "I will calculate that.", toolCalls: [{ name: "calculator", args: { expression: "6 * 7" } }] },
    { text: "The answer to your question is forty-two." },
  ]),
  tools: ["calculator"],
});

// Named parameters narrow with the event: `second` is the tool's arguments in the first branch, its result in the next.
const proc = await program.start().addCallback((event, first, second) => {
  if (event === CallbackEvent.TOOL_START) {
    console.log(`Tool started: ${first} ${JSON.stringify(second)}`);
  } else if (event === CallbackEvent.TOOL_END) {
    console.log(`Tool completed: ${first} ${second.content}`);
  } else if (event === CallbackEvent.RESPONSE) {
    console.log(`Response: ${first.slice(0, 30)}...`);
  }
});
await proc.run("What is 6 * 7?");

/* Prints:
Response: I will calculate that....
Tool started: calculator {"expression":"6 * 7"}
Tool completed: calculator 42
Response: The answer to your question is...
*/
