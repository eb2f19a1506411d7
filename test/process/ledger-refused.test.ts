import type { LLMProcess, LLMProgramOptions } from "llmproc";
import { LLMProcError, LLMProgram } from "llmproc";
import { scripted } from "llmproc/testing";
import { expect, test } from "vitest";
import { anthropicServer } from "../support/anthropic-server.ts";
import { anyTool, customModel, failureOf, textReply } from "./harness.ts";

const pricing = { inputUsdPerMillion: 3, outputUsdPerMillion: 15 };
const parameters = { max_tokens: 100 };
const silent = customModel(async (io) => {
  await io.beforeSend({});
  return textReply("hi");
});

type Options = Partial<LLMProgramOptions<LLMProgram>>;

function program(options: Options = {}): LLMProgram {
  return new LLMProgram({ model: scripted([{ text: "hi" }], { repeat: true }), parameters, ...options });
}

async function refusalOf(promise: PromiseLike<unknown>): Promise<string> {
  const thrown = await Promise.resolve(promise).then(
    () => "nothing",
    (error: unknown) => error,
  );
  if (!(thrown instanceof LLMProcError) || thrown.code !== "limit_unholdable") throw new Error(String(thrown));
  return thrown.message;
}

test("under a dollar limit, a model without a price is an error at start that shows the lines to add", async () => {
  const message = await refusalOf(program({ limits: { usd: 1 } }).start());
  expect(message).toContain('No price of the model "scripted" (scripted) is known');
  expect(message).toContain("\n[pricing]\ninput_usd_per_million = 3\noutput_usd_per_million = 15\n");
  await expect(program({ limits: { usd: 1 }, pricing }).start()).resolves.toBeDefined();
  // Tokens have no price.
  await expect(program({ limits: { tokens: 1000 } }).start()).resolves.toBeDefined();
});

test("so it is at run(), at a fork's share, and for the model of a child", async () => {
  const proc = await program().start();
  expect(await refusalOf(proc.run("hi", { limits: { usd: 1 } }))).toContain("No price");
  expect(await refusalOf(proc.forkProcess({ limits: { usd: 1 } }))).toContain("No price");
  expect((await proc.run("hi")).lastMessage).toBe("hi");

  const unpriced = new LLMProgram({ model: scripted([{ text: "free?" }], { name: "mystery" }), parameters });
  const spawning = { toolCalls: [{ name: "spawn", args: { prompt: "go", program_name: "other" } }] };
  const parent = await program({
    model: scripted([spawning, { text: "so be it" }]),
    tools: ["spawn"],
    linkedPrograms: { other: unpriced },
    limits: { usd: 1 },
    pricing,
  }).start();
  await parent.run("hi");
  expect(toolAnswers(parent).join()).toContain('No price of the model "mystery"');
});

function toolAnswers(proc: LLMProcess): readonly string[] {
  return proc.messages.flatMap((message) => (message.role === "tool" ? message.content.map((r) => r.content) : []));
}

test("a model that says nothing of its bounds is refused, at start where the program has the limit", async () => {
  expect(await refusalOf(program({ model: silent, pricing, limits: { tokens: 1 } }).start())).toContain(
    'Nobody says how much a request to the model "custom" (custom) can use at most',
  );
  const proc = await program({ model: silent, pricing }).start();
  expect(await refusalOf(proc.run("hi", { limits: { usd: 1 } }))).toContain("Take the limit out");
  expect((await proc.run("hi")).lastMessage).toBe("hi");
});

test("a reply without a limit of its own is an error that names the parameter", async () => {
  const model = scripted([{ text: "hi" }]);
  const proc = await program({ model, parameters: {}, pricing, limits: { usd: 1 } }).start();
  const error = await failureOf(proc.run("hi"));
  expect(error).toMatchObject({ stopReason: "cost_limit", cause: { code: "limit_unholdable" } });
  expect(error.message).toContain("set max_tokens in [parameters]");
  expect(model.unused).toBe(1);
});

test("what has no bound is refused by name, and nothing is sent; [pricing] helps where only the price is unusual", async () => {
  await using server = await anthropicServer([{ message: { content: [{ type: "text", text: "hi" }] } }]);
  const limited = (more: object, options: Options = {}) =>
    program({
      model: { provider: "anthropic", name: "claude-haiku-4-5", baseUrl: server.url, apiKeyEnv: "REFUSED_TEST_KEY" },
      parameters: { ...parameters, ...more },
      limits: { usd: 1 },
      ...options,
    }).start();
  process.env.REFUSED_TEST_KEY = "sk-ant-test-0123456789";
  const search = await limited({ tools: [{ type: "web_search_20260209", name: "web_search" }] });
  const error = await failureOf(search.run("hi"));
  expect(error.stopReason).toBe("cost_limit");
  expect(error.message).toContain(`the vendor's own tool "web_search_20260209". Take that out, or take the limit out.`);
  const image = { type: "image", mediaType: "image/png", data: "AA==" } as const;
  const seen = await failureOf((await limited({})).run([{ type: "text", text: "What is it?" }, image]));
  expect(seen.message).toContain('a part of type "image" that no request before has counted');
  const tier = await failureOf((await limited({ service_tier: "priority" })).run("hi"));
  expect(tier.message).toContain('service_tier = "priority". Take that out, or say in [pricing]');
  expect(server.requests).toHaveLength(0);
  const priced = await limited({ service_tier: "priority" }, { pricing });
  expect((await priced.run("hi")).lastMessage).toBe("hi");
});

test("without a limit, nothing of it is refused", async () => {
  const add = anyTool("add", () => "3");
  const proc = await program({ model: silent, parameters: { n: 2, service_tier: "flex" }, tools: [add] }).start();
  expect((await proc.run("hi")).lastMessage).toBe("hi");
});
