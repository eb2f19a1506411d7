import type { Callback, LLMProcess, Tool } from "llmproc";
import { LLMProgram, replaceResult, Veto } from "llmproc";
import { scripted } from "llmproc/testing";
import { inTime, recordsOf, repliesOf } from "./harness.ts";

/* Guards of `tool_result`, and runs in which each tool is called once. */

export const call = (name: string, args = {}) => ({ toolCalls: [{ name, args }] });
export const contentsOf = (proc: LLMProcess) => repliesOf(proc).map(({ content }) => content);

export async function ran(tools: readonly Tool[], callbacks: readonly Callback[], options = {}) {
  const model = scripted([{ toolCalls: tools.map(({ name }) => ({ name })) }, { text: "done" }]);
  const proc = await new LLMProgram({ model, tools, ...options }).start({ callbacks });
  const records = recordsOf(proc);
  const result = await inTime(proc.run("go"));
  return { proc, records, result, replies: repliesOf(proc) };
}

export const replacing = (content: Parameters<typeof replaceResult>[0], options?: { isError?: boolean }) => ({
  tool_result: () => replaceResult(content, options),
});
export const withholding = {
  tool_result() {
    throw new Veto("Not for you.");
  },
};
