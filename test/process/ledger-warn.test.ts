import type { LimitStates } from "llmproc";
import { expect, test } from "vitest";
import { gated } from "./gated.ts";
import { recordsOf, settled } from "./harness.ts";

test("when warn_at of a limit is spent, a line on stderr says so, once, and callbacks see it in the run's result", async () => {
  const { proc, ...tree } = await gated({ usd: 100, tokens: 1000, warnAt: 0.5 });
  const seen: (LimitStates | string)[] = [];
  proc.on("turn_start", (_process, { limits }) => seen.push(limits));
  proc.on("stderr_write", (text) => seen.push(text));
  for (const spent of [30, 25, 20]) {
    const run = proc.run("30");
    await settled();
    tree.last().reply(spent);
    await run;
  }
  expect(seen).toMatchObject([
    { usd: { spent: 0, warned: false }, tokens: { spent: 0, limit: 1000, warned: false } },
    { usd: { spent: 30, warned: false } },
    `55 % of the cost limit of process ${proc.id} is used: $55.00 of $100.00.`,
    { usd: { spent: 55, warned: true }, tokens: { spent: 55, warned: false } },
  ]);
  expect(proc.stderrLog).toHaveLength(1);
});

test("a share and a run warn where they belong, also when it is a child that spends", async () => {
  const { proc, ...tree } = await gated({ usd: 100 });
  const records = recordsOf(proc);
  const child = await proc.forkProcess({ limits: { usd: 10 } });
  const grandchild = await child.forkProcess();
  const run = grandchild.run("10", { limits: { tokens: 20, warnAt: 0.25 } });
  await settled();
  tree.last().reply(9);
  const result = await run;
  expect(child.stderrLog).toEqual([`90 % of the cost limit of process ${child.id} is used: $9.00 of $10.00.`]);
  expect(grandchild.stderrLog).toEqual([`45 % of the token limit of run ${grandchild.id}.r1 is used: 9 of 20 tokens.`]);
  expect(proc.stderrLog).toEqual([]);
  const lines = records.flatMap((record) => (record.event === "stderr_write" ? [record.process.id] : []));
  expect(lines).toEqual([grandchild.id, child.id]);
  expect(result.limits).toMatchObject({ usd: { limit: 10, spent: 9, warned: true }, tokens: { warned: true } });
});
