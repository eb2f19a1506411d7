// A guard between a tool and the model: keys are cut out of what tools return, and some files are not for models at all.
import { LLMProgram, replaceResult, tool, Veto } from "llmproc";
import { scripted } from "llmproc/testing";

const read = tool({
  name: "read",
  description: "Reads a file.",
  parameters: { type: "object", properties: { path: { type: "string" } }, required: ["path"] },
  execute: ({ path }) => (path === "id_rsa" ? "-----BEGIN PRIVATE KEY-----" : "API_KEY=sk-4711\nREGION=eu"),
});
const toolCalls = [
  { name: "read", args: { path: ".env" } },
  { name: "read", args: { path: "id_rsa" } },
];
const program = new LLMProgram({ model: scripted([{ toolCalls }, { text: "Your region is eu." }]), tools: [read] });

const proc = await program.start();
proc.on("tool_result", (_toolName, { content }) => {
  if (content.includes("PRIVATE KEY")) throw new Veto("Private keys are not for models.");
  return replaceResult((text) => text.replaceAll(/sk-\w+/g, "[key]"));
});
proc.on("tool_end", (_toolName, { content }, { withheldBy }) => {
  console.log(`${withheldBy === undefined ? "read" : "withheld"}: ${JSON.stringify(content)}`);
});
await proc.run("Where do we run?");
console.log(`The key is in the conversation: ${JSON.stringify(proc.messages).includes("sk-4711")}`);

/* Prints:
read: "API_KEY=[key]\nREGION=eu"
withheld: "Private keys are not for models."
The key is in the conversation: false
*/
