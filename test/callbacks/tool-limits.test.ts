import { expect, test } from "vitest";
import { toolLimits } from "../../src/callbacks/tool-limits.ts";
import { Veto } from "../../src/events/verdict.ts";
import { anyTool } from "../process/harness.ts";
import { programOf } from "./program.ts";

const look = anyTool("look", () => "seen");
const calls = (count: number, name = "look") => ({ toolCalls: Array.from({ length: count }, () => ({ name })) });

test("a call beyond the limit is refused, also among those of one reply; others go on; the next run begins anew", async () => {
  const script = [calls(3), { text: "done" }, calls(1), { text: "done" }];
  const proc = await programOf(script, { tools: [look] })
    .start()
    .addCallback(toolLimits({ look: 2 }));
  const contents: string[] = [];
  proc.on("tool_end", (_name, { content }) => void contents.push(content));
  await proc.run("go");
  await proc.run("go");
  expect(contents.toSorted()).toEqual([
    "look may be called 2 times in a run, and that is used up. Go on with what you know.",
    "seen",
    "seen",
    "seen",
  ]);
});

test("children share it", async () => {
  const fork = { toolCalls: [{ name: "fork", args: { prompts: ["a", "b"] } }] };
  const root = [calls(1), fork, calls(1), { text: "done" }];
  const child = [calls(1), calls(1), { text: "x" }, { text: "y" }];
  const proc = await programOf({ root, child }, { tools: [look, "fork"] })
    .start()
    .addCallback(toolLimits({ look: 2 }));
  const { vetoes } = await proc.run("go");
  expect(vetoes).toHaveLength(2);
  expect(vetoes.map(({ callback }) => callback)).toEqual(["toolLimits", "toolLimits"]);
});

test("calls that do not run do not count, under whatever name it was registered", async () => {
  let denials = 2;
  const deny = {
    tool_start() {
      if (denials-- > 0) throw new Veto("Not yet.");
    },
  };
  const strict = { name: "look", args: { a: 1 } };
  const script = [calls(1), calls(1), { toolCalls: [strict] }, calls(1), calls(1), calls(1), { text: "done" }];
  const proc = await programOf(script, { tools: [look] }).start();
  proc.addCallback(toolLimits({ look: 2 }), { name: "mine" });
  proc.addCallback(deny);
  const denied: (string | undefined)[] = [];
  proc.on("tool_end", (_name, _result, { deniedBy }) => void denied.push(deniedBy));
  await proc.run("go");
  expect(denied).toEqual(["callback", "callback", undefined, undefined, "mine", "mine"]);
});

test("0 forbids a tool; one that is not named has no limit", async () => {
  const script = [{ toolCalls: [{ name: "look" }, { name: "echo", args: { text: "x" } }] }, { text: "done" }];
  const proc = await programOf(script, { tools: [look] })
    .start()
    .addCallback(toolLimits({ look: 0, toString: 1 }));
  const { vetoes } = await proc.run("go");
  expect(vetoes).toMatchObject([{ reason: "look may not be called in this run. Go on without it." }]);
});

test.each([undefined, {}, [], 5, { look: -1 }, { look: 1.5 }, { look: "2" }])(
  "toolLimits(%j) is refused at once",
  (limits) => {
    expect(() => toolLimits(limits as never)).toThrow(
      expect.objectContaining({ code: "callback_invalid", message: expect.stringContaining("toolLimits()") }),
    );
  },
);
