import { expect, test } from "vitest";
import { LLMProgram } from "../../src/program/llm-program.ts";
import { programFiles } from "./program-files.ts";

declare global {
  var linkedLog: string[];
}

const spawn = (program: string) =>
  `{ tool_calls = [{ name = "spawn", args = { prompt = "go", program_name = "${program}" } }] }`;

/** A program whose callback module is a class: each one that is constructed has a number. */
function withModule(name: string, replies: string, links: string): Record<string, string> {
  return {
    [`${name}.toml`]: `[model]\nprovider = "scripted"\nreplies = [${replies}, { text = "done" }]\n[tools]\nbuiltin = ["spawn"]\n[callbacks]\nmodules = ["./${name}.mjs"]\n[linked_programs]\n${links}\n`,
    [`${name}.mjs`]: `let count = 0;
export default class {
  number = ++count;
  run_start(process) { globalThis.linkedLog.push("${name}#" + this.number + " hears " + process.name); }
}`,
  };
}

test("a program that is spawned by another brings its callbacks along, once in a line of processes", async () => {
  globalThis.linkedLog = [];
  using files = programFiles({
    ...withModule("main", `${spawn("expert")}, ${spawn("expert")}`, 'expert = "expert.toml"'),
    ...withModule("expert", spawn("main"), 'main = "leaf.toml"'),
    ...withModule("leaf", '{ text = "leaf" }', ""),
  });
  const proc = await LLMProgram.fromFile(files.path("main.toml")).start();
  await proc.run("go");
  expect(globalThis.linkedLog).toEqual([
    "main#1 hears main",
    "main#1 hears expert",
    "expert#1 hears expert",
    "main#1 hears leaf",
    "expert#1 hears leaf",
    "leaf#1 hears leaf",
    "main#1 hears expert",
    "expert#2 hears expert",
  ]);
});

test("programs that link each other do not hear the same twice", async () => {
  globalThis.linkedLog = [];
  using files = programFiles({
    ...withModule("main", spawn("expert"), 'expert = "expert.toml"'),
    ...withModule("expert", spawn("main"), 'main = "main.toml"'),
  });
  const main = LLMProgram.fromFile(files.path("main.toml"));
  const deny = {
    process_start: ({ depth }: { depth: number }) => {
      if (depth > 2) throw new Error("deep enough");
    },
  };
  await (await main.start({ callbacks: [deny] })).run("go");
  expect(globalThis.linkedLog.slice(0, 5)).toEqual([
    "main#1 hears main",
    "main#1 hears expert",
    "expert#1 hears expert",
    "main#1 hears main",
    "expert#1 hears main",
  ]);
});

test("a linked program whose callback module cannot be loaded is an error result of the call", async () => {
  using files = programFiles({
    ...withModule("main", spawn("expert"), 'expert = "expert.toml"'),
    ...withModule("expert", '{ text = "never" }', ""),
    "expert.mjs": "export const named = 1;",
  });
  const proc = await LLMProgram.fromFile(files.path("main.toml")).start();
  const results: string[] = [];
  globalThis.linkedLog = [];
  proc.on("tool_end", (_toolName, { content, isError }) => results.push(`${isError} ${content}`));
  await proc.run("go");
  expect(results).toEqual([expect.stringMatching(/^true .*expert\.mjs.*exports only named/)]);
});

test("linked programs in code bring their callbacks along as well", async () => {
  const heard: string[] = [];
  const scripted = (replies: readonly object[]) => ({ provider: "scripted", replies }) as never;
  const writer = new LLMProgram({
    name: "writer",
    model: scripted([{ text: "written" }]),
    callbacks: [{ response: (text: string) => heard.push(text) }],
  });
  const toolCalls = [{ name: "spawn", args: { prompt: "go", program_name: "writer" } }];
  const program = new LLMProgram({
    model: scripted([{ toolCalls }, { text: "done" }]),
    tools: ["spawn"],
    linkedPrograms: { writer },
  });
  await (await program.start()).run("go");
  expect(heard).toEqual(["written"]);
});

test("a linked program with a callback that could hear nothing does not start, and takes no child's place", async () => {
  const scripted = (replies: readonly object[]) => ({ provider: "scripted", replies }) as never;
  const deaf = new LLMProgram({ model: scripted([{ text: "never" }]), callbacks: [{ nothing() {} } as never] });
  const fine = new LLMProgram({ model: scripted([{ text: "fine" }]) });
  const toolCalls = ["deaf", "fine"].map((name) => ({ name: "spawn", args: { prompt: "go", program_name: name } }));
  const program = new LLMProgram({
    model: scripted([{ toolCalls: toolCalls.slice(0, 1) }, { toolCalls: toolCalls.slice(1) }, { text: "done" }]),
    tools: ["spawn"],
    linkedPrograms: { deaf, fine },
    limits: { children: 1 },
  });
  const proc = await program.start();
  const results: string[] = [];
  proc.on("tool_end", (_toolName, { content }) => results.push(content));
  await proc.run("go");
  expect(results).toEqual([expect.stringContaining("can hear nothing"), "fine"]);
});
