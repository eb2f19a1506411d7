import { describe, expect, test } from "vitest";
import type { Gated } from "./gated.ts";
import { gated } from "./gated.ts";
import { inTime, settled } from "./harness.ts";

/** What ends the one that waits, at some moment. */
type End = (end: {
  readonly abort: AbortController;
  readonly child: Awaited<ReturnType<Gated["proc"]["forkProcess"]>>;
}) => void;

const ENDS: readonly [how: string, end: End][] = [
  ["an abort", ({ abort }) => abort.abort()],
  ["a stop", ({ child }) => child.stop()],
  ["a close", ({ child }) => void child.close()],
];

async function microtasks(count: number): Promise<void> {
  for (let task = 0; task < count; task++) await Promise.resolve();
}

/** Of a limit of 100, the first request holds 60; a fork waits for 60, and is ended at some moment around its grant. */
async function play(end: End, when: "before" | "after", steps: number): Promise<void> {
  const tree = await gated({ usd: 100 });
  const first = tree.proc.run("60");
  await settled();
  const child = await tree.proc.forkProcess();
  const abort = new AbortController();
  const waiting = child.run("60", { signal: abort.signal }).catch((error: unknown) => error);
  if (when === "before") {
    // At some moment on its way to the queue.
    await microtasks(steps);
    end({ abort, child });
    tree.last().reply(1);
  } else {
    await settled();
    tree.last().reply(1);
    await microtasks(steps);
    end({ abort, child });
  }
  await inTime(first);
  // It may have left before it was ended, and is answered then.
  await settled();
  for (const { prompt, reply } of tree.sent.slice(1)) if (prompt === "60") reply(1);
  await inTime(waiting);
  expect(tree.proc.limits.usd).toMatchObject({ reserved: 0 });
  const next = await tree.proc.forkProcess();
  const after = next.run("30");
  await settled();
  expect([when, steps, tree.prompts.at(-1)]).toEqual([when, steps, "30"]);
  tree.last().reply(1);
  await inTime(after);
  await tree.proc.close();
}

describe.each(ENDS)("%s of a request that waits for its share of a limit", (_how, end) => {
  test.each(["before", "after"] as const)("leaves nothing set aside, at any moment %s its grant", async (when) => {
    expect.hasAssertions();
    for (let steps = 0; steps <= 50; steps++) await play(end, when, steps);
  });
});
