import { LLMProgram } from "llmproc";
import { scripted } from "llmproc/testing";
import { expect, test } from "vitest";

const usage = { inputTokens: 1000, outputTokens: 100 };

test("a run's result counts the children that its tools made, whatever a callback denies in one of them", async () => {
  const model = scripted({
    root: [
      { toolCalls: [{ name: "fork", args: { prompts: ["a", "b", "c"] } }], usage },
      { text: "all done", usage },
    ],
    child: Array.from({ length: 3 }, () => ({ text: "part", usage })),
  });
  const program = new LLMProgram({
    model,
    tools: ["fork"],
    pricing: { inputUsdPerMillion: 3, outputUsdPerMillion: 15 },
  });
  const proc = await program.start();
  proc.on("turn_start", ({ id, rootId }) => {
    if (id === `${rootId}.2`) throw new Error("not this one");
  });
  const result = await proc.run("go");
  // Two requests of the root, and two of children: the third was denied before it sent any.
  expect(result).toMatchObject({ apiCalls: 4, toolCalls: 1, inputTokens: 4000, outputTokens: 400, totalTokens: 4400 });
  expect(result.usdCost).toBeCloseTo(4 * (0.003 + 0.0015), 12);
  expect(result.processes.reduce((sum, { usdCost }) => sum + usdCost, 0)).toBeCloseTo(result.usdCost, 12);
  expect(proc.usage.usdCost).toBeCloseTo(result.usdCost, 12);
  expect(result.vetoes).toMatchObject([{ event: "turn_start", processId: `${proc.id}.2` }]);
});
