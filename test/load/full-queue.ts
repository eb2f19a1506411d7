// A run whose events come faster than an async handler takes them: replies of 20 kB each, that nothing but the events
// hold. What waits is bounded by the queue, so that the heap is, too.
import type { Model } from "llmproc";
import { LLMProgram, tool } from "llmproc";
import { collected, heapMegabytes } from "./heap.ts";

const TURNS = 5000;

let peak = 0;
let turn = 0;
const model: Model = {
  provider: "custom",
  name: "custom",
  async send(_conversation, io) {
    turn++;
    await io.beforeSend({});
    if (turn % 250 === 0) peak = Math.max(peak, heapMegabytes());
    const last = turn === TURNS;
    return {
      response: { blob: Buffer.alloc(20_000, turn % 256).toString("latin1") },
      content: [],
      texts: last ? ["done"] : [],
      toolCalls: last ? [] : [{ id: `call_${turn}`, name: "quick", args: {} }],
      usage: undefined,
      stopReason: last ? "end" : "tool_use",
    };
  },
};
const quick = tool({ name: "quick", description: "Does nothing.", parameters: { type: "object" }, execute: () => "" });

const proc = await new LLMProgram({ model, tools: [quick], limits: { turns: TURNS } }).start();
let heard = 0;
let missed = 0;
let last = 0;
proc.on(
  "*",
  async ({ seq }) => {
    if (seq !== last + 1) missed++;
    last = seq;
    heard++;
    await new Promise((resolve) => setImmediate(resolve));
  },
  { observe: true },
);
const before = await collected();
await proc.run("go");
console.log(JSON.stringify({ heard, missed, heapMegabytes: peak - before }));
