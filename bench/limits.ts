import { LLMProgram, tool } from "../src/index.ts";
import { scripted } from "../src/testing.ts";
import { freeAdd } from "./free-add.ts";
import type { Row } from "./measure.ts";

const MODEL_MS = 10;
const MAX_TOKENS = 1000;
const usage = { inputTokens: 1000, outputTokens: MAX_TOKENS / 10 };
const pricing = { inputUsdPerMillion: 0, outputUsdPerMillion: 10 };
const add = tool(freeAdd);

/** Forks that all work at the same time. Each reply uses a tenth of what was set aside for it. */
async function wallMs(forks: number, turns: number, limits: { usd?: number }): Promise<number> {
  const work = { toolCalls: [{ name: "add", args: { a: 1, b: 2 } }], usage, delayMs: MODEL_MS };
  const model = scripted(
    [({ messages }) => (messages.length < 2 * turns ? work : { text: "done", usage, delayMs: MODEL_MS })],
    { repeat: true },
  );
  const parameters = { max_tokens: MAX_TOKENS };
  const proc = await new LLMProgram({
    model,
    tools: [add],
    parameters,
    pricing,
    limits: { turns: 1000, ...limits },
  }).start();
  const children = await Promise.all(Array.from({ length: forks }, () => proc.forkProcess()));
  const start = performance.now();
  await Promise.all(children.map((child) => child.run("go")));
  const took = performance.now() - start;
  await proc.close();
  return took;
}

/** A job that costs nine tenths of its limit, against the same job without one. */
export async function limitRows(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [forks, turns] of [
    [1, 120],
    [8, 40],
    [50, 40],
  ] as const) {
    const usd = (forks * (turns + 1) * usage.outputTokens * pricing.outputUsdPerMillion) / 1e6 / 0.9;
    await wallMs(forks, turns, {});
    const floor = await wallMs(forks, turns, {});
    const ours = await wallMs(forks, turns, { usd });
    rows.push({
      what: `${forks} forks that use 90 % of a limit`,
      floor: `${floor.toFixed(0)} ms`,
      ours: `${ours.toFixed(0)} ms`,
      ratio: ours / floor,
      more: "goal 1.50×, without a limit 1.00×",
    });
  }
  return rows;
}
