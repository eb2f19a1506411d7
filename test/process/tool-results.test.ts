import type { ToolReply } from "llmproc";
import { answer, LLMProgram, replaceArgs, tool } from "llmproc";
import { scripted } from "llmproc/testing";
import { describe, expect, test } from "vitest";
import { anyTool, barrier, failureOf, gate, hangs, inTime, recordsOf, settled } from "./harness.ts";

type AnyTool = ReturnType<typeof anyTool>;
type Calls = readonly { readonly name: string; readonly args?: { readonly [key: string]: string | number } }[];

/** Runs one reply with these calls, and gives what the model reads. */
async function resultsOf(tools: readonly AnyTool[], calls: Calls, parallelToolCalls = true) {
  const model = scripted([{ toolCalls: calls }, { text: "done" }]);
  const proc = await new LLMProgram({ model, tools, parallelToolCalls }).start();
  const records = recordsOf(proc);
  const result = await inTime(proc.run("x"));
  const replies = proc.messages[2]?.content as readonly ToolReply[];
  return { proc, records, result, replies };
}

test("calls of one reply run at the same time, and results go back in the order asked", async () => {
  const all = barrier(3);
  // Each waits for the call behind it, so that they end from the last to the first.
  const over = [gate(), gate(), gate()];
  const meet = anyTool("meet", async ({ place }) => {
    await all();
    await over[Number(place)]?.opened;
    setImmediate(() => over[Number(place) - 1]?.open());
    return place;
  });
  const { replies, records } = await resultsOf(
    [meet],
    [1, 2, 3].map((place) => ({ name: "meet", args: { place } })),
  );
  expect(replies.map(({ content }) => content)).toEqual(["1", "2", "3"]);
  const ends = records.filter(({ event }) => event === "tool_end");
  expect(ends.map(({ callId }) => callId)).toEqual(["call_1_3", "call_1_2", "call_1_1"]);
  const turn = records.find(({ event }) => event === "turn_end");
  expect(turn).toMatchObject({ toolResults: [{ content: "1" }, { content: "2" }, { content: "3" }] });
});

test("with parallelToolCalls: false they run one after the other, in the order asked", async () => {
  let under = 0;
  let most = 0;
  const alone = anyTool("alone", async () => {
    most = Math.max(most, ++under);
    await settled();
    under--;
  });
  const { records } = await resultsOf([alone], [{ name: "alone" }, { name: "alone" }, { name: "alone" }], false);
  expect(most).toBe(1);
  const order = records.filter(({ event }) => event.startsWith("tool_")).map(({ event, callId }) => [event, callId]);
  expect(order).toEqual(
    [1, 2, 3].flatMap((n) => [
      ["tool_start", `call_1_${n}`],
      ["tool_result", `call_1_${n}`],
      ["tool_end", `call_1_${n}`],
    ]),
  );
});

test("what a tool returns stays the tool's: it is not frozen", async () => {
  const own = { list: [1] };
  await resultsOf([anyTool("odd", () => own)], [{ name: "odd" }]);
  expect(Object.isFrozen(own) || Object.isFrozen(own.list)).toBe(false);
});

for (const where of ["tool", "program"] as const) {
  test(`a tool that takes longer than the ${where}'s time limit gets an error result, and sees its signal`, async () => {
    const reached = gate();
    let signal: AbortSignal | undefined;
    const wait = hangs(reached);
    const slow = anyTool(
      "slow",
      (_args, context) => {
        signal = context.signal;
        return wait();
      },
      where === "tool" ? { timeoutMs: 20 } : {},
    );
    const model = scripted([{ toolCalls: [{ name: "slow" }] }, { text: "done" }]);
    const toolTimeoutMs = where === "tool" ? 60_000 : 20;
    const proc = await new LLMProgram({ model, tools: [slow], toolTimeoutMs }).start();
    expect((await inTime(proc.run("x"))).lastMessage).toBe("done");
    expect(proc.messages[2]?.content).toMatchObject([{ isError: true, content: expect.stringContaining("20 ms") }]);
    expect(signal?.reason).toMatchObject({ code: "tool_timeout" });
  });
}

test("a tool's own limit holds over the program's, and Infinity is none", async () => {
  const wait = async () => {
    await new Promise((resolve) => setTimeout(resolve, 40));
    return "in time";
  };
  const model = scripted([{ toolCalls: [{ name: "own" }, { name: "none" }] }, { text: "done" }]);
  const tools = [
    anyTool("own", wait, { timeoutMs: 60_000 }),
    anyTool("none", wait, { timeoutMs: Number.POSITIVE_INFINITY }),
  ];
  const proc = await new LLMProgram({ model, tools, toolTimeoutMs: 1 }).start();
  await proc.run("x");
  expect(proc.messages[2]?.content).toMatchObject([{ content: "in time" }, { content: "in time" }]);
});

