import type { JsonObject, Model, PromptBlock, Tool } from "llmproc";
import { LLMProgram, tool } from "llmproc";
import { scripted } from "llmproc/testing";
import { expect, test } from "vitest";
import { z } from "zod";
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
    // This schema makes its own copy of the arguments.
    parameters: z.object({ tree: z.record(z.string(), z.unknown()) }),
    execute(args, { process }) {
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
    tools: [deep, plainTool(executed), "fork"],
    retry: { maxAttempts: 2, initialDelayMs: 1, maxDelayMs: 1 },
  });
  const proc = await program.start();
  const damage = form === undefined ? undefined : addVandal(proc, form);
  proc.on("tool_start", (_name, _args, info) => void info.process.say("and hurry"), { observe: true });
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

/** A tool that passes its arguments on as they came, and changes what it is given. */
function plainTool(executed: string[]): Tool {
  return {
    name: "plain",
    description: "Takes a list, and empties it.",
    parameters: { type: "object" },
    check: (args) => ({ ok: true, args }),
    execute(args) {
      executed.push(JSON.stringify(args));
      // A border post: the model's arguments, unchecked.
      (args as { list: unknown[] }).list.length = 0;
      return "emptied";
    },
  };
}

function plain(payload: JsonObject | (() => JsonObject)): JsonObject {
  return JSON.parse(JSON.stringify(typeof payload === "function" ? payload() : payload)) as JsonObject;
}

/** A model that freezes nothing itself, and notes each payload as it leaves, after the guards have answered. */
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
          { name: "plain", args: { list: [{ a: 1 }] } },
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
    async send(conversation, io) {
      const reply = await inner.send(conversation, {
        signal: io.signal,
        async beforeSend(payload) {
          const own = structuredClone(plain(payload));
          await io.beforeSend(own);
          payloads.push(JSON.stringify(own));
        },
        onText: (text) => io.onText(text),
      });
      // Cloned apart: what is frozen as part of the response would be frozen in the calls.
      return { ...structuredClone(reply), toolCalls: structuredClone(reply.toolCalls) };
    },
  };
}

test.each(FORMS)("a callback (%s) that tries to change all it is given changes nothing", async (form) => {
  const { damage: _none, ...untouched } = await trace(undefined);
  const { damage, ...touched } = await trace(form);
  expect([...(damage?.done ?? [])]).toEqual([]);
  expect(damage?.heard.size).toBe(EVENTS.length);
  expect(damage?.tried).toBeGreaterThan(1000);
  expect(touched).toEqual(untouched);
  expect(touched.messages).toContain('"content":"emptied","isError":false');
  expect(touched.messages).toContain('"args":{"list":[{"a":1}]}');
  expect(touched.messages).toContain('{\\"kept\\":[1,{\\"two\\":2}]}');
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
