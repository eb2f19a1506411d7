import { expect, test } from "vitest";
import { scripted } from "../../src/models/scripted.ts";
import type { Conversation } from "../../src/process/contract/model.ts";
import { LLMProgram } from "../../src/program/llm-program.ts";
import { tool } from "../../src/tools/tool.ts";
import { complaint, load, MODEL, programErrorOf, programFiles } from "./program-files.ts";

const model = { provider: "anthropic", name: "claude-sonnet-5-5" };
const add = tool({
  name: "add",
  description: "Adds.",
  parameters: { type: "object", properties: { a: { type: "number" }, b: { type: "number" } }, required: ["a", "b"] },
  execute: ({ a, b }) => a + b,
});
// What JavaScript callers may pass is wider than the types say.
const refused = (options: unknown) => programErrorOf(() => new LLMProgram(options as { model: typeof model })).message;
const nothing: Conversation = { system: "", messages: [], tools: [], parameters: {}, depth: 0 };
const io = { signal: new AbortController().signal, beforeSend: () => undefined, onText: () => undefined };

test("a program made in code says what a file would", () => {
  const program = new LLMProgram({
    model,
    systemPrompt: "Be brief.",
    parameters: { max_tokens: 5 },
    tools: [add, "calculator", { name: "read_file", alias: "cat" }],
    limits: { turns: 3 },
    retry: { maxAttempts: 1 },
    pricing: { inputUsdPerMillion: 3, outputUsdPerMillion: 15 },
  });
  expect(program).toMatchObject({ name: "program", model, systemPrompt: "Be brief.", limits: { turns: 3 } });
  expect(program.retry).toEqual({ maxAttempts: 1, initialDelayMs: 1000, maxDelayMs: 60_000, deadlineMs: 600_000 });
  expect(program).toMatchObject({ parallelToolCalls: true, toolTimeoutMs: 120_000, root: process.cwd() });
  expect(program.maxToolResultCharacters).toBe(100_000);
});

test("a program does not change, whatever becomes of the options it was made from", () => {
  const parameters = { stop: ["a"] };
  const tools = [add];
  const limits = { turns: 3 };
  const program = new LLMProgram({ model, parameters, tools, limits });
  parameters.stop.push("b");
  tools.pop();
  limits.turns = 4;
  expect(program.parameters).toEqual({ stop: ["a"] });
  expect(program.tools).toEqual([add]);
  expect(program.limits).toMatchObject({ turns: 3 });
  expect(() => Object.assign(program, { name: "other" })).toThrow(TypeError);
  expect(() => (program.parameters.stop as string[]).push("c")).toThrow(TypeError);
  expect(Object.isFrozen(parameters)).toBe(false);
});

test("every wrong option is named, with what was meant", () => {
  const said = refused({ model, sistemPrompt: "s", limits: { turn: 1 }, tools: ["calculatr"], parallelToolCalls: 1 });
  expect(said.split("\n").sort()).toEqual([
    'limits.turn is not a known key. Did you mean "turns"?',
    "parallelToolCalls: found the number 1, expected true or false.",
    'sistemPrompt is not a known option. Did you mean "systemPrompt"?',
  ]);
  expect(refused({ model, tools: ["calculatr"] })).toBe(
    'tools[0]: found the text "calculatr", which is no built-in tool. Did you mean "calculator"?',
  );
  expect(refused({ model, tools: ["frok"] })).toContain('Did you mean "fork"?');
  expect(refused({ model, tools: ["grep"] })).toContain("Known are calculator, read_file,");
  expect(refused({ model, system_prompt: "s" })).toContain('Did you mean "systemPrompt"?');
  expect(refused({ model: "claude" })).toContain('model: found the text "claude", expected a model such as');
  expect(refused({})).toContain("model is missing");
  expect(refused(undefined)).toBe("new LLMProgram takes one object of options, found nothing.");
  expect(refused({ model, tools: [add, "calculator", add] })).toContain('tools[2] gives a second tool the name "add".');
  expect(refused({ model, callbacks: ["log"] })).toContain("callbacks[0]: found the text");
  expect(refused({ model: { provider: "anthropc", name: "m" } })).toContain('Did you mean "anthropic"?');
  expect(refused({ model, limits: { usd: -1 } })).toContain("limits.usd: found the number -1");
});

