import type { JsonObject, Model, PromptBlock } from "llmproc";
import { LLMProgram, tool } from "llmproc";
import { scripted } from "llmproc/testing";
import { expect, test } from "vitest";
import type { Form } from "./cell.ts";
import { EVENTS, FORMS } from "./cell.ts";
import type { Damage } from "./vandal.ts";
import { addVandal } from "./vandal.ts";
import { watchNode } from "./watch-node.ts";

watchNode();

/** Everything that a run leaves behind and that a model or tool is given, as text. */
interface Trace {
  readonly payloads: readonly string[];
  readonly executed: readonly string[];
  readonly messages: string;
  readonly stderr: string;
  readonly result: string;
  readonly damage: Damage | undefined;
}

async function trace(form: Form | undefined): Promise<Trace> {
  const payloads: string[] = [];
  const executed: string[] = [];
  const deep = tool({
    name: "deep",
    description: "Takes a tree, and changes its copy.",
    parameters: { type: "object", properties: { tree: { type: "object" } } },
    execute(args: { tree?: Record<string, unknown> }, { process }) {
      executed.push(JSON.stringify(args));
      process.writeStderr("at work");
      const answer = { kept: [1, { two: 2 }] };
      args.tree = { changed: true };
      return answer;
    },
  });
  const program = new LLMProgram({
    model: recorded(payloads),
    systemPrompt: "Be exact.",
    parameters: { max_tokens: 100, nested: { list: [1, { a: [2] }] } },
    tools: [deep, "fork"],
    retry: { maxAttempts: 2, initialDelayMs: 1, maxDelayMs: 1 },
  });
  const proc = await program.start();
  const damage = form === undefined ? undefined : addVandal(proc, form);
  proc.on("response", () => {
    throw new Error("a fault, so that callback_error is raised");
  });
  const prompt: PromptBlock[] = [{ type: "text", text: "go" }];
  const { usdCost, totalTokens, apiCalls, toolCalls, stopReason, lastMessage, vetoes } = await proc.run(prompt, {
    metadata: { user: "ann" },
  });
  await proc.close();
  const result = JSON.stringify({ usdCost, totalTokens, apiCalls, toolCalls, stopReason, lastMessage, vetoes });
  const messages = JSON.stringify(proc.messages);
  return { payloads, executed, messages, stderr: proc.stderrLog.join("\n"), result, damage };
}

/** A scripted model that notes each payload as it leaves, after the guards have answered. */
function recorded(payloads: string[]): Model {
  const usage = { inputTokens: 7, outputTokens: 3 };
  const inner = scripted({
    root: [
      { error: { status: 529 } },
      {
        text: "on it",
        usage,
        toolCalls: [
          { name: "deep", args: { tree: { leaves: [{ green: true }, [1, [2]]] } } },
          { name: "nowhere", args: { odd: { deeper: [] } } },
          { name: "fork", args: { prompts: ["sub"] } },
        ],
      },
      { text: "done", usage },
    ],
    child: [{ text: "from the child", usage }],
  });
  return {
    provider: "scripted",
    name: "recorded",
    send: (conversation, io) =>
      inner.send(conversation, {
        ...io,
        async beforeSend(payload: JsonObject) {
          await io.beforeSend(payload);
          payloads.push(JSON.stringify(payload));
        },
        onText: (text) => io.onText(text),
      }),
  };
}

test.each(FORMS)("a callback (%s) that tries to change all it is given changes nothing", async (form) => {
  const { damage: _none, ...untouched } = await trace(undefined);
  const { damage, ...touched } = await trace(form);
  expect([...(damage?.done ?? [])]).toEqual([]);
  expect(damage?.heard.size).toBe(EVENTS.length);
  expect(damage?.tried).toBeGreaterThan(1000);
  expect(touched).toEqual(untouched);
});

test("a prompt, metadata and tool arguments that the user goes on changing are not the run's", async () => {
  const payloads: string[] = [];
  const proc = await new LLMProgram({ model: scripted([{ text: "a" }]) }).start();
  const block = { type: "text" as const, text: "as given" };
  const prompt = [block];
  const heard: unknown[] = [];
  proc.on("api_request", (payload, { metadata }) => {
    payloads.push(JSON.stringify(payload));
    heard.push(metadata?.user);
  });
  const metadata = { user: "ann" };
  const run = proc.run(prompt, { metadata });
  block.text = "changed";
  prompt.length = 0;
  metadata.user = "bob";
  await run;
  expect(payloads[0]).toContain("as given");
  expect(payloads.join()).not.toContain("changed");
  expect(new Set(heard)).toEqual(new Set(["ann"]));
});
