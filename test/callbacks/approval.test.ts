import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import type { ApprovalOptions } from "../../src/callbacks/approval.ts";
import { approval } from "../../src/callbacks/approval.ts";
import type { JsonObject } from "../../src/json.ts";
import type { Script } from "../../src/models/script.ts";
import { person, WAITS } from "./person.ts";
import { programOf } from "./program.ts";

const call = (text: string) => ({ name: "echo", args: { text } });
const ONE: Script = [{ toolCalls: [call("hello")] }, { text: "done" }];

/** A process whose `echo` a person must approve, and the results that its model reads. */
async function asked(script: Script, options: Partial<ApprovalOptions> = {}, someone = person()) {
  const guard = approval({ tools: ["echo"], input: someone.input, output: someone.output, ...options });
  const proc = await programOf(script).start().addCallback(guard);
  const results: string[] = [];
  proc.on("tool_end", (_toolName, { content }) => results.push(content));
  return { proc, results, someone };
}

test("a yes lets the call run, a no does not, and the model reads the reason", async () => {
  const { proc, results, someone } = await asked([{ toolCalls: [call("one"), call("two"), call("three")] }, {}]);
  const run = proc.run("go");
  await someone.answers(/text: one/, "y");
  await someone.answers(/text: two/, "n");
  await someone.sees(/Why not\? The model reads it; Enter for no reason >$/);
  someone.types("not on a Sunday");
  await someone.answers(/text: three/, "no: too loud");
  const { vetoes, stopReason } = await run;
  expect(stopReason).toBe("end");
  expect(results).toEqual(["one", "The user said no: not on a Sunday", "The user said no: too loud"]);
  expect(vetoes).toMatchObject([
    { callback: "approval", event: "tool_start", toolName: "echo", reason: "The user said no: not on a Sunday" },
    { callback: "approval", reason: "The user said no: too loud" },
  ]);
});

test("a question says which tool, for which process, how deep, and with which arguments", async () => {
  const { proc, someone } = await asked({ root: [{ toolCalls: [fork("a")] }, {}], child: [...ONE] });
  const run = proc.run("go");
  const text = await someone.sees(WAITS);
  expect(text.replaceAll(proc.id, "ROOT").split("\n")).toEqual([
    "? echo  for demo.1 · depth 1 · process ROOT.1",
    "  │ text: hello",
    "  y yes · n no · s stop the run",
    "  a yes, and to every echo of this process tree",
    "  Run it? >",
  ]);
  someone.types("yes");
  await run;
});

test.for(["", "  ", "ok", "yess", "yes please", "1", "j", "Y N"])("%j is no answer: it asks again", async (line) => {
  const { proc, results, someone } = await asked(ONE);
  const run = proc.run("go");
  await someone.answers(/hello/, line);
  await someone.sees(/Not clear\. Type y, n, s or a, then Enter\.\n {2}Run it\? >$/);
  someone.types(" YES ");
  await run;
  expect(results).toEqual(["hello"]);
});

test("always is for one tool, and for all processes of the tree", async () => {
  const child = { toolCalls: [call("child"), { name: "broken", args: {} }] };
  const script = {
    root: [{ toolCalls: [call("one"), call("two"), fork("a")] }, { toolCalls: [call("three")] }, {}],
    child: [child, {}],
  };
  const { proc, results, someone } = await asked(script, { tools: ["echo", "broken"] });
  const run = proc.run("go");
  await someone.answers(/text: one/, "a");
  await someone.answers(/\? broken/, "y");
  await run;
  expect(results).toEqual(expect.arrayContaining(["one", "two", "child", "out of paper", "three"]));
  expect((await someone.output.text()).match(/^\?.*/gm)).toHaveLength(2);
});

test("always is forgotten for another tree", async () => {
  const someone = person();
  const guard = approval({ tools: "*", input: someone.input, output: someone.output });
  const program = programOf(ONE, { scripted: { repeat: true } });
  for (let count = 1; count <= 2; count++) {
    const proc = await program.start().addCallback(guard);
    const run = proc.run("go");
    await someone.answers(new RegExp(`process ${proc.id}`), "a");
    await run;
    await proc.run("again");
  }
  expect((await someone.output.text()).match(/^\?/gm)).toHaveLength(2);
});

test("over parallel calls and forks one question stands at a time, and each gets its own answer", async () => {
  const names = ["a", "b", "c", "d"];
  const { proc, someone } = await asked({
    root: [{ toolCalls: [call("root"), ...names.map((name) => fork(name))] }, {}],
    child: names
      .flatMap(() => [{ toolCalls: [call("child 1"), call("child 2")] }])
      .concat(names.map(() => ({})) as never),
  });
  const ran = new Map<string, string[]>();
  proc.on("tool_end", (name, { content }, info) => {
    if (name === "echo") ran.set(info.process.id, [...(ran.get(info.process.id) ?? []), content]);
  });
  const run = proc.run("go");
  await someone.answers(/text: root/, "y");
  for (let count = 2; count <= 9; count++) {
    const question = await someone.question(count);
    someone.types(question.includes("child 1") ? "y" : "n x");
  }
  await run;
  expect([...ran.values()].slice(1)).toEqual(names.map(() => ["child 1", "The user said no: x"]));
});

test("a call that cannot run, a tool that is not named and a replay ask nobody", async () => {
  const calls = [
    { name: "echo", args: { text: 1 } },
    { name: "broken", args: {} },
    { name: "none", args: {} },
  ];
  const { proc, results, someone } = await asked([{ toolCalls: calls }, {}]);
  await proc.run("go");
  expect(results).toHaveLength(3);
  const guard = approval({ tools: "*", input: someone.input, output: someone.output });
  const info = { phase: "replay", process: proc } as never;
  expect(guard.tool_start?.("echo", {}, info)).toBeUndefined();
  expect(someone.output.bytes).toBe("");
});

