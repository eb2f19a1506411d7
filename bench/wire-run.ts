import type * as Package from "../src/index.ts";
import { freeAdd } from "./free-add.ts";
import type { LOOPS } from "./wire-loops.ts";

/** The same as the loops of the SDKs, by the package: as it stands in `src`, or as it is built. */
export async function runOf(
  { anthropic, LLMProgram, openai, openaiCompatible, tool }: typeof Package,
  format: keyof typeof LOOPS,
  baseURL: string,
  steps: number,
): Promise<string> {
  const models = { messages: anthropic, chat: openaiCompatible, responses: openai };
  const model = models[format]({ name: "m", apiKey: "key", baseURL, headers: { "x-steps": String(steps) } });
  const proc = await new LLMProgram({ model, tools: [tool(freeAdd)], limits: { turns: 1000 } }).start();
  const { lastMessage } = await proc.run("go");
  await proc.close();
  return lastMessage;
}
