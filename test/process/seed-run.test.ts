import type { EventRecord, Model, RunError } from "llmproc";
import { fold, LLMProgram } from "llmproc";
import { scripted } from "llmproc/testing";
import { describe, expect, test } from "vitest";
import { anyTool, recordsOf } from "./harness.ts";
import type { Options } from "./resumed.ts";
import { cutAfter, goOn, seedOf } from "./resumed.ts";

// What went wrong elsewhere where something went on from where it had stood: each is a report of another project.

describe("a run", () => {
  const look = anyTool("look", () => "seen");
  const model = () =>
    scripted([{ toolCalls: [{ name: "look" }] }, { toolCalls: [{ name: "look" }] }, { text: "done" }]);

  async function recorded(options: Partial<Options> = {}): Promise<readonly EventRecord[]> {
    const proc = await new LLMProgram({ model: model(), tools: [look], ...options }).start();
    const records = recordsOf(proc);
    await proc.run("go").catch(() => {});
    await proc.close();
    return records;
  }

  test("another prompt is not answered with the run under way, which can still be gone on with", async () => {
    const records = cutAfter(await recorded(), ({ event }) => event === "turn_end");
    const proc = await goOn(records, { model: scripted([{ text: "done" }]), tools: [look] });
    await expect(proc.run("something else")).rejects.toMatchObject({
      code: "run_invalid",
      message: expect.stringMatching(/answers "go", not "something else"/),
    });
    expect((await proc.run("go")).lastMessage).toBe("done");
  });

  test("its turns count on: a limit is reached where it would have been", async () => {
    const limits = { turns: 2 };
    const records = await recorded({ limits });
    const proc = await goOn(
      cutAfter(records, ({ event }) => event === "tool_end"),
      {
        ...{ model: scripted([{ toolCalls: [{ name: "look" }] }]), tools: [look], limits },
      },
    );
    await expect(proc.run("go")).rejects.toMatchObject({ stopReason: "turn_limit" });
  });

  test("its time counts on, without that in between", async () => {
    const slow = () =>
      scripted([
        { toolCalls: [{ name: "look" }], delayMs: 60 },
        { text: "late", delayMs: 400 },
      ]);
    const limits = { wallMs: 300 };
    const records = await recorded({ model: slow(), limits });
    const seen = cutAfter(records, ({ event }) => event === "turn_end");
    const elapsedMs = seedOf(seen).run?.elapsedMs ?? 0;
    expect(elapsedMs).toBeGreaterThan(50);
    // As if it had been at it for longer.
    const moved = seen.map((record, place) => (place < 2 ? { ...record, timeMs: record.timeMs - 240 } : record));
    const proc = await goOn(moved, { model: scripted([{ text: "late", delayMs: 10_000 }]), tools: [look], limits });
    const ended: unknown = await proc.run("go").catch((error: unknown) => error);
    expect(ended).toMatchObject({ stopReason: "time_limit" });
    expect(String(ended)).toContain("300 ms");
    expect((ended as RunError).result.durationMs).toBeGreaterThanOrEqual(290);
  });

  test("a prompt whose reply never comes leaves the conversation, wherever the retries stood", async () => {
    const failing = () =>
      scripted([{ error: { status: 529 } }, { error: { status: 529 } }, { error: { status: 400 } }]);
    const retry = { maxAttempts: 3, initialDelayMs: 0, maxDelayMs: 0 };
    const records = await recorded({ model: failing(), retry });
    for (let count = 3; count < records.length - 1; count++) {
      const failed = records.slice(0, count).filter(({ event }) => event === "api_error").length;
      const rest = [529, 529, 400].slice(failed).map((status) => ({ error: { status } }));
      const proc = await goOn(records.slice(0, count), { model: scripted(rest), tools: [look], retry });
      await expect(proc.run("go")).rejects.toMatchObject({ stopReason: "api_error" });
      expect(proc.messages).toEqual([]);
      expect(proc.usage.apiCalls).toBe(3);
    }
  });

  test("that a limit is nearly used up is said once", async () => {
    const usage = { inputTokens: 450, outputTokens: 0 };
    const limits = { tokens: 1000, warnAt: 0.8 };
    const parameters = { max_tokens: 10 };
    const step = { toolCalls: [{ name: "look" }], usage };
    const bound = () => ({ ...UNBOUNDED, inputTokens: 10, maxOutputTokens: 10 });
    const limited = (replies: Parameters<typeof scripted>[0]): Model => ({ ...scripted(replies), bound });
    const records = await recorded({ model: limited([step, step, { text: "done" }]), limits, parameters });
    const told = records.filter(({ event }) => event === "stderr_write");
    expect(told).toHaveLength(1);
    const seen = records.slice(0, records.findIndex(({ event }) => event === "stderr_write") + 4);
    const proc = await goOn(seen, {
      model: limited([{ text: "done", usage: { inputTokens: 1 } }]),
      tools: [look],
      limits,
      parameters,
    });
    await proc.run("go");
    expect(proc.stderrLog).toHaveLength(1);
  });
});

