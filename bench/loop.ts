import type { StandardSchemaV1 } from "@standard-schema/spec";
import { LLMProgram, tool } from "../src/index.ts";
import { scripted } from "../src/testing.ts";
import type { Row } from "./measure.ts";

const add = {
  name: "add",
  description: "Adds two numbers.",
  parameters: { type: "object", properties: { a: { type: "number" }, b: { type: "number" } }, required: ["a", "b"] },
  execute: ({ a, b }: { a: number; b: number }) => a + b,
} as const;

const call = { toolCalls: [{ name: "add", args: { a: 1, b: 2 } }], usage: { inputTokens: 100, outputTokens: 10 } };

let heard = 0;
const callbacks = (count: number) =>
  Array.from({ length: count }, () => ({
    tool_start(name: string) {
      heard += name.length;
    },
    tool_end(name: string) {
      heard += name.length;
    },
    api_request() {
      heard++;
    },
    turn_end() {
      heard++;
    },
  }));

/** The loop that anybody writes by hand: the same replies, the same tool, the same callbacks, no contract. */
async function floorRun(steps: number, listeners: ReturnType<typeof callbacks>): Promise<void> {
  const messages: unknown[] = [{ role: "user", content: "go" }];
  const tools = new Map([["add", add]]);
  let step = 0;
  const send = async (_messages: readonly unknown[]) => {
    step++;
    return step > steps
      ? { text: "done", toolCalls: [] }
      : { text: "", toolCalls: [{ id: `call_${step}`, name: "add", args: { a: 1, b: 2 } }] };
  };
  for (;;) {
    for (const listener of listeners) listener.api_request();
    const reply = await send(messages);
    messages.push({ role: "assistant", content: reply });
    if (reply.toolCalls.length === 0) return;
    const results = await Promise.all(
      reply.toolCalls.map(async ({ id, name, args }) => {
        for (const listener of listeners) listener.tool_start(name);
        const content = String(await tools.get(name)?.execute(args));
        for (const listener of listeners) listener.tool_end(name);
        return { id, content };
      }),
    );
    messages.push({ role: "user", content: results });
    for (const listener of listeners) listener.turn_end();
  }
}

function program(steps: number): LLMProgram {
  const replies = [...Array.from({ length: steps }, () => call), { text: "done" }];
  return new LLMProgram({
    model: scripted(replies, { repeat: true }),
    tools: [tool(add)],
    limits: { turns: 1_000_000 },
  });
}

async function ourProcess(steps: number, listeners: ReturnType<typeof callbacks>): Promise<() => Promise<unknown>> {
  const proc = await program(steps).start({ callbacks: listeners });
  return () => proc.run("go");
}

interface Cost {
  readonly cpuUs: number;
  readonly bytes: number;
}

/** CPU time and memory of one step, the best of several rounds: what disturbs a round only makes it dearer. */
async function costOf(prepare: () => Promise<() => Promise<unknown>>, steps: number, rounds: number): Promise<Cost> {
  let cpuUs = Number.POSITIVE_INFINITY;
  const bytes: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const run = await prepare();
    globalThis.gc?.();
    const heap = process.memoryUsage().heapUsed;
    const cpu = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(cpu);
    const grown = process.memoryUsage().heapUsed - heap;
    cpuUs = Math.min(cpuUs, (user + system) / steps);
    bytes.push(grown / steps);
  }
  return { cpuUs, bytes: bytes.toSorted((a, b) => a - b).at(-1) ?? 0 };
}

/** One step (an instant reply with one tool call), side by side with the loop written by hand. */
export async function loopRows(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const count of [0, 3]) {
    const listeners = callbacks(count);
    const steps = 500;
    const floor = await costOf(async () => () => floorRun(steps, listeners), steps, 200);
    const ours = await costOf(() => ourProcess(steps, listeners), steps, 200);
    rows.push({
      what: `one step, ${count} callbacks`,
      floor: `${floor.cpuUs.toFixed(2)} µs`,
      ours: `${ours.cpuUs.toFixed(2)} µs`,
      ratio: ours.cpuUs / floor.cpuUs,
      over: `${(ours.bytes / 1000).toFixed(1)} kB a step`,
    });
  }
  const at500 = await costOf(() => ourProcess(500, []), 500, 100);
  const at5000 = await costOf(() => ourProcess(5000, []), 5000, 20);
  rows.push({
    what: "a step at 5,000 against one at 500",
    floor: `${at500.cpuUs.toFixed(2)} µs`,
    ours: `${at5000.cpuUs.toFixed(2)} µs`,
    ratio: at5000.cpuUs / at500.cpuUs,
  });
  return rows;
}
