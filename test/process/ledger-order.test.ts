import type { LLMProcess } from "llmproc";
import { expect, test } from "vitest";
import { gated, overloaded } from "./gated.ts";
import { failureOf, inTime, settled } from "./harness.ts";

async function forksOf(proc: LLMProcess, count: number): Promise<readonly LLMProcess[]> {
  return Promise.all(Array.from({ length: count }, () => proc.forkProcess()));
}

/** Runs a fork for a prompt; a run that fails is no news here. */
async function start(proc: LLMProcess, prompt: string) {
  const fork = await proc.forkProcess();
  const run = fork.run(prompt);
  run.catch(() => {});
  await settled();
  return { fork, run };
}

test("who finds too little waits in order, and each settlement serves the next", async () => {
  const tree = await gated({ usd: 100 });
  const forks = await forksOf(tree.proc, 4);
  const runs = forks.map((fork, place) => fork.run(`40 for ${place}`));
  await settled();
  expect(tree.prompts).toEqual(["40 for 0", "40 for 1"]);
  expect(tree.proc.limits.usd).toEqual({ limit: 100, spent: 0, reserved: 80, left: 20, warned: false });
  tree.last().reply(4);
  await settled();
  expect(tree.prompts).toEqual(["40 for 0", "40 for 1", "40 for 2"]);
  tree.last().reply(4);
  await settled();
  expect(tree.prompts).toEqual(["40 for 0", "40 for 1", "40 for 2", "40 for 3"]);
  for (const request of tree.sent) request.reply(4);
  await Promise.all(runs);
  expect(tree.proc.usage.usdCost).toBe(16);
  expect(tree.proc.limits.usd).toEqual({ limit: 100, spent: 16, reserved: 0, left: 84, warned: false });
});

test("a small request does not pass a large one that waits: nobody starves", async () => {
  const tree = await gated({ usd: 100 });
  const first = await start(tree.proc, "60");
  const large = await start(tree.proc, "90");
  const small = await start(tree.proc, "5");
  expect(tree.prompts).toEqual(["60"]);
  tree.last().reply(1);
  await settled();
  expect(tree.prompts).toEqual(["60", "90", "5"]);
  for (const request of tree.sent) request.reply(1);
  await Promise.all([first.run, large.run, small.run]);
});

test("who waits for a share of its own holds up nobody else", async () => {
  const tree = await gated({ usd: 100 });
  const child = await tree.proc.forkProcess({ limits: { usd: 20 } });
  const [one, two] = await forksOf(child, 2);
  const runs = [one?.run("15 of the share"), two?.run("15 of the share")];
  await settled();
  const other = await start(tree.proc, "50 of the tree");
  expect(tree.prompts).toEqual(["15 of the share", "50 of the tree"]);
  for (const request of tree.sent) request.reply(1);
  await settled();
  tree.last().reply(1);
  await Promise.all([...runs, other.run]);
  expect(child.limits.usd).toMatchObject({ limit: 20, spent: 2 });
  expect(tree.proc.limits.usd).toMatchObject({ limit: 100, spent: 3 });
});

test("who could not be helped by all that comes back ends at once, while others are under way", async () => {
  const tree = await gated({ usd: 100 });
  const first = await start(tree.proc, "60");
  tree.last().reply(50);
  await first.run;
  const second = await start(tree.proc, "40");
  const hopeless = await start(tree.proc, "51");
  const error = await failureOf(hopeless.run);
  expect(error).toMatchObject({ stopReason: "cost_limit", code: "run_failed" });
  expect(error.message).toContain("can come to $51.00");
  expect(error.message).toContain("only $50.00 left (spent: $50.00)");
  tree.last().reply(1);
  await second.run;
});

test("who waits ends as soon as what comes back is not enough for it, also behind others", async () => {
  const tree = await gated({ usd: 100 });
  const first = await start(tree.proc, "60");
  const waiting = [await start(tree.proc, "70"), await start(tree.proc, "30"), await start(tree.proc, "65")];
  expect(tree.prompts).toEqual(["60"]);
  tree.last().reply(45);
  await first.run;
  await settled();
  expect(tree.prompts).toEqual(["60", "30"]);
  for (const place of [0, 2]) {
    expect((await failureOf(waiting[place]?.run ?? first.run)).stopReason).toBe("cost_limit");
  }
  tree.last().reply(1);
  await waiting[1]?.run;
});