const UNBOUNDED = {
  countedTokens: 0,
  outputParameter: "max_tokens",
  cachesForAnHour: false,
  unbounded: [],
  offList: [],
};

describe("the fold", () => {
  const look = anyTool("look", () => "seen");
  const usage = { inputTokens: 10, outputTokens: 1 };

  test("a record that comes twice counts once", async () => {
    const proc = await new LLMProgram({
      model: scripted([
        { toolCalls: [{ name: "look" }], usage },
        { text: "done", usage },
      ]),
      tools: [look],
    }).start();
    const records = recordsOf(proc);
    await proc.run("go");
    const wanted = fold(records).process(proc.id);
    expect(wanted?.usage).toMatchObject({ inputTokens: 20, toolCalls: 1 });
    expect(fold(records.flatMap((record) => [record, record])).process(proc.id)).toEqual(wanted);
    expect(fold([...records, ...records.slice(5)]).process(proc.id)).toEqual(wanted);
    await proc.close();
  });

  test("a call that begins again where a run goes on counts once, wherever the two logs meet", async () => {
    const script = () => [
      { toolCalls: [{ name: "look" }, { name: "look" }], usage },
      { text: "done", usage },
    ];
    const proc = await new LLMProgram({ model: scripted(script()), tools: [look] }).start();
    const records = recordsOf(proc);
    await proc.run("go");
    for (let count = 1; count < records.length; count++) {
      const replies = records.slice(0, count).filter(({ event }) => event === "api_response").length;
      const again = await goOn(records.slice(0, count), { model: scripted(script().slice(replies)), tools: [look] });
      const more = recordsOf(again);
      await again.run("go");
      const folded = fold([...records.slice(0, count), ...more]).process(proc.id);
      expect(folded?.messages).toEqual(again.messages);
      expect(folded?.runCount).toBe(1);
      const { toolCalls, inputTokens, apiCalls } = again.usage;
      expect(folded?.usage).toMatchObject({ toolCalls, inputTokens, apiCalls });
    }
    await proc.close();
  });

  test("a seed stays as it was when it was taken, and one that has ended has none", async () => {
    const proc = await new LLMProgram({ model: scripted([{ text: "done" }]) }).start();
    const records = recordsOf(proc);
    await proc.run("go");
    const folded = fold(records);
    const seed = folded.seed(proc.id);
    const before = JSON.stringify(seed);
    const { id, parentId, rootId, depth, name } = proc;
    const timeMs = Date.now();
    folded.take({
      event: "stderr_write",
      seq: 99,
      timeMs,
      process: { id, parentId, rootId, depth, name },
      text: "later",
    });
    expect(JSON.stringify(seed)).toBe(before);
    await proc.close();
    expect(fold(records).seed(proc.id)).toBeUndefined();
    expect(fold(records).process(proc.id)?.isEnded).toBe(true);
  });
});
