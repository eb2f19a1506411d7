// A guard that lets a call through with other arguments. They are checked again before the tool gets them.
import { LLMProgram, replaceArgs, tool } from "llmproc";
import { scripted } from "llmproc/testing";

const search = tool({
  name: "search",
  description: "Searches the web.",
  parameters: {
    type: "object",
    properties: { query: { type: "string" }, limit: { type: "integer" } },
    required: ["query", "limit"],
    additionalProperties: false,
  },
  execute: ({ query, limit }) => `${limit} results for ${query}`,
});
const program = new LLMProgram({
  model: scripted([{ toolCalls: [{ name: "search", args: { query: "cats", limit: 5000 } }] }, { text: "Found." }]),
  tools: [search],
});

const proc = await program.start();
proc.on("tool_start", (toolName, toolArgs) => {
  if (toolName !== "search" || Number(toolArgs.limit) <= 10) return undefined;
  return replaceArgs({ ...toolArgs, limit: 10 });
});
proc.on("tool_end", (_toolName, result, info) => {
  console.log(result.content);
  console.log(`replaced by ${JSON.stringify(info.replacedArgs)}`);
});
await proc.run("Search for cats.");

/* Prints:
10 results for cats
replaced by {"query":"cats","limit":10}
*/
