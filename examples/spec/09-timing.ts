// Specification, "Example: Timing Callback". Beside it, the two that stay right when one tool runs twice at once.
import { setTimeout as sleep } from "node:timers/promises";
import type { EventInfo, JsonObject, ToolResult } from "llmproc";
import { LLMProgram, timing, tool } from "llmproc";
import { scripted } from "llmproc/testing";

/** As the specification has it: the start of a call is found by the tool's name. */
class TimingCallback {
  tools: Record<string, { calls: number; totalTime: number }> = {};
  currentTools: Record<string, number> = {};

  tool_start(toolName: string, _toolArgs: JsonObject) {
    const { calls, totalTime } = this.tools[toolName] ?? { calls: 0, totalTime: 0 };
    this.tools[toolName] = { calls: calls + 1, totalTime };
    this.currentTools[toolName] = performance.now();
  }

  tool_end(toolName: string, _result: ToolResult) {
    const start = this.currentTools[toolName];
    const entry = this.tools[toolName];
    if (start === undefined || entry === undefined) return;
    entry.totalTime += performance.now() - start;
    delete this.currentTools[toolName];
  }

  getStats() {
    const entries = Object.entries(this.tools).map(([name, { calls, totalTime }]) => {
      return [name, { calls, totalTime, avgTime: totalTime / calls }] as const;
    });
    return Object.fromEntries(entries);
  }
}

/** The same in two lines: an end knows how long it took. */
const durations: number[] = [];
const byInfo = {
  tool_end(_toolName: string, _result: ToolResult, info: EventInfo) {
    durations.push(info.durationMs ?? 0);
  },
};

const wait = tool({
  name: "wait",
  description: "Waits.",
  parameters: { type: "object", properties: { ms: { type: "number" } }, required: ["ms"], additionalProperties: false },
  execute: async ({ ms }) => {
    await sleep(ms);
    return "waited";
  },
});
const program = new LLMProgram({
  model: scripted([
    {
      toolCalls: [
        { name: "wait", args: { ms: 400 } },
        { name: "wait", args: { ms: 100 } },
      ],
    },
    { text: "Waited." },
  ]),
  tools: [wait],
});

const byName = new TimingCallback();
const shipped = timing();
const proc = await program.start().addCallback(byName).addCallback(byInfo).addCallback(shipped);
await proc.run("Wait twice, at the same time.");

const byNameMs = byName.getStats().wait?.totalTime ?? 0;
const byInfoMs = durations.reduce((sum, ms) => sum + ms, 0);
const shippedMs = shipped.getStats().wait?.totalMs ?? 0;
console.log(`by name: ${byName.getStats().wait?.calls} calls, the time of ${byNameMs < byInfoMs * 0.6 ? 1 : 2}`);
console.log(`by info: ${durations.length} calls, at least 500 ms: ${byInfoMs > 495}`);
console.log(`timing(): ${shipped.getStats().wait?.calls} calls, the same time: ${shippedMs === byInfoMs}`);

/* Prints:
by name: 2 calls, the time of 1
by info: 2 calls, at least 500 ms: true
timing(): 2 calls, the same time: true
*/
