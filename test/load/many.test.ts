import type { LLMProcess, Message } from "llmproc";
import { LLMProgram } from "llmproc";
import { scripted } from "llmproc/testing";
import { expect, test } from "vitest";
import { anyTool, inTime, settled } from "../process/harness.ts";
import { howMany } from "../support/sample.ts";

const PROCESSES = howMany(700, 3000);
/** Every tenth process forks two children. */
const forks = (name: string) => Number(name.split(" ")[1]) % 10 === 0;

const promptOf = (messages: readonly Message[]): string => {
  const message = messages.findLast(({ role }) => role === "user");
  const [block] = message?.role === "user" ? message.content : [];
  return block?.type === "text" ? block.text : "";
};

/** All processes share one program, one model and its callbacks; each is to answer its own prompt. */
function program(): LLMProgram {
  const model = scripted(
    [
      async ({ messages, depth }) => {
        const prompt = promptOf(messages);
        await settled();
        const usage = { inputTokens: 100, outputTokens: 1 };
        if (messages.at(-1)?.role === "tool") return { text: `${prompt} is done`, usage };
        const prompts = [`${prompt} a`, `${prompt} b`];
        const forking = depth === 0 && forks(prompt) ? [{ name: "fork", args: { prompts } }] : [];
        return { toolCalls: [{ name: "echo", args: { prompt } }, ...forking], usage };
      },
    ],
    { repeat: true },
  );
  const echo = anyTool("echo", async ({ prompt }) => {
    await null;
    return `heard ${String(prompt)}`;
  });
  return new LLMProgram({ model, tools: [echo, "fork"], pricing: { inputUsdPerMillion: 1, outputUsdPerMillion: 1 } });
}

test(`${PROCESSES} processes of one program at once: each answers its own prompt, and counts its own cost`, async () => {
  const shared = program();
  const names = Array.from({ length: PROCESSES }, (_, place) => `process ${place}`);
  const ends = new Map<string, number>();
  const callback = {
    async turn_end() {
      await null;
    },
    run_end: ({ rootId }: { rootId: string }) => void ends.set(rootId, (ends.get(rootId) ?? 0) + 1),
  };
  const procs: LLMProcess[] = await Promise.all(names.map((name) => shared.start({ name, callbacks: [callback] })));
  expect(new Set(procs.map(({ id }) => id)).size).toBe(PROCESSES);
  const results = await inTime(Promise.all(procs.map((proc) => proc.run(proc.name))), 20_000);
  const wrong = results.filter(({ lastMessage, apiCalls, toolCalls, inputTokens, processes }, place) => {
    const name = names[place] ?? "";
    const members = forks(name) ? 3 : 1;
    const calls = members + (forks(name) ? 1 : 0);
    return (
      lastMessage !== `${name} is done` ||
      apiCalls !== 2 * members ||
      toolCalls !== calls ||
      inputTokens !== 200 * members ||
      processes.length !== members ||
      ends.get(procs[place]?.id ?? "") !== members
    );
  });
  expect(wrong).toEqual([]);
  const heard = procs.filter((proc) => {
    const replies = proc.messages.flatMap(({ role, content }) => (role === "tool" ? content : []));
    return JSON.stringify(replies[0]).includes(`"heard ${proc.name}"`);
  });
  expect(heard).toHaveLength(PROCESSES);
  await inTime(Promise.all(procs.map((proc) => proc.close())), 20_000);
});
