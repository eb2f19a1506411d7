import type { LLMProcess, Tool } from "llmproc";
import { answer, CallbackTimeoutError, LLMProgram, replaceResult, shadow, Veto } from "llmproc";
import { scripted } from "llmproc/testing";
import { describe, expect, test } from "vitest";
import { anyTool, failureOf, gate, recordsOf } from "./harness.ts";
import { call, contentsOf, ran, replacing, withholding } from "./result-guards.ts";

// Many of these are reports of other projects, of hooks that were to change what a model reads of a tool.

describe("what the model reads instead", () => {
  test("of a function, of a built-in tool, of a fork: in the conversation, the next request, tool_end and turn_end alike", async () => {
    const look = anyTool("look", () => "the original");
    const root = [
      {
        toolCalls: [
          { name: "look" },
          { name: "list_dir", args: { directory_path: "." } },
          { name: "fork", args: { prompts: ["x"] } },
        ],
      },
      { text: "done" },
    ];
    const model = scripted({ root, child: [{ text: "the original answer" }] });
    const program = new LLMProgram({ model, tools: [look, "list_dir", "fork"] });
    const proc = await program.start().addCallback(replacing("X"));
    const records = recordsOf(proc);
    await proc.run("go");
    expect(contentsOf(proc)).toEqual(["X", "X", "X"]);
    const requests = records.flatMap((record) =>
      record.event === "api_request" ? [JSON.stringify(record.payload)] : [],
    );
    expect(requests.at(-1)?.match(/"content":"X"/g)).toHaveLength(3);
    const ends = records.flatMap((record) => (record.event === "tool_end" ? [record] : []));
    expect(ends.map(({ result, resultReplacedBy }) => [result.content, resultReplacedBy])).toEqual(
      Array.from({ length: 3 }, () => ["X", "callback"]),
    );
    const turn = records.find((record) => record.event === "turn_end" && record.process.depth === 0);
    expect(turn).toMatchObject({ toolResults: [{ content: "X" }, { content: "X" }, { content: "X" }] });
    expect(turn?.results?.map(({ content }) => content)).toEqual(["X", "X", "X"]);
  });

  test.each<readonly [what: string, given: Parameters<typeof replaceResult>[0], reads: string]>([
    ["false", false, "false"],
    ["0", 0, "0"],
    ["an empty text", "", ""],
    ["null", null, "null"],
    ["an empty list", [], "[]"],
    ["an empty object", {}, "{}"],
    ["nothing", undefined, ""],
    ["blocks", [{ type: "text", text: "a" }], '[{"type":"text","text":"a"}]'],
    ["a function of the text", (text: string) => text.toUpperCase(), "THE ORIGINAL"],
  ])("%s replaces as well", async (_what, given, reads) => {
    const { replies } = await ran([anyTool("look", () => "the original")], [replacing(given)]);
    expect(replies[0]?.content).toBe(reads);
  });

  test("an error stays one, unless it is said otherwise, and a result becomes one where that is said", async () => {
    const fails = anyTool("fails", () => {
      throw new Error("key sk-SECRET is wrong");
    });
    const works = anyTool("works", () => "fine");
    expect((await ran([fails, works], [replacing("hidden")])).replies).toMatchObject([
      { content: "hidden", isError: true },
      { content: "hidden", isError: false },
    ]);
    expect((await ran([fails, works], [replacing("hidden", { isError: false })])).replies[0]?.isError).toBe(false);
    expect((await ran([fails, works], [replacing("hidden", { isError: true })])).replies[1]?.isError).toBe(true);
  });

  test("it is cut like a tool's result, and the rest of it can be read on", async () => {
    const parameters = { max: 1000 };
    const readOn = anyTool("read_on", (_args, { process }) => process.readResult("fd:1").length);
    const reader: Tool = { ...readOn, readsCutResults: true };
    const model = scripted([call("look"), call("read_on"), { text: "done" }]);
    const tools = [anyTool("look", () => "short"), reader];
    const proc = await new LLMProgram({ model, tools, maxToolResultCharacters: parameters.max }).start();
    proc.on("tool_result", (name) => (name === "look" ? replaceResult("x".repeat(50_000)) : undefined));
    await proc.run("go");
    const [cut, rest] = contentsOf(proc);
    expect(cut?.length).toBeLessThanOrEqual(1000);
    expect(cut).toContain("see fd:1");
    expect(rest).toBe("50000");
  });

  test("only of this call, where a vendor numbers calls in each reply", async () => {
    const toolCalls = [{ id: "f:0", name: "look", args: {} }];
    const model = scripted([{ toolCalls }, { toolCalls }, { text: "done" }]);
    const proc = await new LLMProgram({ model, tools: [anyTool("look", () => "seen")] }).start();
    proc.on("tool_result", (_name, _result, { turn }) => (turn === 2 ? replaceResult("X") : undefined));
    await proc.run("go");
    expect(contentsOf(proc)).toEqual(["seen", "X"]);
  });

  const redacting = (secret: string, name: string) => ({
    tool_result: () => replaceResult((text) => text.replaceAll(secret, "[x]")),
    callbackOptions: { name },
  });

  test("functions follow one another, those of a parent's callbacks first, at once or later: no guard undoes another", async () => {
    const look = anyTool("look", () => "A=aaa111 B=bbb222 C=ccc333");
    const late = {
      tool_result: async () => replaceResult((text) => text.replaceAll("ccc333", "[x]")),
      callbackOptions: { name: "c" },
    };
    const { replies, records } = await ran([look], [redacting("aaa111", "a"), late, redacting("bbb222", "b")]);
    expect(replies[0]?.content).toBe("A=[x] B=[x] C=[x]");
    expect(records.find((record) => record.event === "tool_end")?.resultReplacedBy).toBe("a, c, b");
    const model = scripted([call("look"), { text: "done" }], { repeat: true });
    const parent = await new LLMProgram({ model, tools: [look] }).start();
    parent.on("tool_result", () => replaceResult((text) => `parent(${text})`));
    const child = (await parent.forkProcess()) as LLMProcess;
    child.on("tool_result", () => replaceResult((text) => `child(${text})`));
    await child.run("go");
    expect(contentsOf(child)).toEqual(["child(parent(A=aaa111 B=bbb222 C=ccc333))"]);
  });

  test("what stands there as it is goes together with no other: the result is withheld, and stderr says why", async () => {
    const look = anyTool("look", () => "A=aaa111");
    for (const callbacks of [
      [replacing("first"), replacing("second")],
      [redacting("aaa111", "a"), replacing("as it is: A=aaa111")],
      [replacing("as it is: A=aaa111"), redacting("aaa111", "a")],
    ]) {
      const { replies, proc, result } = await ran([look], callbacks);
      expect(replies).toMatchObject([{ content: expect.stringMatching(/^withheld by callback /), isError: true }]);
      expect(proc.stderrLog).toEqual([
        expect.stringMatching(/^The result of look is withheld: .* have each replaced it/),
      ]);
      expect(result.vetoes).toHaveLength(1);
    }
    expect((await ran([look], [replacing("first"), withholding])).replies[0]?.content).toBe("Not for you.");
  });

  test.each<readonly [what: string, make: (text: string) => unknown, fault: RegExp]>([
    ["throws, with the text in its message", (text) => JSON.parse(text) as unknown, /threw SyntaxError/],
    ["gives a promise", async (text) => text, /gave a promise/],
  ])("a function that %s withholds, and nothing of the text is told", async (_what, make, fault) => {
    const { replies, proc, records } = await ran(
      [anyTool("look", () => "bbb222 is secret")],
      [{ tool_result: () => replaceResult(make), callbackOptions: { name: "mine" } }],
    );
    expect(replies).toMatchObject([{ content: "withheld by callback mine", isError: true }]);
    expect(proc.stderrLog[0]).toMatch(fault);
    expect(JSON.stringify([records, proc.stderrLog])).not.toContain("bbb222");
  });

  test("a function may give anything, and one that gives back its text has replaced nothing", async () => {
    const look = anyTool("look", () => ({ n: 1 }));
    const { replies } = await ran(
      [look],
      [replacing((text: string) => ({ was: text })), replacing((text: string) => `<${text}>`)],
    );
    expect(replies[0]?.content).toBe('<{"was":"{\\"n\\":1}"}>');
    const { records } = await ran([look], [replacing((text: string) => text)]);
    expect(records.find((record) => record.event === "tool_end")?.resultReplacedBy).toBeUndefined();
  });

  test("a text that is returned as it is means nothing, and Node says so; options that are none are refused", async () => {
    const warnings: string[] = [];
    const hear = ({ message }: Error) => void warnings.push(message);
    process.on("warning", hear);
    const slip = { tool_result: () => "[x]", callbackOptions: { name: "slip" } };
    const { replies } = await ran([anyTool("look", () => "seen")], [slip, () => "for whatever it hears"]);
    await new Promise((resolve) => setImmediate(resolve));
    process.off("warning", hear);
    expect(replies[0]?.content).toBe("seen");
    expect(warnings.filter((text) => text.includes("return replaceResult(content)"))).toHaveLength(1);
    expect(() => replaceResult("x", null as never)).toThrow(
      "The options of replaceResult() are { isError }, not null.",
    );
  });

  test("of an observer nothing comes, and in another event it means nothing: Node says so", async () => {
    const look = anyTool("look", () => "seen");
    const watching = { ...replacing("X"), callbackOptions: { observe: true, name: "watching" } };
    const misplaced = { tool_start: () => replaceResult("X"), callbackOptions: { name: "misplaced" } };
    const warnings: string[] = [];
    const hear = ({ message }: Error) => void warnings.push(message);
    process.on("warning", hear);
    const { replies } = await ran([look], [watching, misplaced]);
    await new Promise((resolve) => setImmediate(resolve));
    process.off("warning", hear);
    expect(replies[0]?.content).toBe("seen");
    expect(
      warnings.filter((text) => text.includes("replaceResult() means something only in tool_result")),
    ).toHaveLength(2);
  });

  test("in shadow it is reported, and the model reads what the tool returned", async () => {
    const trial = shadow(replacing("X"));
    const refusing = shadow(withholding);
    const { replies } = await ran([anyTool("look", () => "seen")], [trial, refusing]);
    expect(replies[0]?.content).toBe("seen");
    expect(trial.reports).toMatchObject([
      {
        message: "would have replaced the result of look",
        verdict: { would: "replace_result", content: "X" },
        toolName: "look",
      },
    ]);
    expect(refusing.reports).toMatchObject([{ message: "would have withheld the result of look: Not for you." }]);
  });
});

