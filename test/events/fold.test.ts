import type { EventRecord, Facts, JsonObject, Message } from "llmproc";
import { fold, LLMProgram, Veto } from "llmproc";
import { scripted } from "llmproc/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { anyTool, gate, recordsOf } from "../process/harness.ts";
import type { FoldRule, Witnessed } from "../support/fold-law.ts";
import { foldProblems, witness } from "../support/fold-law.ts";
import { SCENE_NAMES, witnessed } from "./recordings.ts";

const scenes = new Map<string, readonly Witnessed[]>();

beforeAll(async () => {
  for (const name of SCENE_NAMES) scenes.set(name, await witnessed(name));
});

const heardIn = (name: string) => scenes.get(name) ?? [];
const rulesOf = (heard: Iterable<Witnessed>) => [...new Set(foldProblems(heard).map(({ rule }) => rule))];
const asJson = (record: EventRecord) => JSON.parse(JSON.stringify(record)) as EventRecord;

describe("the fold of a good recording is what its processes said of themselves", () => {
  test.each(SCENE_NAMES)("%s", (name) => {
    expect(heardIn(name).some(({ live }) => live !== undefined)).toBe(true);
    expect(foldProblems(heardIn(name))).toEqual([]);
  });

  test.each(SCENE_NAMES)("%s, as JSON in between", (name) => {
    expect(foldProblems(heardIn(name).map(({ record, live }) => ({ record: asJson(record), live })))).toEqual([]);
  });

  test("pieces of streaming text are not needed", () => {
    for (const name of SCENE_NAMES) {
      expect(foldProblems(heardIn(name).filter(({ record }) => record.event !== "response_delta"))).toEqual([]);
    }
  });
});

/** A recording in which each record may have been changed. */
const changed = (name: string, change: (record: Changeable) => object): Witnessed[] =>
  heardIn(name).map(({ record, live }) => ({ record: change({ ...record }) as EventRecord, live }));

type Changeable = EventRecord & { readonly [F in keyof Facts]?: Facts[F] };

function without(fact: keyof Facts) {
  return ({ [fact]: _fact, ...rest }: Changeable): object => rest;
}

describe("without a fact, or with another, it is not", () => {
  const DROPPED: readonly (readonly [keyof Facts, FoldRule])[] = [
    ["origin", "fold_missing"],
    ["origin", "fold_tree"],
    ["program", "fold_program"],
    ["model", "fold_tokens"],
    ["bill", "fold_tokens"],
    ["bill", "fold_cost"],
    ["bill", "fold_context"],
    ["message", "fold_conversation"],
    ["results", "fold_conversation"],
  ];
  test.each(DROPPED)("%s dropped: %s", (fact, rule) => {
    expect(rulesOf(changed("forks that cost", without(fact)))).toContain(rule);
  });

  type Bent = readonly [what: string, rule: FoldRule, bend: (record: Changeable) => object];
  const bill = (bend: (bill: NonNullable<Facts["bill"]>) => object) => (record: Changeable) =>
    record.bill === undefined ? record : { ...record, bill: { ...record.bill, ...bend(record.bill) } };
  const BENT: readonly Bent[] = [
    ["a token more", "fold_tokens", bill(({ outputTokens }) => ({ outputTokens: outputTokens + 1 }))],
    ["a cached token more", "fold_tokens", bill(({ cachedTokens }) => ({ cachedTokens: cachedTokens + 1 }))],
    ["a millionth of a cent more", "fold_cost", bill(({ usdCost }) => ({ usdCost: usdCost + 1e-8 }))],
    ["a flag less", "fold_flags", bill(() => ({ flags: [] }))],
    ["not priced", "fold_flags", bill(() => ({ isUnpriced: true }))],
    ["counted though it was not", "fold_context", bill(({ isCounted }) => ({ isCounted: !isCounted }))],
    [
      "another model",
      "fold_flags",
      (record) => (record.model === undefined ? record : { ...record, model: { ...record.model, name: "other" } }),
    ],
    [
      "a message fewer inherited",
      "fold_conversation",
      (record) =>
        record.origin?.kind !== "fork"
          ? record
          : { ...record, origin: { ...record.origin, inheritedMessages: record.origin.inheritedMessages - 1 } },
    ],
    [
      "no fork, but spawned",
      "fold_context",
      (record) =>
        record.origin?.kind === "fork" ? { ...record, origin: { ...record.origin, kind: "spawn" } } : record,
    ],
    [
      "no call that made it",
      "fold_breakdown",
      ({ callId, ...record }) => (record.origin ? record : { callId, ...record }),
    ],
    ["another text", "fold_answer", (record) => (record.event === "response" ? { ...record, text: "other" } : record)],
    [
      "another turn's end",
      "fold_under_way",
      (record) => (record.event === "api_error" ? { ...record, event: "stderr_write", text: "" } : record),
    ],
  ];
  test.each(BENT)("%s: %s", (_what, rule, bend) => {
    expect(rulesOf(changed("forks that cost", bend))).toContain(rule);
  });

  test("an event that is missing", () => {
    const cut = (event: string) => heardIn("forks that cost").filter(({ record }) => record.event !== event);
    expect(rulesOf(cut("run_start"))).toContain("fold_conversation");
    expect(rulesOf(cut("turn_end"))).toContain("fold_conversation");
    expect(rulesOf(cut("api_response"))).toContain("fold_tokens");
    expect(rulesOf(cut("api_error"))).toContain("fold_flags");
    expect(rulesOf(cut("process_start"))).toContain("fold_missing");
  });
});