test("approvals name tools of the program, or all of them", () => {
  expect(new LLMProgram({ model }).approval).toEqual([]);
  expect(new LLMProgram({ model, approval: "*" }).approval).toEqual(["*"]);
  expect(new LLMProgram({ model, tools: [add, "fork"], approval: ["add", "fork"] }).approval).toEqual(["add", "fork"]);
  expect(refused({ model, tools: [add], approval: ["ad"] })).toBe(
    'approval[0]: found the text "ad", which is no tool of this program. It has add.',
  );
  expect(refused({ model, approval: "all" })).toContain(
    'approval: found the text "all", expected one of "*", or a list',
  );
});

/** Every number of a program that is a whole one, in a section of a file. */
const WHOLE: readonly (readonly [section: string, ...keys: string[]])[] = [
  ["limits", "turns", "children", "depth", "parallel_calls", "tokens", "wall_ms"],
  ["retry", "max_attempts", "initial_delay_ms", "max_delay_ms", "deadline_ms"],
  ["tools", "timeout_ms", "max_result_characters"],
  ["model", "max_iterations", "idle_timeout_ms"],
];

test("a whole number that is none is refused by its key and value, in a file and in code", () => {
  for (const [section, ...keys] of WHOLE) {
    for (const key of keys) {
      for (const value of ["300.5", "nan", "inf", "-inf", "-3"]) {
        const head = section === "model" ? MODEL : `${MODEL}[${section}]\n`;
        const shown = { nan: "NaN", inf: "Infinity", "-inf": "-Infinity" }[value] ?? value;
        const inFile = /\d/.test(value)
          ? `${key}: found the number ${shown}, expected a whole number`
          : `${key} is ${shown}, which JSON has no number for.`;
        expect.soft(complaint(`${head}${key} = ${value}\n`)).toContain(inFile);
        if (section !== "limits" && section !== "retry") continue;
        const inCode = key.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
        expect
          .soft(refused({ model, [section]: { [inCode]: Number(shown) } }))
          .toContain(`${section}.${inCode}: found the number ${shown}, expected a whole number`);
      }
    }
  }
});

test("parameters that are not JSON are refused, not sent as something else", () => {
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  expect(refused({ model, parameters: circle })).toContain("parameters.self.self is nested more than 64 levels deep.");
  expect(refused({ model, parameters: { on: () => 1 } })).toContain("parameters.on is");
  expect(refused({ model, parameters: { top_p: Number.NaN } })).toContain("parameters.top_p is NaN");
  expect(new LLMProgram({ model, parameters: { top_p: undefined } }).parameters).toEqual({});
});

test("toProcessProgram has the model, the tools and the prices at hand, and makes them once", async () => {
  const program = new LLMProgram({
    model,
    tools: [add, { name: "calculator", alias: "calc", description: "d", paramDescriptions: { expression: "E" } }],
    pricing: { inputUsdPerMillion: 2, outputUsdPerMillion: 0 },
    parameters: { max_tokens: 5 },
    toolTimeoutMs: 7,
    parallelToolCalls: false,
  });
  const ready = await program.toProcessProgram();
  expect(ready).toMatchObject({ name: "program", toolTimeoutMs: 7, parallelToolCalls: false, limits: { turns: 50 } });
  expect(ready.tools[0]).toBe(add);
  expect(ready.tools[1]).toMatchObject({ name: "calc", description: "d" });
  expect(ready.tools[1]?.parameters).toMatchObject({
    properties: { expression: { type: "string", description: "E" } },
  });
  expect(await ready.tools[1]?.check({ expression: "1" })).toMatchObject({ ok: true });
  const usage = { inputTokens: 500_000, outputTokens: 9, cacheReadTokens: 0, cacheWriteTokens: 0 };
  expect(ready.prices.usdCost(ready.model, usage)).toBe(1);
  expect(await program.toProcessProgram()).toBe(ready);
});

