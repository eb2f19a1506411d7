import { LLMProgram, tool } from "../src/index.ts";
import { scripted } from "../src/testing.ts";
import { freeAdd as add } from "./free-add.ts";
import type { Row } from "./measure.ts";

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

/**
 * The loop that anybody writes by hand for the same job: it keeps the conversation in blocks, makes a body for each
 * request, adds up the usage, survives a tool that throws, times it, and calls the same callbacks. No contract.
 */
async function floorRun(steps: number, listeners: ReturnType<typeof callbacks>): Promise<unknown> {
  const messages: unknown[] = [{ role: "user", content: [{ type: "text", text: "go" }] }];
  const tools = new Map([["add", add]]);
  const used = { inputTokens: 0, outputTokens: 0, toolMs: 0 };
  for (let step = 1; ; step++) {
    const body = { model: "floor", system: "", messages, tools: [...tools.values()] };
    for (const listener of listeners) listener.api_request();
    const reply = await floorReply(step > steps, step, body);
    used.inputTokens += reply.usage.inputTokens;
    used.outputTokens += reply.usage.outputTokens;
    messages.push({ role: "assistant", content: reply.content });
    const calls = reply.content.filter((block) => block.type === "tool_use");
    if (calls.length === 0) return used;
    const content = await Promise.all(
      calls.map(async ({ id, name, input }) => {
        for (const listener of listeners) listener.tool_start(name);
        const start = performance.now();
        let result: { type: string; id: string; content: string; isError: boolean };
        try {
          const value: unknown = await tools.get(name)?.execute(input);
          result = { type: "tool_result", id, content: JSON.stringify(value), isError: false };
        } catch (error) {
          result = { type: "tool_result", id, content: String(error), isError: true };
        }
        used.toolMs += performance.now() - start;
        for (const listener of listeners) listener.tool_end(name);
        return result;
      }),
    );
    messages.push({ role: "user", content });
    for (const listener of listeners) listener.turn_end();
  }
}

async function floorReply(last: boolean, step: number, _body: object) {
  const usage = { inputTokens: 100, outputTokens: 10 };
  if (last) return { content: [], usage };
  return { content: [{ type: "tool_use", id: `call_${step}`, name: "add", input: { a: 1, b: 2 } }], usage };
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

type Prepare = () => Promise<() => Promise<unknown>>;

/** The first 50 steps of a process, with three callbacks. */
export const firstSteps = {
  floor: async () => () => floorRun(50, callbacks(3)),
  ours: () => ourProcess(50, callbacks(3)),
};

/** CPU time of one step (all threads of the process), the best of many rounds: what disturbs one only makes it dearer. */
async function cpuUsOf(prepare: Prepare, steps: number, rounds: number): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const runs = await Promise.all(Array.from({ length: 10 }, prepare));
    const before = process.cpuUsage();
    for (const run of runs) await run();
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / (steps * runs.length));
  }
  return best;
}

/** What one step allocates, in kB, the median of some rounds; a round in which the collector ran does not count. */
async function kilobytesOf(prepare: Prepare, steps: number): Promise<number> {
  const grown: number[] = [];
  for (let round = 0; round < 40; round++) {
    const run = await prepare();
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    await run();
    const bytes = process.memoryUsage().heapUsed - before;
    if (bytes > 0) grown.push(bytes / steps / 1000);
  }
  return grown.toSorted((a, b) => a - b)[grown.length >> 1] ?? Number.NaN;
}

/** One step (an instant reply with one tool call), side by side with the loop written by hand. */
export async function loopRows(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const count of [0, 3]) {
    const listeners = callbacks(count);
    const steps = 500;
    const floorUs = await cpuUsOf(async () => () => floorRun(steps, listeners), steps, 40);
    const ours: Prepare = () => ourProcess(steps, listeners);
    const oursUs = await cpuUsOf(ours, steps, 40);
    const kilobytes = await kilobytesOf(ours, steps);
    rows.push({
      what: `one step, ${count} callbacks`,
      ...us(floorUs, oursUs),
      more: `${kilobytes.toFixed(1)} kB a step`,
    });
  }
  const at500 = await cpuUsOf(() => ourProcess(500, []), 500, 20);
  const at5000 = await cpuUsOf(() => ourProcess(5000, []), 5000, 5);
  rows.push({ what: "a step at 5,000 against one at 500", ...us(at500, at5000) });
  if (heard === 0) throw new Error("nobody heard anything");
  return rows;
}

function us(floorUs: number, oursUs: number): Pick<Row, "floor" | "ours" | "ratio"> {
  return { floor: `${floorUs.toFixed(2)} µs`, ours: `${oursUs.toFixed(2)} µs`, ratio: oursUs / floorUs };
}
