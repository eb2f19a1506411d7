// isolated: it counts what its worker has under way.
import { getEventListeners } from "node:events";
import { getActiveResourcesInfo } from "node:process";
import type { EventRecord, JsonObject, LLMProcess, Message, Model, RunError, RunResult } from "llmproc";
import { LLMProgram } from "llmproc";
import type { ScriptedStep } from "llmproc/testing";
import { checkEvents, scripted } from "llmproc/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { anthropic } from "../../src/models/anthropic/anthropic.ts";
import { anthropicServer } from "../support/anthropic-server.ts";
import { chatCompletionsProblems, messagesApiProblems } from "../support/provider-rules.ts";
import { sampleOf } from "../support/sample.ts";
import type { WireServer } from "../support/wire-server.ts";
import { anyTool, inTime, settled } from "./harness.ts";

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const soon = (act: () => void) => new Promise<void>((resolve) => setImmediate(() => resolve(act())));
const call = (name: string, args: JsonObject = {}) => ({ name, args });

/** How many replies there are since the last prompt: a script for each process, whatever else takes from the list. */
const turnOf = (messages: readonly Message[]) =>
  messages.length - messages.findLastIndex(({ role }) => role === "user") - 1;

const family = (text: string) => ({
  text,
  delayMs: 4,
  toolCalls: [
    call("slow"),
    call("fork", { prompts: ["a", "b"] }),
    call("quick"),
    call("spawn", { prompt: "c" }),
    call("abandon"),
  ],
});

/** Streaming text, parallel tools that take time, forks and a spawned process that use tools, a retry, two more turns. */
function busyModel(): Model {
  const failed = new Set<number>();
  const step: ScriptedStep = ({ messages, depth }) => {
    const turn = turnOf(messages);
    if (depth > 0) return turn === 0 ? { text: "I will see", delayMs: 2, toolCalls: [call("slow")] } : { text: "seen" };
    if (turn === 0) return family("let me look at this");
    if (turn === 2 && !failed.has(messages.length)) {
      failed.add(messages.length);
      return { error: { status: 529 }, delayMs: 1 };
    }
    if (turn === 2) return { text: "and at that", delayMs: 2, toolCalls: [call("quick"), call("slow")] };
    return { text: "all done", delayMs: 2 };
  };
  const model = scripted([step], { repeat: true });
  return {
    ...model,
    // Blocks as the Messages API has them, so that the conversation can go to it.
    async send(conversation, io) {
      const reply = await model.send(conversation, io);
      return { ...reply, content: reply.content.map(anthropicBlock) };
    },
  };
}

function anthropicBlock(block: JsonObject): JsonObject {
  const { type, id = null, name = null, args = null } = block;
  return type === "tool_call" ? { type: "tool_use", id, name, input: args } : block;
}

const slow = anyTool("slow", async (_args, { signal }) => {
  await pause(3);
  return signal.aborted ? "too late" : "slowly";
});
const quick = anyTool("quick", () => "quickly");
/** Leaves a child behind, whose run is under way. */
const abandon = anyTool("abandon", async (_args, { process }) => {
  const child = await process.forkProcess();
  child.run("on your own").catch(() => undefined);
});
const tools = [slow, quick, abandon, "fork", "spawn"];
const retry = { maxAttempts: 3, initialDelayMs: 1, maxDelayMs: 1 };

/** What is done to the run right after its k-th event, and what `run()` then comes to. */
interface Way {
  readonly end: (proc: LLMProcess, aborter: AbortController) => unknown;
  /** What is awaited by the handler itself. */
  readonly asyncHandler?: boolean;
  readonly outcomes: readonly string[];
  readonly closes?: boolean;
}

const WAYS: Readonly<Record<string, Way>> = {
  "an abort in a handler": { end: (_proc, aborter) => aborter.abort(), outcomes: ["aborted", "end"] },
  "an abort in an async handler": {
    end: async (_proc, aborter) => {
      await null;
      aborter.abort("no error");
    },
    asyncHandler: true,
    outcomes: ["aborted", "end"],
  },
  "an abort from outside": {
    end: (_proc, aborter) => soon(() => aborter.abort()),
    outcomes: ["aborted", "end"],
  },
  "an abort after some time": {
    end: (_proc, aborter) => pause(2).then(() => aborter.abort()),
    outcomes: ["aborted", "end"],
  },
  "two aborts": {
    end: (_proc, aborter) => {
      aborter.abort(new Error("once"));
      aborter.abort(new Error("twice"));
    },
    outcomes: ["aborted", "end"],
  },
  "stop()": { end: (proc) => proc.stop(), outcomes: ["stopped", "end"] },
  "stop() from outside": { end: (proc) => soon(() => proc.stop()), outcomes: ["stopped", "end"] },
  "stop(), then an abort": {
    end: (proc, aborter) => {
      proc.stop();
      return soon(() => aborter.abort());
    },
    outcomes: ["aborted", "stopped", "end"],
  },
  "an abort, then stop()": {
    end: (proc, aborter) => {
      aborter.abort();
      proc.stop();
    },
    outcomes: ["aborted", "end"],
  },
  "a second run()": {
    end: (proc) => expect(proc.run("second")).rejects.toMatchObject({ code: "process_busy" }),
    outcomes: ["end"],
  },
  "close()": { end: (proc) => void proc.close(), outcomes: ["aborted", "end"], closes: true },
  "close() from outside": {
    end: (proc) => soon(() => void proc.close()),
    outcomes: ["aborted", "end"],
    closes: true,
  },
  "an abort, then close()": {
    end: (proc, aborter) => {
      aborter.abort();
      void proc.close();
    },
    outcomes: ["aborted", "end"],
    closes: true,
  },
  "stop(), then close()": {
    end: (proc) => {
      proc.stop();
      return soon(() => void proc.close());
    },
    outcomes: ["aborted", "stopped", "end"],
    closes: true,
  },
  "close() of all at once": {
    end: (proc) => void Promise.all([proc.close(), proc.close()]),
    outcomes: ["aborted", "end"],
    closes: true,
  },
};

