import type { Model } from "llmproc";
import { Budget, fold, LLMProgram, ModelError, RunError } from "llmproc";
import { scripted } from "llmproc/testing";
import { describe, expect, test } from "vitest";
import { mulberry32 } from "../support/mulberry32.ts";
import { gated, overloaded } from "./gated.ts";
import { failureOf, inTime, recordsOf, settled } from "./harness.ts";

// A prompt is what its request may come to, in dollars and tokens: see gated.ts.

describe("a budget that processes share", () => {
  test("is not passed by any of them: who finds too little waits for the others, in order, whoever they are of", async () => {
    const budget = new Budget({ usd: 100 });
    const trees = await Promise.all([gated({}, { budget }), gated({}, { budget }), gated({}, { budget })]);
    const runs: Promise<unknown>[] = [];
    for (const { proc } of trees) {
      runs.push(proc.run("60"));
      await settled();
    }
    expect(trees.map(({ prompts }) => prompts.length)).toEqual([1, 0, 0]);
    expect(budget.limits).toEqual({ usd: { limit: 100, spent: 0, reserved: 60, left: 40, warned: false } });
    trees[0]?.last().reply(10);
    await settled();
    expect(trees.map(({ prompts }) => prompts.length)).toEqual([1, 1, 0]);
    trees[1]?.last().reply(10);
    await settled();
    trees[2]?.last().reply(10);
    await inTime(Promise.all(runs));
    expect(budget.limits.usd).toMatchObject({ spent: 30, reserved: 0, left: 70 });
    expect(trees[0]?.proc.limits.usd).toEqual(budget.limits.usd);
  });

  test("is what one of them has left of it: the next one's run ends before its request, and says whose limit it was", async () => {
    const budget = new Budget({ usd: 100, name: "Ann's budget" });
    const one = await gated({}, { budget });
    const two = await gated({}, { budget });
    const first = one.proc.run("80");
    await settled();
    one.last().reply(80);
    await first;
    const error = await failureOf(two.proc.run("30"));
    expect(error.stopReason).toBe("cost_limit");
    expect(error.message).toBe(
      "The next request can come to $30.00, and the limit of $100.00 of Ann's budget has only $20.00 left (spent: $80.00). Raise that limit, or lower max_tokens.",
    );
    expect(two.sent).toEqual([]);
    const small = two.proc.run("20");
    await settled();
    two.last().reply(1);
    expect((await small).limits.usd).toMatchObject({ limit: 100, spent: 81 });
  });

  test("holds for children, and beside limits of their own: the tighter one counts", async () => {
    const budget = new Budget({ usd: 100, tokens: 1000 });
    const tree = await gated({ usd: 50 }, { budget });
    const child = await tree.proc.forkProcess({ limits: { usd: 20 } });
    expect((await failureOf(child.run("30"))).message).toContain("of process");
    expect((await failureOf(tree.proc.run("60"))).message).toContain("of process");
    const other = await gated({}, { budget });
    const running = other.proc.run("90");
    await settled();
    const waiting = child.run("15");
    await settled();
    expect(tree.sent).toEqual([]);
    other.last().reply(90);
    await running;
    expect((await failureOf(waiting)).message).toContain("of the budget");
    expect(budget.limits).toMatchObject({ usd: { spent: 90 }, tokens: { spent: 90 } });
  });

  test("a request of which nobody knows the bill has spent all that was set aside, and one that was refused has spent nothing", async () => {
    const budget = new Budget({ usd: 100 });
    const tree = await gated({}, { budget });
    const broken = tree.proc.run("30");
    await settled();
    tree.last().fail(new ModelError("broke off", { connection: true, accepted: true, status: 400 }));
    await failureOf(broken);
    expect(budget.limits.usd).toMatchObject({ spent: 30, reserved: 0 });
    const refused = tree.proc.run("30");
    await settled();
    tree.last().fail(overloaded());
    while (tree.sent.length < 3) await settled();
    tree.last().reply(5);
    await refused;
    expect(budget.limits.usd).toMatchObject({ spent: 35, reserved: 0 });
  });

  test("one that is aborted or closed while it waits, or while its request is out, sets nothing aside any more", async () => {
    const budget = new Budget({ usd: 100 });
    const one = await gated({}, { budget });
    const two = await gated({}, { budget });
    const three = await gated({}, { budget });
    const out = one.proc.run("90").catch(() => {});
    await settled();
    const waits = two.proc.run("50").catch(() => {});
    const last = three.proc.run("10");
    await settled();
    expect(three.prompts).toEqual([]);
    await two.proc.close();
    await waits;
    await settled();
    expect(three.prompts).toEqual(["10"]);
    three.last().reply(1);
    await last;
    await one.proc.close();
    await out;
    expect(budget.limits.usd).toMatchObject({ spent: 91, reserved: 0 });
  });

  test("that a limit of its own is nearly used up is seen, though less is left of the budget", async () => {
    const budget = new Budget({ usd: 100 });
    const other = await gated({}, { budget });
    const first = other.proc.run("15");
    await settled();
    other.last().reply(15);
    await first;
    const tree = await gated({ usd: 99 }, { budget });
    const run = tree.proc.run("80");
    await settled();
    tree.last().reply(80);
    await run;
    expect(tree.proc.limits.usd).toEqual({ limit: 100, spent: 95, reserved: 0, left: 5, warned: true });
    expect(other.proc.limits.usd?.warned).toBe(false);
  });

  test("what was charged to it is in the records, and their fold says the same as the process", async () => {
    const budget = new Budget({ tokens: 500 });
    const tree = await gated({}, { budget });
    const records = recordsOf(tree.proc);
    const run = tree.proc.run("40");
    await settled();
    tree.last().reply(7);
    await run;
    const bill = records.find((record) => record.event === "api_response")?.bill;
    expect(bill?.charged).toEqual({ usd: 7, tokens: 7 });
    expect(fold(records).process(tree.proc.id)?.usage).toEqual(tree.proc.usage);
  });
});

