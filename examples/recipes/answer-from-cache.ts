// A guard that answers in a tool's place: a cache for calls whose results do not change.
import { answer, LLMProgram, tool } from "llmproc";
import { scripted } from "llmproc/testing";

const translate = tool({
  name: "translate",
  description: "Translates a word into German.",
  parameters: {
    type: "object",
    properties: { word: { type: "string" } },
    required: ["word"],
    additionalProperties: false,
  },
  execute: ({ word }) => {
    console.log(`looked up ${word}`);
    return { tree: "Baum", house: "Haus" }[word] ?? "?";
  },
});
const call = (word: string) => ({ toolCalls: [{ name: "translate", args: { word } }] });
const program = new LLMProgram({
  model: scripted([call("tree"), call("house"), call("tree"), { text: "Baum, Haus, Baum" }]),
  tools: [translate],
});

const kept = new Map<string, string>();
const keys = new Map<string, string>(); // by call, since an end has no arguments
const proc = await program.start().addCallback(
  {
    tool_start(toolName, toolArgs, info) {
      const key = `${toolName} ${JSON.stringify(toolArgs)}`;
      if (info.callId !== undefined) keys.set(info.callId, key);
      const known = kept.get(key);
      return known === undefined ? undefined : answer(known);
    },
    tool_end(_toolName, result, info) {
      const key = keys.get(info.callId ?? "");
      if (key !== undefined && !result.isError) kept.set(key, result.content);
      if (info.answeredBy !== undefined) console.log(`answered by ${info.answeredBy}: ${result.content}`);
    },
  },
  { name: "cache" },
);
console.log((await proc.run("Translate tree, house and tree.")).lastMessage);

/* Prints:
looked up tree
looked up house
answered by cache: Baum
Baum, Haus, Baum
*/