/** How much of what a process could leave keeps Node busy; the pipes of the test runner come and go. */
const busyWith = (kind: string) => getActiveResourcesInfo().filter((one) => one.startsWith(kind)).length;
const KINDS = ["Timeout", "Immediate", "TCP", "TLS"];

let server: WireServer;
beforeAll(async () => {
  server = await anthropicServer(Array.from({ length: 20_000 }, () => ({ message: { content: [HELLO] } })));
});
afterAll(() => server[Symbol.asyncDispose]());
const HELLO = { type: "text", text: "hello" };

/** Sends each conversation to the Messages API of this machine, as that of a new process, and judges what arrives. */
async function expectAccepted(conversations: readonly (readonly Message[])[]): Promise<void> {
  const model = anthropic({ name: "claude-test", apiKey: "test-key", baseURL: server.url });
  const program = new LLMProgram({ model, pricing: { inputUsdPerMillion: 1, outputUsdPerMillion: 1 } });
  for (const messages of conversations) {
    await using proc = await program.start({ messages });
    await proc.run("go on");
    const body = server.requests.at(-1)?.body ?? {};
    expect(messagesApiProblems(body)).toEqual([]);
    const prompt: Message = { role: "user", content: [{ type: "text", text: "go on" }] };
    expect(chatCompletionsProblems([...messages, prompt])).toEqual([]);
  }
}

/** The longest that a run with an end in it is. */
async function lengthOfRun(): Promise<number> {
  const proc = await new LLMProgram({ model: busyModel(), tools, retry }).start();
  let heard = 0;
  proc.on("*", () => heard++);
  await proc.run("go");
  await proc.close();
  return heard;
}

interface Ended {
  readonly outcome: string;
  readonly messages: readonly Message[];
}

async function endAfter(k: number, { end, asyncHandler = false, closes = false }: Way): Promise<Ended> {
  const proc = await new LLMProgram({ model: busyModel(), tools, retry }).start();
  const aborter = new AbortController();
  const records: EventRecord[] = [];
  const ends: unknown[] = [];
  proc.on("*", (record) => {
    records.push(record);
    if (records.length === k && !asyncHandler) ends.push(end(proc, aborter));
  });
  proc.on("*", async () => {
    if (records.length === k && asyncHandler) await end(proc, aborter);
    await null;
  });
  const outcome = await inTime(
    proc.run("go", { signal: aborter.signal }).then(
      ({ stopReason }: RunResult) => String(stopReason),
      (error: RunError) => error.stopReason,
    ),
  );
  await Promise.all(ends);
  // Runs differ in length: one that was over before its k-th event was left alone.
  if (records.length < k) return { outcome, messages: proc.messages };
  expect(getEventListeners(aborter.signal, "abort")).toEqual([]);
  expect(checkEvents(records, { partial: true })).toEqual([]);
  const count = (wanted: string) =>
    records.filter(({ event, process }) => event === wanted && process.depth > 0).length;
  expect(count("process_end")).toBe(count("process_start"));
  const { messages } = proc;
  // An abort before the guards of the very first event have answered closes the process: nobody has let it start.
  const unstarted = k === 1 && outcome === "aborted" && records.at(-1)?.event === "process_end";
  if (!closes && !unstarted) expect((await inTime(proc.run("go on"))).stopReason).toBe("end");
  await inTime(proc.close());
  await expect(proc.run("closed")).rejects.toMatchObject({ code: "process_closed" });
  expect(checkEvents(records)).toEqual([]);
  return { outcome, messages };
}

describe("right after the k-th event, for a seventh of them here and for each in the soak,", () => {
  for (const [name, way] of Object.entries(WAYS)) {
    test(`${name} leaves pairs complete, a conversation that goes on, and nothing that keeps Node alive`, async () => {
      const total = (await lengthOfRun()) - 1;
      expect(total).toBeGreaterThan(90);
      await settled();
      const before = KINDS.map(busyWith);
      const ended: Ended[] = [];
      const places = sampleOf(
        Array.from({ length: total }, (_, place) => place + 1),
        16,
      );
      for (let first = 0; first < places.length; first += 40) {
        ended.push(...(await Promise.all(places.slice(first, first + 40).map((k) => endAfter(k, way)))));
      }
      // Tools that were given up sleep on for 3 ms: what was set later fires later.
      await pause(10);
      await settled();
      expect(KINDS.filter((kind, place) => busyWith(kind) > (before[place] ?? 0))).toEqual([]);
      const outcomes = new Set(ended.map(({ outcome }) => outcome));
      expect([...outcomes].filter((outcome) => !way.outcomes.includes(outcome))).toEqual([]);
      if (way.outcomes.length > 1) expect(outcomes.size).toBeGreaterThan(1);
      const distinct = new Map(ended.map(({ messages }) => [shapeOf(messages), messages]));
      await expectAccepted([...distinct.values()]);
    });
  }
});

/** Conversations of one shape are accepted or refused alike. */
function shapeOf(messages: readonly Message[]): string {
  return JSON.stringify(messages, (key, value: unknown) => (/^(id|callId|tool_use_id)$/.test(key) ? "" : value));
}
