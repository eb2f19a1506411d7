import type { EventRecord, LLMProcess, ToolContext } from "llmproc";
import { LLMProgram } from "llmproc";
import type { ScriptedReply, ScriptedStep } from "llmproc/testing";
import { checkEvents, scripted } from "llmproc/testing";
import { expect, test } from "vitest";
import { mulberry32 } from "../support/mulberry32.ts";
import { anyTool, inTime } from "./harness.ts";

const PROCESSES = 200;
const pricing = { inputUsdPerMillion: 3, outputUsdPerMillion: 15 };

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

interface Sums {
  inputTokens: number;
  outputTokens: number;
}

/** What one process of the crowd is to do, and what its script says that it used. */
interface Member {
  readonly name: string;
  readonly script: { readonly root: readonly ScriptedStep[]; readonly child: readonly ScriptedStep[] };
  readonly root: Sums;
  readonly children: Sums;
  readonly childCount: number;
}

function member(index: number): Member {
  const random = mulberry32(index + 1);
  const name = `member ${index}`;
  const root: Sums = { inputTokens: 0, outputTokens: 0 };
  const children: Sums = { inputTokens: 0, outputTokens: 0 };
  const reply = (sums: Sums, rest: ScriptedReply): ScriptedReply => {
    const usage = { inputTokens: Math.floor(random() * 1e5), outputTokens: Math.floor(random() * 1e4) };
    sums.inputTokens += usage.inputTokens;
    sums.outputTokens += usage.outputTokens;
    return { ...rest, usage, delayMs: Math.floor(random() * 8) };
  };
  const works = (from: string) => ({
    toolCalls: Array.from({ length: 1 + Math.floor(random() * 3) }, (_, call) => ({
      id: `${name} ${from} ${call}`,
      name: "work",
      args: { owner: name, waitMs: Math.floor(random() * 6) },
    })),
  });
  const childCount = index % 3;
  const prompts = Array.from({ length: childCount }, (_, child) => `${name} child ${child}`);
  const forking = prompts.length === 0 ? [] : [{ id: `${name} fork`, name: "fork", args: { prompts } }];
  const first = works("first");
  const script = {
    root: [
      reply(root, { text: `${name} begins`, toolCalls: [...first.toolCalls, ...forking] }),
      reply(root, works("second")),
      reply(root, { text: `${name} is done` }),
    ],
    child: [
      ...prompts.map((prompt) => reply(children, { text: prompt, ...works(prompt) })),
      ...prompts.map((prompt) => reply(children, { text: `${prompt} is done` })),
    ],
  };
  return { name, script, root, children, childCount };
}

interface Heard {
  readonly records: EventRecord[];
  readonly slow: EventRecord[];
  readonly strays: string[];
}

/** A sync listener, an async one that dawdles, and an async guard, for one process and its children. */
function listen(proc: LLMProcess, index: number): Heard {
  const random = mulberry32(1000 + index);
  const heard: Heard = { records: [], slow: [], strays: [] };
  proc.on("*", (record, info) => {
    heard.records.push(record);
    if (record.process.rootId !== proc.id || info.process.rootId !== proc.id) heard.strays.push(record.process.id);
  });
  proc.on(
    "*",
    async (record) => {
      if (random() < 0.2) await pause(random() * 3);
      heard.slow.push(record);
    },
    { observe: true },
  );
  proc.on("tool_start", async (_name, args, { process }) => {
    await pause(random() * 3);
    if ("owner" in args && args.owner !== process.name) heard.strays.push(`${String(args.owner)} in ${process.name}`);
  });
  return heard;
}

/** Every event names the run, the turn and the call that it belongs to. */
function expectTied(records: readonly EventRecord[], { name, childCount }: Member): void {
  const texts = records.flatMap((record) => (record.event === "response" ? [record.text] : []));
  expect(texts.every((text) => text.startsWith(name))).toBe(true);
  expect(texts).toHaveLength(2 + 2 * childCount);
  for (const record of records) {
    expect(record.process.name).toBe(name);
    if (record.runId !== undefined) expect(record.runId).toBe(`${record.process.id}.r1`);
    if (record.callId !== undefined) expect(record.callId.startsWith(`${name} `)).toBe(true);
    if (record.event === "tool_end" && record.toolName === "work") {
      expect(record.result.content).toBe(`${record.process.id} ${record.callId}`);
    }
  }
}

test("two hundred processes at once, with forks, tools and slow callbacks, never mix anything up", async () => {
  const work = anyTool("work", async ({ waitMs }, { process, callId }: ToolContext) => {
    await pause(Number(waitMs));
    process.writeStderr(callId);
    return `${process.id} ${callId}`;
  });
  const crowd = await Promise.all(
    Array.from({ length: PROCESSES }, async (_, index) => {
      const one = member(index);
      const model = scripted(one.script);
      const proc = await new LLMProgram({ name: one.name, model, tools: [work, "fork"], pricing }).start();
      return { one, model, proc, heard: listen(proc, index) };
    }),
  );
  const results = await inTime(Promise.all(crowd.map(({ proc, one }) => proc.run(one.name))), 50_000);
  await Promise.all(crowd.map(({ proc }) => proc.close()));

  const all = crowd.flatMap(({ heard }) => heard.records);
  expect(checkEvents(all)).toEqual([]);
  let usdCost = 0;
  let expectedUsd = 0;
  for (const [index, { one, model, proc, heard }] of crowd.entries()) {
    expect(heard.strays).toEqual([]);
    expectTied(heard.records, one);
    const result = results[index];
    expect(result?.lastMessage).toBe(`${one.name} is done`);
    expect(result).toMatchObject({
      inputTokens: one.root.inputTokens + one.children.inputTokens,
      outputTokens: one.root.outputTokens + one.children.outputTokens,
      apiCalls: 3 + 2 * one.childCount,
    });
    expect(result?.processes[0]).toMatchObject({ processId: proc.id, ...one.root });
    expect(result?.processes).toHaveLength(1 + one.childCount);
    expect(result?.processes.reduce((sum, each) => sum + each.usdCost, 0)).toBeCloseTo(result?.usdCost ?? -1, 9);
    expect(proc.usage).toMatchObject({ inputTokens: result?.inputTokens, outputTokens: result?.outputTokens });
    expect(model.unused).toBe(0);
    usdCost += result?.usdCost ?? 0;
    expectedUsd += ((one.root.inputTokens + one.children.inputTokens) * 3) / 1e6;
    expectedUsd += ((one.root.outputTokens + one.children.outputTokens) * 15) / 1e6;
  }
  expect(usdCost).toBeCloseTo(expectedUsd, 9);
});

test("in the crowd, a callback that dawdles hears every event of each process, in its order", async () => {
  const heard = await Promise.all(
    Array.from({ length: 30 }, async (_, index) => {
      const one = member(index * 3 + 2);
      const work = anyTool("work", ({ waitMs }) => pause(Number(waitMs)));
      const proc = await new LLMProgram({ name: one.name, model: scripted(one.script), tools: [work, "fork"] }).start();
      const both = listen(proc, index);
      await proc.run(one.name);
      await proc.close();
      return both;
    }),
  );
  const ofEach = (records: readonly EventRecord[]) => {
    const lists = new Map<string, string[]>();
    for (const { event, process, callId } of records) {
      // Pieces of text may come joined.
      if (event !== "response_delta") lists.set(process.id, [...(lists.get(process.id) ?? []), `${event} ${callId}`]);
    }
    return lists;
  };
  for (const { records, slow } of heard) expect(ofEach(slow)).toEqual(ofEach(records));
});