test("four users' requests at once, thousands of them with random ends: no budget is passed, and none is left waiting", async () => {
  const random = mulberry32(11);
  for (let round = 0; round < 25; round++) {
    const budget = new Budget({ usd: 40 + random() * 60 });
    const limit = budget.limits.usd?.limit ?? 0;
    let paid = 0;
    const model: Model = {
      ...scripted([{ text: "x" }]),
      bound: ({ most }) => ({
        ...{ inputTokens: 0, countedTokens: 0, maxOutputTokens: Number(most), outputParameter: "max_tokens" },
        ...{ cachesForAnHour: false, unbounded: [], offList: [] },
      }),
      async send(_conversation, io) {
        const most = 1 + Math.floor(random() * 9);
        await io.beforeSend({ most });
        for (let turn = Math.floor(random() * 4); turn > 0; turn--)
          await new Promise((resolve) => setImmediate(resolve));
        const outputTokens = Math.floor(random() * (most + 1));
        if (random() < 0.15) {
          paid += most;
          throw new ModelError("broke off", { connection: true, accepted: true });
        }
        paid += outputTokens;
        expect(paid).toBeLessThanOrEqual(limit + 1e-9);
        const usage = { inputTokens: 1, outputTokens, cacheReadTokens: 0, cacheWriteTokens: 0 };
        return { response: {}, content: [], texts: ["x"], toolCalls: [], usage, stopReason: "end" };
      },
    };
    const program = new LLMProgram({
      model,
      pricing: { inputUsdPerMillion: 0, outputUsdPerMillion: 1e6 },
      retry: { maxAttempts: 2, initialDelayMs: 0, maxDelayMs: 0 },
    });
    const users = await Promise.all(Array.from({ length: 4 }, () => program.start({ budget })));
    await inTime(
      Promise.all(
        users.map(async (proc) => {
          for (let run = 0; run < 8; run++) {
            const aborter = new AbortController();
            if (random() < 0.2) setImmediate(() => aborter.abort());
            const ended = await proc.run("go", { signal: aborter.signal }).catch((error: unknown) => error);
            if (ended instanceof RunError && ended.stopReason === "cost_limit") return;
          }
        }),
      ),
    );
    expect(budget.limits.usd?.reserved).toBe(0);
    expect(budget.limits.usd?.spent).toBeLessThanOrEqual(limit * (1 + 1e-9));
  }
});

describe("what is no budget is refused, with what would be one", () => {
  test.each<readonly [given: unknown, says: string]>([
    [undefined, "A budget needs a limit: new Budget({ usd: 5 })"],
    [{}, "A budget needs a limit"],
    [{ usd: Number.POSITIVE_INFINITY }, "A budget needs a limit"],
    [{ usd: -1 }, "usd is a number, 0 or more, not -1."],
    [{ usd: "5" }, 'usd is a number, 0 or more, not the text "5".'],
    [{ tokens: 1.5 }, "tokens is a whole number, 0 or more, not 1.5."],
    [{ usd: 5, token: 3 }, 'Did you mean "tokens"?'],
    [{ usd: 5, name: " " }, "The name of a budget is a text that is not blank"],
    [5, "The options of new Budget() are an object, not 5."],
  ])("new Budget(%j)", (given, says) => {
    expect(() => new Budget(given as never)).toThrow(
      expect.objectContaining({ code: "run_invalid", message: expect.stringContaining(says) }),
    );
  });

  test.each([{ usd: 5 }, 5, null, Object.create(Budget.prototype) as unknown])(
    "start({ budget: %j })",
    async (budget) => {
      const program = new LLMProgram({ model: scripted([]) });
      const starting = async () => await program.start({ budget: budget as never });
      await expect(starting()).rejects.toMatchObject({
        code: "run_invalid",
        message: expect.stringMatching(/budget takes a Budget/),
      });
    },
  );

  test("a program whose cost nobody can bound is refused under one, as under any limit", async () => {
    const boundless: Model = { provider: "x", name: "y", send: () => Promise.reject(new Error("not asked")) };
    const program = new LLMProgram({ model: boundless });
    await expect(program.start({ budget: new Budget({ usd: 5 }) })).rejects.toMatchObject({ code: "limit_unholdable" });
  });
});
