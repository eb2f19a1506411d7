import type { EventRecord, JsonObject, LLMProcess, Model, ProcessUsage, RunResult, Usage } from "llmproc";
import { LLMProgram, ModelError, Veto } from "llmproc";
import { scripted } from "llmproc/testing";
import { expect, test } from "vitest";
import { anyTool } from "./harness.ts";
import type { Options } from "./resumed.ts";
import { goOn } from "./resumed.ts";

/*
 * A process that starts from the seed of one that was under way goes on as that one did, wherever it stood. The seed was JSON
 * in between. What is random or a matter of time is left out: ids of roots, times.
 */

const usage = { inputTokens: 1000, outputTokens: 10 };
const echo = anyTool("echo", async ({ value }) => value);
const secret = anyTool("secret", () => "never said");
const refuse = {
  tool_start(name: string) {
    if (name === "secret") throw new Veto("Not for you.");
  },
};

const calls = (...named: (readonly [name: string, args: JsonObject])[]) => ({
  toolCalls: named.map(([name, args], place) => ({ id: `c${place}`, name, args })),
  usage,
});

/** What the model says next, by what stands in the conversation; it does not answer the first request for its second turn. */
function talker(failures: { left: number }, counted: unknown[] = []): Model {
  const model = scripted(
    [
      ({ messages, depth }) => {
        const replies = messages.filter(({ role }) => role === "assistant").length;
        if (depth > 0) {
          if (messages.at(-1)?.role === "user") return { text: "looking", ...calls(["echo", { value: depth }]) };
          return { text: `child done after ${messages.length}`, usage };
        }
        if (replies === 0)
          return { text: "first both", ...calls(["echo", { value: 1 }], ["secret", {}], ["echo", { value: 2 }]) };
        if (replies === 1) return calls(["fork", { prompts: ["left", "right", "wrong"] }], ["echo", { value: 3 }]);
        if (replies === 2) return { ...calls(["echo", { value: 4 }]), stopReason: "max_tokens" };
        return { text: "all done", usage };
      },
    ],
    { repeat: true },
  );
  return {
    provider: model.provider,
    name: model.name,
    bound(_payload, known) {
      counted.push(known);
      return {
        inputTokens:
          known === undefined ? 2000 : known.inputTokens + known.outputTokens + JSON.stringify(known.payload).length,
        countedTokens: 0,
        maxOutputTokens: 100,
        outputParameter: "max_tokens",
        cachesForAnHour: false,
        unbounded: [],
        offList: [],
      };
    },
    async send(conversation, io) {
      await Promise.resolve();
      if (conversation.depth > 0 && JSON.stringify(conversation.messages.at(-1)).includes("wrong")) {
        await io.beforeSend({ messages: [] });
        throw new ModelError("no such thing", { status: 400 });
      }
      const isSecond = conversation.depth === 0 && conversation.messages.length === 3;
      if (!isSecond || failures.left === 0) return await model.send(conversation, io);
      failures.left--;
      await io.beforeSend({ messages: [] });
      throw new ModelError("overloaded", { status: 529 });
    },
  };
}

const optionsWith = (model: Model): Options => ({
  model,
  tools: [echo, secret, "fork"],
  systemPrompt: "Be brief.",
  parameters: { max_tokens: 100 },
  pricing: { inputUsdPerMillion: 3, outputUsdPerMillion: 15 },
  limits: { usd: 1, tokens: 100_000 },
  retry: { maxAttempts: 3, initialDelayMs: 0, maxDelayMs: 0 },
});