describe("which calls have a tool_result", () => {
  test("those that a tool, or a guard in its place, has answered; not those that did not run", async () => {
    const tools = ["works", "fails", "answered", "denied"].map((name) =>
      anyTool(name, () => {
        if (name === "fails") throw new Error("broken");
        return name;
      }),
    );
    const guard = {
      tool_start(name: string) {
        if (name === "denied") throw new Veto("No.");
        return name === "answered" ? answer("from the cache") : undefined;
      },
    };
    const model = scripted([
      { toolCalls: [...tools.map(({ name }) => ({ name })), { name: "unknown" }] },
      { text: "done" },
    ]);
    const proc = await new LLMProgram({ model, tools }).start().addCallback(guard);
    const heard: string[] = [];
    proc.on("tool_result", (name, { content, isError }, { answeredBy }) => {
      heard.push(`${name} ${content} ${isError} ${answeredBy}`);
    });
    await proc.run("go");
    expect(heard).toEqual(
      ["works works false undefined", "answered from the cache false callback", "fails broken true undefined"].toSorted(
        (a, b) => heard.indexOf(a) - heard.indexOf(b),
      ),
    );
    expect(heard).toHaveLength(3);
  });

  test("its record says how long it is, and no more", async () => {
    const { records } = await ran([anyTool("look", () => "the original")], []);
    expect(records.find(({ event }) => event === "tool_result")).toMatchObject({
      toolName: "look",
      callId: "call_1_1",
      result: { characters: 12, isError: false },
    });
  });
});

