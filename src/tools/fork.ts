import { toError } from "../errors.ts";
import type { ForkOptions } from "../events/process-view.ts";
import type { Tool, ToolContext } from "../process/contract/tool.ts";
import { runChild } from "./run-child.ts";
import { SHARE, shareOf } from "./share.ts";
import { tool } from "./tool.ts";
import { ToolFailure } from "./tool-failure.ts";

const MAX_CHILDREN = 50;

/** What one child came to; `id` is the place of its prompt in the list, from 0. */
export type ForkAnswer =
  | { readonly id: number; readonly message: string }
  | { readonly id: number; readonly error: string };

/**
 * The tool `fork`: children that continue the conversation, all at the same time, one for each prompt. With `shares`,
 * the model may say what each may cost.
 */
export function fork({ shares = false }: { shares?: boolean } = {}): Tool {
  return tool({
    name: "fork",
    description:
      "Splits you into children that work at the same time. Each child knows this whole conversation, gets one of the " +
      "prompts, and can use your tools; you wait, and receive only the last message of each: " +
      '[{ "id": 0, "message": "…" }, …], in the order of the prompts, with "error" for a child that failed. ' +
      "Use it for parts that do not depend on each other, and for work whose intermediate steps you need not keep: " +
      `searching large files, trying several ways. At most ${MAX_CHILDREN} at once.`,
    // A cast: without shares, there is only one argument less.
    parameters: (shares ? WITH_SHARE : PARAMETERS) as typeof WITH_SHARE,
    timeoutMs: Infinity,
    async execute({ prompts, usd }, context) {
      const answers = await Promise.all(prompts.map((prompt, id) => answerOf(id, prompt, shareOf(usd), context)));
      context.signal.throwIfAborted();
      if (answers.every((answer) => "error" in answer)) throw new ToolFailure(JSON.stringify(answers));
      return answers;
    },
  });
}

const PROMPTS = {
  prompts: {
    type: "array",
    items: { type: "string", minLength: 1 },
    minItems: 1,
    maxItems: MAX_CHILDREN,
    description: "What each child is to do, and what its last message should say.",
  },
} as const;
const PARAMETERS = { type: "object", properties: PROMPTS, required: ["prompts"], additionalProperties: false } as const;
const WITH_SHARE = { ...PARAMETERS, properties: { ...PROMPTS, ...SHARE } } as const;

async function answerOf(
  id: number,
  prompt: string,
  options: ForkOptions,
  { process, signal }: ToolContext,
): Promise<ForkAnswer> {
  try {
    const result = await runChild(process.forkProcess(options), prompt, signal);
    return { id, message: result.lastMessage };
  } catch (thrown) {
    return { id, error: toError(thrown).message };
  }
}