test("after each event of a run, a process that starts from its seed ends as the first one did", async () => {
  const records: EventRecord[] = [];
  const first = await new LLMProgram(optionsWith(talker({ left: 1 }))).start({ callbacks: [refuse] });
  first.on("*", (record) => records.push(record));
  const result = await first.run("go", { limits: { usd: 0.9 } });
  const wanted = stateOf(first, result);
  expect(records.length).toBeGreaterThan(50);
  expect(result.vetoes).toHaveLength(1);
  expect(JSON.stringify(wanted.messages)).toContain("no such thing");

  const differing: string[] = [];
  for (let count = 1; count < records.length; count++) {
    const seen = records.slice(0, count);
    const at = `after ${count} ${seen.at(-1)?.process.id.slice(first.id.length)} ${seen.at(-1)?.event}`;
    const failed = seen.filter(({ event }) => event === "api_error").length;
    const proc = await goOn(seen, optionsWith(talker({ left: 1 - failed })), [refuse]);
    const resumed = await proc.run("go", { limits: { usd: 0.9 } });
    const state = stateOf(proc, resumed);
    try {
      expect(state).toEqual(wanted);
    } catch (error) {
      differing.push(`${at}: ${String(error).slice(0, 1500)}`);
    }
    await proc.close();
  }
  expect(differing).toEqual([]);
  await first.close();
});

test("it counts on from where that one was: runs, children, events, and the request that its bounds start from", async () => {
  const counted: unknown[] = [];
  const records: EventRecord[] = [];
  const first = await new LLMProgram(optionsWith(talker({ left: 0 }, counted))).start({ callbacks: [refuse] });
  first.on("*", (record) => records.push(record));
  await first.run("go");
  const before = counted.length;
  await first.run("again");
  const secondRun = records.findIndex(({ runId }) => runId === `${first.id}.r2`);
  const wanted = counted.slice(before);

  const seen: unknown[] = [];
  const proc = await goOn(records.slice(0, secondRun), optionsWith(talker({ left: 0 }, seen)), [refuse]);
  const heard: EventRecord[] = [];
  proc.on("*", (record) => heard.push(record));
  expect((await proc.run("again")).runId).toBe(`${first.id}.r2`);
  expect(seen).toEqual(wanted);
  expect(heard[0]).toMatchObject({ event: "run_start", seq: records[secondRun]?.seq });
  expect((await proc.forkProcess()).id).toBe(`${first.id}.4`);
  await proc.close();
  await first.close();
});

/** What must be the same; sums of dollars may be added up in another order. */
function stateOf(proc: LLMProcess, { usdCost, usdUncertain, models, processes, limits, ...rest }: RunResult) {
  const spent = (state: { spent: number; limit: number } | undefined) => [state?.limit, state?.spent.toFixed(9)];
  return {
    messages: proc.messages,
    usage: roundUsage(proc.usage),
    own: roundUsage(proc.usage.own),
    context: proc.usage.contextTokens,
    spent: [proc.limits, limits].map(({ usd, tokens }) => [spent(usd), spent(tokens)]),
    stderr: proc.stderrLog,
    run: {
      ...rest,
      durationMs: undefined,
      usd: [usdCost, usdUncertain].map((value) => value.toFixed(9)),
      models: models.map(roundModel),
    },
    processes: processes
      .map(({ processId, ...usage }: ProcessUsage) => ({ processId, ...roundUsage(usage) }))
      .toSorted((a, b) => (a.processId < b.processId ? -1 : 1)),
  };
}

function roundUsage({ usdCost, usdUncertain, inputTokens, outputTokens, apiCalls, toolCalls, flags, models }: Usage) {
  const usd = [usdCost, usdUncertain].map((value) => value.toFixed(9));
  return { usd, inputTokens, outputTokens, apiCalls, toolCalls, flags, models: models.map(roundModel) };
}

function roundModel({ usdCost, usdUncertain, ...model }: Usage["models"][number]) {
  return { ...model, usd: [usdCost, usdUncertain].map((value) => value.toFixed(9)) };
}

test("a child that a call had made ends with that call, as the first one did", async () => {
  const records: EventRecord[] = [];
  const first = await new LLMProgram(optionsWith(talker({ left: 0 }))).start({ callbacks: [refuse] });
  first.on("*", (record) => records.push(record));
  await first.run("go");
  const started = records.findIndex(({ event, process }) => event === "run_start" && process.depth === 1);
  const proc = await goOn(records.slice(0, started), optionsWith(talker({ left: 0 })), [refuse]);
  const ends: string[] = [];
  proc.on("process_end", ({ id }, { callId }) => void ends.push(`${id.slice(first.id.length)} ${callId}`));
  await proc.run("go");
  expect(ends.toSorted()).toEqual([".1 c0", ".2 c0", ".3 c0"]);
  await proc.close();
  await first.close();
});