describe("what is withheld", () => {
  test("the model reads the reason, and who it was stands in the records and in the result", async () => {
    const { records, result, replies } = await ran([anyTool("look", () => "seen")], [withholding]);
    expect(replies).toMatchObject([{ content: "Not for you.", isError: true }]);
    const veto = {
      event: "tool_result",
      callback: "callback",
      reason: "Not for you.",
      toolName: "look",
      callId: "call_1_1",
    };
    expect(result.vetoes).toMatchObject([veto]);
    const end = records.find((record) => record.event === "tool_end");
    expect(end).toMatchObject({ withheldBy: "callback", veto });
    expect(end?.deniedBy).toBeUndefined();
    expect(end?.execMs).toBeGreaterThanOrEqual(0);
    expect(records.some(({ event }) => event === "callback_error")).toBe(false);
  });

  test("a guard's bug withholds as well, and the others hear of it", async () => {
    const bug = {
      tool_result() {
        throw new Error("a bug");
      },
      callbackOptions: { name: "buggy" },
    };
    const { records, replies } = await ran([anyTool("look", () => "seen")], [bug]);
    expect(replies).toMatchObject([{ content: "withheld by callback buggy", isError: true }]);
    expect(records.find((record) => record.event === "callback_error")).toMatchObject({
      fault: { callback: "buggy", event: "tool_result", error: { message: "a bug" } },
    });
  });

  test("one that was never called, since it was busy, is said to be busy", () => {
    const { message } = new CallbackTimeoutError("slow", "tool_result", 40, true);
    expect(message).toMatch(
      /^Callback slow was still busy with an earlier event when its answer to tool_result was due, after 40 ms\. /,
    );
  });

  test("a guard that hangs at one call withholds those behind it as well", async () => {
    const reached = gate();
    const go = gate();
    const slow = {
      async tool_result(name: string) {
        if (name !== "first") return;
        reached.open();
        await go.opened;
      },
      callbackOptions: { name: "slow", timeoutMs: 40 },
    };
    const second = anyTool("second", () => reached.opened.then(() => "seen"));
    const { records } = await ran([anyTool("first", () => "seen"), second], [slow]);
    go.open();
    const faults = records.flatMap((record) => (record.event === "callback_error" ? [record.fault] : []));
    expect(faults[0]?.error.message).toMatch(/did not settle its tool_result handler within \d+ ms/);
    expect(records.filter((record) => record.event === "tool_end").map(({ withheldBy }) => withheldBy)).toEqual([
      "slow",
      "slow",
    ]);
  });

  test("a guard that never answers withholds it: when its time is up, and when the run is aborted meanwhile", async () => {
    const look = anyTool("look", () => "the original");
    const never = { tool_result: () => new Promise(() => {}), callbackOptions: { name: "never", timeoutMs: 20 } };
    expect((await ran([look], [never])).replies).toMatchObject([
      { content: "withheld by callback never", isError: true },
    ]);

    const reached = gate();
    const asking = {
      tool_result() {
        reached.open();
        return new Promise(() => {});
      },
    };
    const proc = await new LLMProgram({ model: scripted([call("look")]), tools: [look] }).start().addCallback(asking);
    const aborter = new AbortController();
    const running = failureOf(proc.run("go", { signal: aborter.signal }));
    await reached.opened;
    aborter.abort(new Error("enough"));
    expect((await running).stopReason).toBe("aborted");
    expect(contentsOf(proc)).toEqual([
      "interrupted: this call had returned, but the run ended before its result was let pass",
    ]);
  });
});
