const program = `import { CallbackEvent, LLMProgram, tool } from "llmproc";
import { scripted } from "llmproc/testing";

const add = tool({
  name: "add",
  description: "Adds two numbers.",
  parameters: {
    type: "object",
    properties: { a: { type: "number" }, b: { type: "number" } },
    required: ["a", "b"],
    additionalProperties: false,
  },
  execute: ({ a, b }) => a + b,
});
const program = new LLMProgram({
  model: scripted([
    { toolCalls: [{ name: "add", args: { a: 1, b: 2 } }, { name: "add", args: { a: 3, b: 4 } }] },
    { text: "3 and 7" },
  ]),
  tools: [add],
});
const proc = await program.start().addCallback((event, first, second) => {
  if (event === "tool_start") console.log(first.toUpperCase(), second["a"]);
  // @ts-expect-error the result of a tool is no text
  if (event === CallbackEvent.TOOL_END) second.toUpperCase;
});
const result = await proc.run("Add.");
console.log(result.lastMessage);
await proc.close();
`;

const hello = `[model]
provider = "scripted"
name = "hello"
replies = [{ text = "Hello." }]

[prompt]
system = "Greet."
`;

const tsconfig = {
  compilerOptions: {
    target: "es2024",
    module: "nodenext",
    lib: ["es2024", "esnext.disposable"],
    types: ["node"],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: true,
    outDir: "out",
  },
  include: ["*.ts"],
};

/** The stranger's project: what stands in it before the package is installed. */
export const CONSUMER_FILES: Readonly<Record<string, string>> = {
  "package.json": JSON.stringify({ name: "consumer", version: "1.0.0", private: true, type: "module" }),
  "tsconfig.json": JSON.stringify(tsconfig),
  "program.ts": program,
  "hello.toml": hello,
};