test.for<[what: string, tools: ApprovalOptions["tools"], asks: string[]]>([
  ["all tools", "*", ["echo", "broken"]],
  ["all tools, in a list", ["*"], ["echo", "broken"]],
  ["what a function says", (name: string, { text }: JsonObject) => name === "echo" && text === "two", ["echo"]],
])("it asks for %s", async ([, tools, asks]) => {
  const calls = [
    { name: "echo", args: { text: "two" } },
    { name: "broken", args: {} },
  ];
  const { proc, someone } = await asked([{ toolCalls: calls }, {}], { tools });
  const run = proc.run("go");
  for (const name of asks) await someone.answers(new RegExp(`\\? ${name}`), "y");
  await run;
  expect((await someone.output.text()).match(/^\? \w+/gm)).toEqual(asks.map((name) => `? ${name}`));
});

test.for<[value: unknown]>([[[]], [[""]], ["echo"], [undefined], [[1]], [{}]])("tools: %j are refused", ([tools]) => {
  expect(() => approval({ tools: tools as never })).toThrow(
    expect.objectContaining({ code: "callback_invalid", message: expect.stringContaining('"*" for all') }),
  );
});

test("s stops the run: this call and those that wait do not run, nothing more is sent", async () => {
  const { proc, results, someone } = await asked({
    root: [{ toolCalls: [fork("a"), fork("b")] }, { text: "never" }],
    child: [{ toolCalls: [call("a")] }, { toolCalls: [call("b")] }, { text: "never" }, { text: "never" }],
  });
  const all = Promise.withResolvers<void>();
  let waiting = 0;
  proc.on("tool_start", (toolName) => {
    if (toolName === "echo" && ++waiting === 2) all.resolve();
  });
  const run = proc.run("go");
  await all.promise;
  await someone.answers(/\? echo/, "s");
  const { stopReason, apiCalls } = await run;
  expect([stopReason, apiCalls]).toEqual(["stopped", 3]);
  expect(results.filter((content) => content === "The user stopped the run.")).toHaveLength(2);
  expect((await someone.output.text()).match(/^\?/gm)).toHaveLength(1);
});

test("a run after one that was stopped asks again", async () => {
  const { proc, results, someone } = await asked([{ toolCalls: [call("one")] }, { toolCalls: [call("two")] }, {}]);
  const stopped = proc.run("go");
  await someone.answers(/text: one/, "stop");
  expect((await stopped).stopReason).toBe("stopped");
  const run = proc.run("on");
  await someone.answers(/text: two/, "y");
  await run;
  expect(results).toEqual(["The user stopped the run.", "two"]);
});

test("the end of the input is a no, and later calls are refused as well", async () => {
  const { proc, results, someone } = await asked([{ toolCalls: [call("one"), call("two")] }, {}]);
  const run = proc.run("go");
  await someone.sees(WAITS);
  someone.leaves();
  await run;
  const reason = "This call needs the user's approval, and nobody could answer. It was not run.";
  expect(results).toEqual([reason, reason]);
  expect(await someone.output.text()).toContain("\n  (nobody there: refused)\n");
});

test("half a line before the end of the input is no answer", async () => {
  const { proc, results, someone } = await asked(ONE);
  const run = proc.run("go");
  await someone.sees(WAITS);
  someone.input.end("y");
  await run;
  expect(results).toEqual([expect.stringContaining("nobody could answer")]);
});

test("what was typed before a question stands there is no answer to it", async () => {
  const { proc, results, someone } = await asked([{ toolCalls: [call("one"), call("two")] }, {}]);
  someone.types("y");
  const run = proc.run("go");
  await someone.answers(/text: one/, "n no\ny");
  await someone.answers(/text: two/, "n never");
  await run;
  expect(results).toEqual(["The user said no: no", "The user said no: never"]);
});

test("without a terminal every such call is refused, and the person is told once", async () => {
  const output = {
    text: "",
    write(text: string) {
      output.text += text;
    },
  };
  const { proc, results } = await asked([{ toolCalls: [call("one"), call("two")] }, {}], {
    input: new PassThrough(),
    output,
  });
  await proc.run("go");
  const reason = "This call needs the user's approval, and there is no terminal to ask on. It was not run.";
  expect(results).toEqual([reason, reason]);
  expect(output.text).toBe(
    "approval: echo was refused: it needs a person's approval, and there is no terminal to ask on. " +
      "Start it on a terminal, or leave echo out of the tools that approval() asks for.\n",
  );
});

test("an input that is no terminal is none, whatever the output is", async () => {
  const refused: string[] = [];
  const onNoTerminal = (toolName: string) => refused.push(toolName);
  const { proc, results } = await asked(ONE, { input: new PassThrough(), onNoTerminal });
  await proc.run("go");
  expect([results, refused]).toEqual([[expect.stringContaining("no terminal")], ["echo"]]);
});

test("a program's own approvals can be asked for by somebody else, or by nobody", async () => {
  const program = programOf(ONE, { scripted: { repeat: true }, approval: ["echo"] });
  const someone = person();
  const proc = await program.start({ approval: approval({ tools: program.approval, ...someone }) });
  const run = proc.run("go");
  await someone.answers(/\? echo/, "n");
  await someone.sees(/Why not/);
  someone.types("");
  expect((await run).vetoes).toMatchObject([{ reason: "The user said no." }]);
  expect((await (await program.start({ approval: false })).run("go")).vetoes).toEqual([]);
});

function fork(prompt: string) {
  return { name: "fork", args: { prompts: [prompt] } };
}