test("without pricing, the vendor's list price holds; a scripted model has none", async () => {
  const usage = { inputTokens: 1_000_000, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };
  const priced = await new LLMProgram({
    model: { provider: "anthropic", name: "claude-sonnet-4-5" },
  }).toProcessProgram();
  expect(priced.prices.usdCost(priced.model, usage)).toBeGreaterThan(0);
  const script = await new LLMProgram({ model: scripted([{ text: "x" }]) }).toProcessProgram();
  expect(script.prices.usdCost(script.model, usage)).toBeUndefined();
});

test("a provider that there is no kind of model for is an error when it is used", async () => {
  const program = new LLMProgram({ model: { provider: "nobody", name: "m" } });
  await expect(program.toProcessProgram()).rejects.toMatchObject({ code: "model_unavailable" });
});

test("a parameter that a tool does not have cannot be described", async () => {
  const program = new LLMProgram({ model, tools: [{ name: "calculator", paramDescriptions: { expresion: "E" } }] });
  await expect(program.toProcessProgram()).rejects.toThrow('has no parameter "expresion". Did you mean "expression"?');
});

test("a script in a file is played from the start by each process, children from their own", async () => {
  const program = load(
    '[model]\nprovider = "scripted"\n[[model.replies]]\ntext = "root"\n[[model.child_replies]]\ntext = "child"\n',
  );
  for (const _start of [1, 2]) {
    const { model: script } = await program.toProcessProgram();
    expect((await script.send({ ...nothing, depth: 1 }, io)).texts).toEqual(["child"]);
    expect((await script.send(nothing, io)).texts).toEqual(["root"]);
    await expect(script.send(nothing, io)).rejects.toMatchObject({ code: "script_exhausted" });
  }
});

test("a program in TOML runs, with its callbacks", async () => {
  const program = load(
    '[model]\nprovider = "scripted"\n[[model.replies]]\ntool_calls = [{ name = "calculator", args = { expression = "6 * 7" } }]\n[[model.replies]]\ntext = "42"\n[tools]\nbuiltin = ["calculator"]\n',
  );
  const heard: unknown[] = [];
  const proc = await program.start().addCallback({ tool_end: (_name, result) => heard.push(result.content) });
  const result = await proc.run("What is 6 times 7?");
  expect(result.lastMessage).toBe("42");
  expect(heard).toEqual(["42"]);
  await proc.close();
});

test("linked programs are objects, or paths that are read when they are first needed", async () => {
  using files = programFiles({ "expert.toml": MODEL });
  const writer = new LLMProgram({ model, name: "writer" });
  const program = new LLMProgram({
    model,
    tools: ["spawn"],
    linkedPrograms: {
      writer: { program: writer, description: "writes" },
      expert: files.path("expert.toml"),
      later: files.path("later.toml"),
    },
  });
  const ready = await program.toProcessProgram();
  expect(ready.linkedPrograms).toEqual([
    { name: "writer", description: "writes" },
    { name: "expert", description: "" },
    { name: "later", description: "" },
  ]);
  expect((await ready.loadLinked("writer")).name).toBe("writer");
  expect((await ready.loadLinked("expert")).name).toBe("expert");
  await expect(ready.loadLinked("later")).rejects.toThrow(`${files.path("later.toml")}: There is no such file.`);
  files.write("later.toml", MODEL);
  expect((await ready.loadLinked("later")).name).toBe("later");
  await expect(ready.loadLinked("writr")).rejects.toThrow('program links no program "writr". Did you mean "writer"?');
  await expect(ready.loadLinked("toString")).rejects.toMatchObject({ code: "program_invalid" });
});

test("programs that are linked by names with a slash are not taken for those of a chain of links", async () => {
  const named = (name: string, linkedPrograms: Record<string, LLMProgram> = {}) =>
    new LLMProgram({ name, model: scripted([]), linkedPrograms });
  const program = named("top", { a: named("a", { b: named("deep") }), "a/b": named("other") });
  const top = await program.toProcessProgram();
  const a = await top.loadLinked("a");
  const all = [top, a, await a.loadLinked("b"), await top.loadLinked("a/b")];
  expect(all.map(({ name }) => name)).toEqual(["top", "a", "deep", "other"]);
  expect(new Set(all.map(({ key }) => key)).size).toBe(4);
});
