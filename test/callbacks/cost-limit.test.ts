import { expect, test } from "vitest";
import type { CostWarning } from "../../src/callbacks/cost-limit.ts";
import { CostLimitError, costLimit } from "../../src/callbacks/cost-limit.ts";
import { LLMProcError } from "../../src/errors.ts";
import { RunError } from "../../src/events/run-error.ts";
import { failureOf, programOf, TEN_CENTS, unpricedProgramOf } from "./program.ts";

const CALL = { usage: TEN_CENTS, toolCalls: [{ name: "echo", args: { text: "on" } }] };

test("a run that cost more than its limit ends before its next request, with what it came to", async () => {
  const proc = await programOf([CALL, CALL, CALL, { text: "done" }])
    .start()
    .addCallback(costLimit(0.15));
  const requests: number[] = [];
  proc.on("api_request", (_payload, info) => requests.push(info.turn ?? 0));
  const failure = await failureOf(proc.run("go"));

  expect(failure).toBeInstanceOf(RunError);
  const { stopReason, cause, result } = failure as RunError;
  expect(stopReason).toBe("callback");
  expect(requests).toEqual([1, 2]);
  expect(result.usdCost).toBeCloseTo(0.2, 9);
  expect(cause).toBeInstanceOf(CostLimitError);
  expect(cause).toMatchObject({ code: "cost_limit", limitUsd: 0.15 });
  expect((cause as CostLimitError).usdCost).toBeCloseTo(0.2, 9);
  expect((cause as CostLimitError).message).toBe(
    "Run cost $0.2000, over its limit of $0.15. Raise the limit, or catch this and go on.",
  );
});

test("a run within its limit goes on, and the next run starts from zero", async () => {
  const proc = await programOf([CALL, { text: "done" }], { scripted: { repeat: true } })
    .start()
    .addCallback(costLimit(0.1));
  await proc.run("one");
  await proc.run("two");
  expect((await proc.run("three")).stopReason).toBe("end");
  expect(proc.usage.usdCost).toBeCloseTo(0.3, 9);
});

test("children share the limit of the run that made them", async () => {
  const prompts = ["a", "b", "c", "d"];
  const proc = await programOf({
    root: [{ toolCalls: [{ name: "fork", args: { prompts } }] }, { text: "never" }],
    child: [...prompts.map(() => CALL), ...prompts.map(() => ({ text: "never" }))],
  })
    .start()
    .addCallback(costLimit(0.35));
  const secondTurns: string[] = [];
  proc.on("api_request", (_payload, info) => {
    if ((info.turn ?? 0) > 1) secondTurns.push(info.process.id);
  });
  const failure = await failureOf(proc.run("go"));
  // Each child cost ten cents only, far below the limit; together they are over it.
  expect(failure).toMatchObject({ stopReason: "callback", cause: { code: "cost_limit" } });
  expect((failure as RunError).result.usdCost).toBeCloseTo(0.4, 9);
  expect(secondTurns.length).toBeLessThan(prompts.length);
  expect(secondTurns).not.toContain(proc.id);
});

test("a warning comes once in a run, with the figures", async () => {
  const warnings: CostWarning[] = [];
  const onWarn = (warning: CostWarning) => warnings.push(warning);
  const program = programOf([CALL, CALL, CALL, { text: "done" }], { scripted: { repeat: true } });
  const proc = await program.start().addCallback(costLimit(0.3, { onWarn, warnAt: 0.6 }));
  await proc.run("one");
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatchObject({ limitUsd: 0.3, process: proc });
  expect(warnings[0]?.usdCost).toBeCloseTo(0.2, 9);
  await proc.run("two");
  expect(warnings).toHaveLength(2);
});

test("an async onWarn is waited for, and what it throws stops the run", async () => {
  const onWarn = async () => {
    await Promise.resolve();
    throw new Error("ask me first");
  };
  const proc = await programOf([CALL, { text: "never" }])
    .start()
    .addCallback(costLimit(0.1, { onWarn }));
  const failure = await failureOf(proc.run("go"));
  expect(failure).toMatchObject({ stopReason: "callback", cause: { message: "ask me first" } });
});

test("a model without a price is refused, with its name and how to give a price", async () => {
  const proc = await unpricedProgramOf([CALL, { text: "never" }])
    .start()
    .addCallback(costLimit(1));
  const failure = await failureOf(proc.run("go"));
  expect(failure).toMatchObject({ stopReason: "callback", cause: { code: "cost_limit" } });
  const { cause } = failure as RunError;
  expect((cause as CostLimitError).unpriced.join()).toContain("mystery-1");
  expect((cause as CostLimitError).message).toMatch(/mystery-1.*\[pricing\] input_usd_per_million/);
});

test("a model without a price counts as free where that is allowed", async () => {
  const proc = await unpricedProgramOf([CALL, { text: "done" }])
    .start()
    .addCallback(costLimit(1, { allowUnpriced: true }));
  expect((await proc.run("go")).lastMessage).toBe("done");
});

test("a limit that cannot work is refused at once", () => {
  expect(() => costLimit(Number.NaN)).toThrow(LLMProcError);
  expect(() => costLimit(-1)).toThrow("costLimit(-1)");
  expect(() => costLimit(1, { warnAt: 80 })).toThrow("warnAt is 80");
});
