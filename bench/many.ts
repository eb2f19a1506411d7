import { setTimeout as sleep } from "node:timers/promises";
import type { Message } from "../src/index.ts";
import { LLMProgram, tool } from "../src/index.ts";
import { scripted } from "../src/testing.ts";
import { freeAdd } from "./free-add.ts";
import type { Row } from "./measure.ts";
import { settledNanosecondsOf } from "./measure.ts";

const STEPS = 5;
const MODEL_MS = 50;

let heard = 0;
const listener = () => ({
  tool_end(name: string) {
    heard += name.length;
  },
  api_request() {
    heard++;
  },
  turn_end() {
    heard++;
  },
});

/** What anybody would write: the same waits, the same callbacks, no contract. */
async function floorProcess(listeners: readonly ReturnType<typeof listener>[]): Promise<void> {
  const messages: unknown[] = [];
  for (let step = 1; step <= STEPS; step++) {
    for (const one of listeners) one.api_request();
    await sleep(MODEL_MS);
    messages.push({ role: "assistant", content: [{ type: "tool_use", name: "add", input: { a: 1, b: 2 } }] });
    for (const one of listeners) one.tool_end("add");
    messages.push({ role: "user", content: [{ type: "tool_result", content: "3" }] });
    for (const one of listeners) one.turn_end();
  }
}

const call = { toolCalls: [{ name: "add", args: { a: 1, b: 2 } }], delayMs: MODEL_MS };
const replies = [...Array.from({ length: STEPS - 1 }, () => call), { text: "done", delayMs: MODEL_MS }];
const add = tool(freeAdd);

function program(): LLMProgram {
  return new LLMProgram({ model: scripted(replies), tools: [add] });
}

interface Cost {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly megabytes: number;
}

async function costOf(run: () => Promise<unknown>): Promise<Cost> {
  globalThis.gc?.();
  const heap = process.memoryUsage().heapUsed;
  let peak = heap;
  const sampler = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().heapUsed);
  }, 20);
  const cpu = process.cpuUsage();
  const start = performance.now();
  await run();
  const wallMs = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  clearInterval(sampler);
  return { wallMs, cpuMs: (user + system) / 1000, megabytes: (peak - heap) / 1e6 };
}

const listeners = [listener(), listener(), listener()];

function oursAtOnce(count: number): () => Promise<unknown> {
  const programs = Array.from({ length: count }, program);
  return () => Promise.all(programs.map(async (ready) => (await ready.start({ callbacks: listeners })).run("go")));
}

function floorAtOnce(count: number): Promise<unknown> {
  return Promise.all(Array.from({ length: count }, () => floorProcess(listeners)));
}

/** The first 1,000 processes, at once. */
export const firstProcesses = { floor: async () => () => floorAtOnce(1000), ours: async () => oursAtOnce(1000) };

/** So many processes at once, a model that takes 50 ms, 5 steps, 3 callbacks. */
export async function manyRows(): Promise<Row[]> {
  await floorAtOnce(1000);
  const idealMs = STEPS * MODEL_MS;
  let thousand = await costOf(oursAtOnce(1000));
  for (let round = 0; round < 5; round++) {
    const again = await costOf(oursAtOnce(1000));
    if (again.wallMs < thousand.wallMs) thousand = again;
  }
  const floor10 = await costOf(() => floorAtOnce(10_000));
  const ours10 = await costOf(oursAtOnce(10_000));
  if (heard === 0) throw new Error("nobody heard anything");
  return [
    row("1,000 processes at once, against the ideal", idealMs, thousand.wallMs, `${thousand.megabytes.toFixed(0)} MB`),
    row(
      "10,000 processes at once, CPU",
      floor10.cpuMs,
      ours10.cpuMs,
      `${ours10.megabytes.toFixed(0)} MB, ${ours10.wallMs.toFixed(0)} ms`,
    ),
  ];
}

function row(what: string, floorMs: number, oursMs: number, more: string): Row {
  return { what, floor: `${floorMs.toFixed(0)} ms`, ours: `${oursMs.toFixed(0)} ms`, ratio: oursMs / floorMs, more };
}

/** A fork of a process with 1,000 messages, against a promise that is awaited. */
export async function forkRows(): Promise<Row[]> {
  const messages = Array.from({ length: 1000 }, (_, place): Message => {
    const text = `message ${place}`;
    return place % 2 === 0
      ? { role: "user", content: [{ type: "text", text }] }
      : { role: "assistant", content: [], text };
  });
  const parent = await new LLMProgram({ model: scripted([]) }).start({ messages });
  const floorNs = await settledNanosecondsOf(async () => {
    await Promise.resolve();
  });
  const oursNs = await settledNanosecondsOf(
    async () => {
      const child = await parent.forkProcess();
      await child.close();
    },
    { rounds: 5, calls: 5000 },
  );
  const ns = (value: number) => `${(value / 1000).toFixed(2)} µs`;
  return [{ what: "fork and close, 1,000 messages", floor: ns(floorNs), ours: ns(oursNs), ratio: oursNs / floorNs }];
}
