// A guard that refuses a tool call. `Veto` gives the model the reason, so that it can do something else.
import { LLMProgram, tool, Veto } from "llmproc";
import { scripted } from "llmproc/testing";

const deleteFile = tool({
  name: "delete_file",
  description: "Deletes a file.",
  parameters: {
    type: "object",
    properties: { path: { type: "string" } },
    required: ["path"],
    additionalProperties: false,
  },
  execute: ({ path }) => {
    console.log(`deleted ${path}`);
    return "deleted";
  },
});
const program = new LLMProgram({
  model: scripted([
    {
      toolCalls: [
        { name: "delete_file", args: { path: "draft.txt" } },
        { name: "delete_file", args: { path: ".git/config" } },
      ],
    },
    { text: "I deleted the draft. The other file may not be deleted." },
  ]),
  tools: [deleteFile],
});

const proc = await program.start();
proc.on(
  "tool_start",
  (toolName, toolArgs) => {
    const { path } = toolArgs;
    if (toolName === "delete_file" && typeof path === "string" && path.startsWith(".git/")) {
      throw new Veto("Files of git are kept.");
    }
  },
  { name: "keepGit" },
);
proc.on("tool_end", (toolName, result, info) => {
  console.log(`${toolName}: ${result.content} ${result.isError ? `(denied by ${info.deniedBy})` : ""}`.trim());
});
const result = await proc.run("Delete all files.");
console.log(result.lastMessage);
console.log(result.vetoes.map(({ event, callback, reason }) => `${event} ${callback}: ${reason}`).join("\n"));

/* Prints:
deleted draft.txt
delete_file: deleted
delete_file: Files of git are kept. (denied by keepGit)
I deleted the draft. The other file may not be deleted.
tool_start keepGit: Files of git are kept.
*/