describe("what is under way", () => {
  test("a call, the child that it made, and the child's request", async () => {
    const reached = gate();
    const go = gate();
    const hold = anyTool("hold", async (args, { process }) => {
      const child = await process.forkProcess({ name: "helper" });
      const running = child.run(String(args.prompt));
      reached.open();
      await go.opened;
      await running;
    });
    const model = scripted({
      root: [
        { text: "one moment", toolCalls: [{ id: "c1", name: "hold", args: { prompt: "dig" } }] },
        { text: "done" },
      ],
      child: [{ text: "found", delayMs: 20 }],
    });
    const proc = await new LLMProgram({ model, tools: [hold], systemPrompt: "Be brief." }).start();
    const records = recordsOf(proc);
    const running = proc.run("go", { metadata: { user: "u1" } });
    await reached.opened;
    const folded = fold(records.map(asJson));
    const root = folded.process(proc.id);
    const child = folded.process(`${proc.id}.1`);
    expect(root?.run).toMatchObject({
      runId: `${proc.id}.r1`,
      prompt: "go",
      metadata: { user: "u1" },
      turn: 1,
      isInTurn: true,
      attempt: undefined,
      message: { role: "assistant", text: "one moment" },
      calls: [{ callId: "c1", toolName: "hold", toolArgs: { prompt: "dig" }, children: [`${proc.id}.1`] }],
      lastMessage: "one moment",
    });
    expect(root?.openChildren).toEqual([`${proc.id}.1`]);
    expect(root?.program).toMatchObject({ systemPrompt: "Be brief.", tools: ["hold"] });
    expect(child?.process).toMatchObject({ name: "helper", parentId: proc.id, depth: 1 });
    expect(child?.origin).toMatchObject({ kind: "fork", inheritedMessages: 1 });
    expect(child?.run?.prompt).toBe("dig");
    go.open();
    await running;
    await proc.close();
    const over = fold(records).process(proc.id);
    expect(over).toMatchObject({ run: undefined, isEnded: true, openChildren: [], runCount: 1, childCount: 1 });
  });

  test("a request that failed, and the attempt that is to follow", async () => {
    const model = scripted([{ error: { status: 529 } }, { text: "done" }]);
    const retry = { maxAttempts: 2, initialDelayMs: 5, maxDelayMs: 5 };
    const proc = await new LLMProgram({ model, retry }).start();
    const records = recordsOf(proc);
    let seen: unknown;
    proc.on("api_error", () => {
      seen = fold(records).process(proc.id)?.run;
    });
    await proc.run("go");
    expect(seen).toMatchObject({ attempt: undefined, retry: { attempt: 2, maxAttempts: 2 } });
  });

  test("a conversation that a root was given stands before its prompt", async () => {
    const messages: Message[] = [
      { role: "user", content: [{ type: "text", text: "hello" }] },
      { role: "assistant", content: [], text: "hi" },
    ];
    const proc = await new LLMProgram({ model: scripted([{ text: "done" }]) }).start({ messages });
    const records = recordsOf(proc);
    await proc.run("go");
    const [start] = records;
    expect(start).toMatchObject({ event: "process_start", origin: { kind: "root", inheritedMessages: 0, messages } });
    expect(fold(records).process(proc.id)?.messages).toEqual(proc.messages);
  });

  test("a fold that misses the beginning says so", async () => {
    const proc = await new LLMProgram({ model: scripted([{ text: "a" }, { text: "b" }]) }).start();
    await proc.run("one");
    const records = recordsOf(proc);
    await proc.run("two");
    expect(fold(records).process(proc.id)?.isWhole).toBe(false);
    expect(fold([]).process(proc.id)).toBeUndefined();
  });
});

