// Something said to a process in the midst of its run: the model reads it behind the turn under way.
import { LLMProgram, tool } from "llmproc";
import { scripted } from "llmproc/testing";

const search = tool({
  name: "search",
  description: "Searches the web.",
  parameters: { type: "object", properties: { query: { type: "string" } }, required: ["query"] },
  execute: ({ query }) => `ten pages about ${query}`,
});
const program = new LLMProgram({
  model: scripted([
    { toolCalls: [{ name: "search", args: { query: "cats" } }] },
    ({ messages }) => ({ text: JSON.stringify(messages.at(-1)?.content) }),
  ]),
  tools: [search],
});

const proc = await program.start();
proc.on("context_change", (_process, { kind, from }) => console.log(`${kind} as message ${from}`));
let answered: Promise<boolean> | undefined;
proc.on("tool_start", () => {
  answered = proc.say("Only their ears, please.");
});
const { lastMessage } = await proc.run("Tell me about cats.");
console.log("the model read", lastMessage);
console.log("answered:", await answered);

/* Prints:
said as message 3
the model read [{"type":"text","text":"Only their ears, please."}]
answered: true
*/