test("an abort, a stop or a close ends who waits at once, and lets those behind it through", async () => {
  for (const [end, reason] of [
    [(fork: LLMProcess) => fork.close(), "aborted"],
    [(fork: LLMProcess) => fork.stop(), "stopped"],
  ] as const) {
    const tree = await gated({ usd: 100 });
    await start(tree.proc, "60");
    const large = await start(tree.proc, "90");
    await start(tree.proc, "30");
    expect(tree.prompts).toEqual(["60"]);
    void end(large.fork);
    const outcome = await inTime(large.run.catch((error: unknown) => error));
    expect(outcome).toMatchObject({ stopReason: reason });
    await settled();
    expect(tree.prompts).toEqual(["60", "30"]);
    for (const request of tree.sent) request.reply(1);
    await settled();
    expect(tree.proc.limits.usd).toMatchObject({ spent: 2, reserved: 0 });
  }
});

test("who is granted and aborted in the same moment gives everything back", async () => {
  const tree = await gated({ usd: 100 });
  const first = await start(tree.proc, "60");
  const waiting = await start(tree.proc, "50");
  first.fork.on("api_response", () => void waiting.fork.close());
  tree.last().reply(1);
  expect((await failureOf(waiting.run)).stopReason).toBe("aborted");
  await first.run;
  expect(tree.prompts).toEqual(["60"]);
  expect(tree.proc.limits.usd).toMatchObject({ spent: 1, reserved: 0 });
});

test("wall_ms ends a run that waits with time_limit", async () => {
  const tree = await gated({ usd: 100, wallMs: 60_000 });
  const first = await start(tree.proc, "60");
  const fork = await tree.proc.forkProcess();
  const error = await failureOf(fork.run("60", { limits: { wallMs: 20 } }));
  expect(error.stopReason).toBe("time_limit");
  expect(error.message).toContain("20 ms");
  expect(error.cause).toMatchObject({ name: "TimeoutError" });
  tree.last().reply(1);
  await first.run;
  expect(tree.prompts).toEqual(["60"]);
  expect(tree.proc.limits.usd).toMatchObject({ spent: 1, reserved: 0 });
});

test("a request that waits before it is sent again holds nothing", async () => {
  const tree = await gated({ usd: 100 }, { retryDelayMs: 60_000 });
  const first = await start(tree.proc, "90");
  tree.last().fail(overloaded());
  await settled();
  expect(tree.proc.limits.usd).toMatchObject({ spent: 0, reserved: 0 });
  const second = await start(tree.proc, "90 meanwhile");
  tree.last().reply(2);
  await second.run;
  await first.fork.close();
});

test("the smallest limit holds: of a share, of a run, of the process", async () => {
  const tree = await gated({ usd: 100, tokens: 1000 });
  const child = await tree.proc.forkProcess({ limits: { usd: 30 } });
  expect((await failureOf(child.run("31"))).message).toContain(`of process ${child.id}`);
  expect((await failureOf(child.run("25", { limits: { usd: 20 } }))).message).toContain(`of run ${child.id}.r2`);
  expect((await failureOf(tree.proc.run("101"))).message).toContain(`of process ${tree.proc.id}`);
  expect(await failureOf(child.run("15", { limits: { tokens: 10 } }))).toMatchObject({ stopReason: "token_limit" });
  expect(tree.prompts).toEqual([]);
  const run = child.run("25", { limits: { usd: 28 } });
  await settled();
  expect(child.limits.usd).toEqual({ limit: 28, spent: 0, reserved: 25, left: 3, warned: false });
  tree.last().reply(20);
  expect((await run).limits).toMatchObject({ usd: { limit: 28, spent: 20, left: 8 }, tokens: { limit: 1000 } });
});

test("the limit of a process holds for its life, that of a run for that run", async () => {
  const tree = await gated({ usd: 100 });
  for (let time = 0; time < 2; time++) {
    const run = tree.proc.run("30", { limits: { usd: 40 } });
    await settled();
    tree.last().reply(30);
    await run;
  }
  expect(tree.proc.limits.usd).toMatchObject({ limit: 100, spent: 60 });
  expect((await failureOf(tree.proc.run("50"))).stopReason).toBe("cost_limit");
});

test("a share that is no amount is refused by name", async () => {
  const tree = await gated({ usd: 100 });
  expect(() => tree.proc.forkProcess({ limits: { usd: -1 } })).toThrow(/limits\.usd is a number, 0 or more, not -1/);
  await expect(tree.proc.run("1", { limits: { tokens: Number.NaN } })).rejects.toThrow(/limits\.tokens .* not NaN/);
  await expect(tree.proc.run("1", { limits: { wallMs: 0 } })).rejects.toThrow(/needs some time, not 0 ms/);
  await expect(tree.proc.run("1", { limits: { usd: 1, warnAt: 2 } })).rejects.toThrow(/warnAt .* not 2/);
});
