import { expect, test } from "vitest";
import { loopGuard } from "../../src/callbacks/loop-guard.ts";
import { toolLimits } from "../../src/callbacks/tool-limits.ts";
import { anyTool } from "../process/harness.ts";
import { programOf } from "./program.ts";

const call = (args = {}, name = "look") => ({ toolCalls: [{ name, args }] });
const same = (times: number, args = {}) => Array.from({ length: times }, () => call(args));

async function ran(
  script: Parameters<typeof programOf>[0],
  guard = loopGuard(),
  execute: () => unknown = () => "the same",
) {
  const tools = [anyTool("look", execute), "fork" as const];
  const proc = await programOf(script, { tools }).start().addCallback(guard);
  const denied: number[] = [];
  const contents: string[] = [];
  proc.on("tool_end", (_name, { content }, { deniedBy, turn = 0 }) => {
    contents.push(content);
    if (deniedBy !== undefined) denied.push(turn);
  });
  const result = await proc.run("go");
  return { proc, result, denied, contents };
}

test("the fourth call of the same is refused, in words for the model, and the run goes on", async () => {
  const { result, denied, contents } = await ran([...same(4), { text: "done" }]);
  expect(denied).toEqual([4]);
  expect(contents[3]).toMatch(/^This call of look was made 3 times with the same arguments.*Do something else/);
  expect(result).toMatchObject({ stopReason: "end", vetoes: [{ callback: "loopGuard", toolName: "look" }] });
});

test("a model that goes on regardless is stopped after three refusals", async () => {
  const { result, denied } = await ran([...same(20), { text: "never" }]);
  expect(denied).toEqual([4, 5, 6]);
  expect(result).toMatchObject({ stopReason: "stopped", apiCalls: 6 });
});

test("with stopAfter: Infinity it only refuses; repeats: 1 refuses the second", async () => {
  const guard = loopGuard({ repeats: 1, stopAfter: Number.POSITIVE_INFINITY });
  const { result, denied } = await ran([...same(6), { text: "done" }], guard);
  expect(denied).toEqual([2, 3, 4, 5, 6]);
  expect(result.stopReason).toBe("end");
});

test("the order of keys says nothing; other arguments, or another result, are no loop", async () => {
  const swapped = [call({ a: 1, b: { c: 2, d: [3] } }), call({ b: { d: [3], c: 2 }, a: 1 })];
  expect((await ran([...swapped, ...swapped, { text: "done" }])).denied).toEqual([4]);
  const others = Array.from({ length: 9 }, (_, page) => call({ page }));
  expect((await ran([...others, { text: "done" }])).denied).toEqual([]);
  let polls = 0;
  expect((await ran([...same(9), { text: "done" }], loopGuard(), () => `poll ${polls++}`)).denied).toEqual([]);
});

test("two calls in turns are a loop, too", async () => {
  const script = Array.from({ length: 8 }, (_, turn) => call({ side: turn % 2 }));
  expect((await ran([...script, { text: "done" }])).denied).toEqual([7, 8]);
});

test("calls that cannot run, and those that another guard denies, are loops as well", async () => {
  const unknown = Array.from({ length: 20 }, () => call({}, "nosuch"));
  expect((await ran(unknown)).result).toMatchObject({ stopReason: "stopped", apiCalls: 6 });
  const denying = await programOf(same(20), { tools: [anyTool("look", () => "the same")] }).start();
  denying.addCallback(toolLimits({ look: 1 })).addCallback(loopGuard());
  expect((await denying.run("go")).stopReason).toBe("stopped");
});

test("what is refused in one reply counts once: the model has not read it yet", async () => {
  const many = { toolCalls: Array.from({ length: 5 }, () => ({ name: "look", args: {} })) };
  const { result, denied } = await ran([...same(3), many, { text: "done" }]);
  expect(denied).toEqual([4, 4, 4, 4, 4]);
  expect(result.stopReason).toBe("end");
});

test("an object is no list, though it may have the same things in it", async () => {
  const pairs = [call({ x: {} }), call({ x: [] }), call({ x: { a: 1 } }), call({ x: [["a", 1]] })];
  expect((await ran([...pairs, { text: "done" }], loopGuard({ repeats: 1 }))).denied).toEqual([]);
});

test("each run, and each process, is looked at by itself", async () => {
  const { proc } = await ran([...same(3), { text: "done" }, ...same(3), { text: "again" }]);
  expect((await proc.run("go")).vetoes).toEqual([]);
  const fork = call({ prompts: ["a", "b"] }, "fork");
  const children = await programOf(
    { root: [fork, { text: "done" }], child: [call(), call(), call(), call(), { text: "x" }, { text: "y" }] },
    { tools: [anyTool("look", () => "the same"), "fork"] },
  ).start();
  children.addCallback(loopGuard());
  expect((await children.run("go")).vetoes).toEqual([]);
});

test.each([{ repeats: 0 }, { repeats: 1.5 }, { stopAfter: 0 }, { stopAfter: "3" }, { repeat: 3 }, 3])(
  "loopGuard(%j) is refused at once",
  (options) => {
    expect(() => loopGuard(options as object)).toThrow(
      expect.objectContaining({ code: "callback_invalid", message: expect.stringContaining("loopGuard()") }),
    );
  },
);