test("a fault of a callback at the end of what was denied is told without the veto: it counts once", async () => {
  const model = scripted([{ toolCalls: [{ name: "spawn", args: { prompt: "a" } }] }, { text: "done" }]);
  const proc = await new LLMProgram({ model, tools: ["spawn"] }).start();
  proc.on("process_start", ({ depth }) => {
    if (depth > 0) throw new Veto("no children");
  });
  proc.addCallback({
    process_end() {
      throw new Error("a bug");
    },
    callback_error() {},
  });
  const heard: Witnessed[] = [];
  proc.on("*", (record, { process }) => heard.push(witness(record, process)));
  expect((await proc.run("go")).vetoes).toHaveLength(1);
  await proc.close();
  expect(heard.some(({ record }) => record.event === "callback_error")).toBe(true);
  expect(heard.filter(({ record }) => record.veto !== undefined)).toHaveLength(1);
  expect(foldProblems(heard)).toEqual([]);
});

test("what a host's child is denied is no veto of the run that its parent works for", async () => {
  const hold = anyTool("hold", async (_args, { process }) => {
    const child = await process.forkProcess();
    // Host code may fork a tool's child: that one works for no run.
    await expect(child.forkProcess()).rejects.toMatchObject({ code: "child_denied" });
  });
  const proc = await new LLMProgram({
    model: scripted([{ toolCalls: [{ name: "hold" }] }, { text: "done" }]),
    tools: [hold],
  }).start();
  proc.on("process_start", ({ depth }) => {
    if (depth === 2) throw new Veto("not so deep");
  });
  const heard: Witnessed[] = [];
  proc.on("*", (record, { process }) => heard.push(witness(record, process)));
  const result = await proc.run("go");
  await proc.close();
  expect(result.vetoes).toEqual([]);
  expect(heard.some(({ record }) => record.veto !== undefined)).toBe(true);
  expect(foldProblems(heard)).toEqual([]);
});

test("the same program has the same hash in every process of it, and another text another", async () => {
  const startOf = async (systemPrompt: string) => {
    const proc = await new LLMProgram({ model: scripted([{ text: "a" }]), systemPrompt }).start();
    const records = recordsOf(proc);
    await proc.run("go");
    return (records[0] as JsonObject & EventRecord).program?.hash;
  };
  expect(await startOf("a")).toBe(await startOf("a"));
  expect(await startOf("a")).not.toBe(await startOf("b"));
});