test("a tool that never settles and whose process is closed leaves an interrupted result", async () => {
  const reached = gate();
  const tools = [anyTool("hang", hangs(reached)), anyTool("quick", () => "ready")];
  const model = scripted([{ toolCalls: [{ name: "quick" }, { name: "hang" }] }]);
  const proc = await new LLMProgram({ model, tools }).start();
  const run = failureOf(proc.run("x"));
  await reached.opened;
  await proc.close();
  await run;
  expect(proc.messages[2]?.content).toMatchObject([
    { content: "ready", isError: false },
    { content: expect.stringContaining("interrupted"), isError: true },
  ]);
});

describe("arguments", () => {
  const given = { a: { list: [1, 2] } };
  const call = { toolCalls: [{ name: "taker", args: given }] };

  test("guards see them frozen, the tool gets a copy of the same values that is its own", async () => {
    const seen: unknown[] = [];
    const taker = anyTool("taker", (args) => {
      seen.push(structuredClone(args));
      (args as unknown as typeof given).a.list.push(3);
      return "ok";
    });
    const proc = await new LLMProgram({ model: scripted([call, { text: "done" }]), tools: [taker] }).start();
    proc.on("tool_start", (_name, args) => {
      seen.push(args);
      const { a } = args as unknown as typeof given;
      expect(Object.isFrozen(args) && Object.isFrozen(a) && Object.isFrozen(a.list)).toBe(true);
    });
    await proc.run("x");
    expect(seen).toEqual([given, given]);
    expect(proc.messages[2]?.content).toMatchObject([{ content: "ok", isError: false }]);
    expect(proc.messages[1]?.content).toMatchObject([{ args: given }]);
    expect(given).toEqual({ a: { list: [1, 2] } });
  });

  test("replaceArgs are checked again, and the tool gets those", async () => {
    const number = tool({
      name: "taker",
      description: "takes",
      parameters: { type: "object", properties: { n: { type: "number" } }, required: ["n"] },
      execute: ({ n }) => n * 2,
    });
    const calls = [
      { name: "taker", args: { n: 1 } },
      { name: "taker", args: { n: 2 } },
    ];
    const proc = await new LLMProgram({
      model: scripted([{ toolCalls: calls }, { text: "done" }]),
      tools: [number],
    }).start();
    const own = { n: 21 };
    proc.on("tool_start", (_name, { n }) => replaceArgs(n === 1 ? own : { n: "two" }), { name: "swap" });
    const records = recordsOf(proc);
    await proc.run("x");
    expect(proc.messages[2]?.content).toMatchObject([
      { content: "42", isError: false },
      { content: expect.stringMatching(/swap.*"?n"?/s), isError: true },
    ]);
    expect(records.filter(({ event }) => event === "tool_end")).toMatchObject([
      { replacedArgs: { n: 21 } },
      { replacedArgs: { n: "two" } },
    ]);
    expect(Object.isFrozen(own)).toBe(false);
  });

  test("answer() takes whatever a tool could return, and the tool does not run", async () => {
    const taker = anyTool("taker", () => expect.unreachable());
    const values = [{ cached: [1] }, "text", undefined, 7n, () => 1];
    const toolCalls = values.map(() => ({ name: "taker" }));
    const proc = await new LLMProgram({ model: scripted([{ toolCalls }, { text: "done" }]), tools: [taker] }).start();
    const left = [...values];
    proc.on("tool_start", async () => answer(left.shift()));
    await proc.run("x");
    const replies = proc.messages[2]?.content as readonly ToolReply[];
    expect(replies.map(({ content }) => content).slice(0, 4)).toEqual(['{"cached":[1]}', "text", "", "7"]);
    expect(replies[4]).toMatchObject({ isError: true });
  });

  test("answer() with isError is an error result", async () => {
    const proc = await new LLMProgram({
      model: scripted([call, { text: "done" }]),
      tools: [anyTool("taker", () => "x")],
    }).start();
    proc.on("tool_start", () => answer("not now", { isError: true }));
    await proc.run("x");
    expect(proc.messages[2]?.content).toMatchObject([{ content: "not now", isError: true }]);
  });
});
