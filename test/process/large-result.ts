// A program whose tool returns a large value. Prints what that took, in MiB; started by `result-memory.test.ts`.
import { LLMProgram, tool } from "llmproc";
import { scripted } from "llmproc/testing";
import { collected } from "../load/heap.ts";

const MEBI = 1024 * 1024;

const VALUES: Readonly<Record<string, () => unknown>> = {
  text: () => log(),
  text_in_object: () => ({ log: log(), more: 1 }),
  bytes: () => new Uint8Array(50 * MEBI).fill(7),
  objects: () => Array.from({ length: 1_000_000 }, (_, id) => ({ id, half: id / 2 })),
  map: () => new Map(Array.from({ length: 1_000_000 }, (_, id) => [id, `entry ${id}`])),
};

const MEBI_OF_LINES = "line of a log!!\n".repeat(MEBI / 16);

/** 50 MiB, in lines; made without a second copy that would be counted. */
function log(): string {
  return Array.from({ length: 50 }, () => MEBI_OF_LINES).join("");
}

const [name = "", keep] = process.argv.slice(2);
const make = VALUES[name];
if (make === undefined || globalThis.gc === undefined) throw new Error("Give a value's name, and --expose-gc.");
const collect = globalThis.gc;
const parameters = { type: "object" } as const;
const heard = { base: 0, before: 0 };
const execute = () => {
  collect();
  heard.base = process.memoryUsage.rss();
  const value = make();
  collect();
  heard.before = process.memoryUsage.rss();
  return value;
};
const large = tool({ name: "large", description: "returns it", parameters, execute });
const readOn = tool({ name: "read_on", description: "reads", parameters, readsCutResults: true, execute: () => "" });
const model = scripted([{ toolCalls: [{ name: "large" }] }, { text: "done" }]);
const proc = await new LLMProgram({ model, tools: keep === undefined ? [large] : [large, readOn] }).start();
await proc.run("x");
const peak = process.resourceUsage().maxRSS * 1024;
const left = (await collected()) * (1e6 / MEBI);
console.log(
  JSON.stringify({
    content: JSON.stringify(proc.messages[2]?.content).length,
    value: (heard.before - heard.base) / MEBI,
    growth: (peak - heard.before) / MEBI,
    left,
  }),
);
