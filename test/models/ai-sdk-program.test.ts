import { createGoogleGenerativeAI } from "@ai-sdk/google";
import type { Callback } from "llmproc";
import { aiSdk, LLMProgram, RunError, tool } from "llmproc";
import { expect, test } from "vitest";
import type { JsonObject } from "../../src/json.ts";
import { bedrockAnswer } from "./ai-sdk-bedrock.ts";
import { googleAnswer } from "./ai-sdk-google.ts";
import { mistralAnswer } from "./ai-sdk-mistral.ts";
import { modelObject } from "./ai-sdk-object.ts";
import type { WireAnswer } from "./ai-sdk-server.ts";
import { wireServer } from "./ai-sdk-server.ts";
import { rejection } from "./conformance.ts";

const add = tool({
  name: "add",
  description: "Adds.",
  parameters: { type: "object", properties: { a: { type: "number" } } },
  execute: () => "3",
});

const ASK = {
  thinking: "Two numbers.",
  text: "I add.",
  toolCalls: [
    { id: "callone01", name: "add", args: { a: 1 } },
    { id: "calltwo02", name: "add", args: { a: 2 } },
  ],
};

/** Runs a loop of two calls at one time against a server, and returns what arrived there and what was shown. */
async function loop(provider: string, name: string, answers: readonly WireAnswer[]) {
  await using server = await wireServer(answers);
  process.env.AI_SDK_TEST_KEY = "planted-secret-key";
  const model = { provider, name, baseUrl: server.url, apiKeyEnv: "AI_SDK_TEST_KEY", region: "eu-west-1" };
  const shown: string[] = [];
  const callbacks: Callback[] = [{ api_request: (payload: JsonObject) => void shown.push(JSON.stringify(payload)) }];
  const proc = await new LLMProgram({ model, tools: [add], systemPrompt: "Be kind." }).start({ callbacks });
  const result = await proc.run("1 + 2?");
  await proc.close();
  return {
    result,
    shown,
    bodies: server.requests.map(({ raw }) => raw),
    last: JSON.parse(server.requests[1]?.raw ?? "") as JsonObject,
  };
}

test("google: a loop of parallel calls with thoughts and their signature, its cost from the list", async () => {
  const usage = { inputTokens: 10_000, outputTokens: 2_000, cacheReadTokens: 6_000, cacheWriteTokens: 0 };
  const answers = [googleAnswer({ ...ASK, usage }), googleAnswer({ text: "3", usage })];
  const { result, shown, bodies, last } = await loop("google", "gemini-2.5-flash", answers);
  expect(bodies).toEqual(shown);
  expect(last.contents).toEqual([
    { role: "user", parts: [{ text: "1 + 2?" }] },
    {
      role: "model",
      parts: [
        { text: "Two numbers.", thought: true },
        { text: "I add." },
        { functionCall: { id: "callone01", name: "add", args: { a: 1 } }, thoughtSignature: "c2lnbmF0dXJl" },
        { functionCall: { id: "calltwo02", name: "add", args: { a: 2 } } },
      ],
    },
    {
      role: "user",
      parts: ["callone01", "calltwo02"].map((id) => ({
        functionResponse: { id, name: "add", response: { name: "add", content: "3" } },
      })),
    },
  ]);
  // By hand, from https://ai.google.dev/gemini-api/docs/pricing: input 0.30, cached 0.03, output 2.50 a million.
  // 4,000 plain + 6,000 cached + 2,000 out: 0.0012 + 0.00018 + 0.005, twice.
  expect(result.usdCost).toBeCloseTo(2 * 0.00638, 12);
  expect(result).toMatchObject({ lastMessage: "3", toolCalls: 2, unpriced: [] });
});

test("mistral: a loop of parallel calls, with its thinking", async () => {
  const usage = { inputTokens: 1_000_000, outputTokens: 100_000, cacheReadTokens: 0, cacheWriteTokens: 0 };
  const answers = [mistralAnswer({ ...ASK, usage }), mistralAnswer({ text: "3", usage })];
  const { result, shown, bodies, last } = await loop("mistral", "mistral-large-latest", answers);
  expect(bodies).toEqual(shown);
  expect(last.messages).toMatchObject([
    { role: "system", content: "Be kind." },
    { role: "user" },
    {
      role: "assistant",
      content: [
        { type: "thinking", thinking: [{ type: "text", text: "Two numbers." }] },
        { type: "text", text: "I add." },
      ],
      tool_calls: [
        { id: "callone01", function: { name: "add", arguments: '{"a":1}' } },
        { id: "calltwo02", function: { name: "add", arguments: '{"a":2}' } },
      ],
    },
    { role: "tool", tool_call_id: "callone01", content: "3" },
    { role: "tool", tool_call_id: "calltwo02", content: "3" },
  ]);
  // By hand, from https://mistral.ai/pricing: input 2, output 6 a million: 2 + 0.6, twice.
  expect(result.usdCost).toBeCloseTo(5.2, 9);
});

test("bedrock: a loop of parallel calls, its cost from the list of AWS", async () => {
  const usage = { inputTokens: 10_000, outputTokens: 1_000, cacheReadTokens: 4_000, cacheWriteTokens: 2_000 };
  const answers = [bedrockAnswer({ ...ASK, usage }), bedrockAnswer({ text: "3", usage })];
  const name = "us.anthropic.claude-haiku-4-5-20251001-v1:0";
  const { result, shown, bodies, last } = await loop("bedrock", name, answers);
  expect(bodies).toEqual(shown);
  expect(last.messages).toMatchObject([
    { role: "user" },
    {
      role: "assistant",
      content: [{ text: "I add." }, { toolUse: { input: { a: 1 } } }, { toolUse: { input: { a: 2 } } }],
    },
    { role: "user", content: [{ toolResult: { toolUseId: "callone01" } }, { toolResult: { toolUseId: "calltwo02" } }] },
  ]);
  // By hand, from https://aws.amazon.com/bedrock/pricing (in a region): input 1.10, written 1.375, read 0.11, output 5.50.
  // 4,000 plain + 2,000 written + 4,000 read + 1,000 out: 0.0044 + 0.00275 + 0.00044 + 0.0055, twice.
  expect(result.usdCost).toBeCloseTo(2 * 0.01309, 12);
});

test("a model object of the AI SDK is a model, as it is", async () => {
  const { object, calls } = modelObject([{ text: "I add.", toolCalls: ASK.toolCalls }, { text: "3" }]);
  const shown: JsonObject[] = [];
  const program = new LLMProgram({ model: object, tools: [add] });
  const proc = await program.start({ callbacks: [{ api_request: (payload: JsonObject) => void shown.push(payload) }] });
  const result = await proc.run("1 + 2?");
  expect(program.model).toMatchObject({ provider: "test.chat", name: "test-model" });
  expect(result).toMatchObject({ lastMessage: "3", toolCalls: 2, unpriced: ["test-model"] });
  expect(calls.map(({ abortSignal: _signal, ...options }) => options)).toEqual(shown);
  await proc.close();
});

test("a model object that nobody listens to is called all the same, and one made with our fetch shows its body", async () => {
  await using server = await wireServer([googleAnswer({ text: "a" }), googleAnswer({ text: "b" })]);
  const settings = { apiKey: "k", baseURL: server.url };
  const object = createGoogleGenerativeAI(settings)("gemini-2.5-flash");
  const seen = aiSdk((fetch) => createGoogleGenerativeAI({ ...settings, fetch })("gemini-2.5-flash"));
  const parameters = { generationConfig: { temperature: 0.5 } };
  const said: (string | undefined)[] = [];
  for (const model of [object, seen]) {
    const proc = await new LLMProgram({ model, parameters }).start();
    const { lastMessage, usdCost } = await proc.run("Hello");
    said.push(lastMessage);
    expect(usdCost).toBeGreaterThan(0);
    await proc.close();
  }
  expect(said).toEqual(["a", "b"]);
  const bodies = server.requests.map(({ raw }) => JSON.parse(raw) as JsonObject);
  expect(bodies.map(({ generationConfig }) => generationConfig)).toEqual([{}, { temperature: 0.5 }]);
});

test("a guard that throws at a request of a package sends nothing, and is the cause", async () => {
  await using server = await wireServer([]);
  const model = aiSdk((fetch) => createGoogleGenerativeAI({ fetch, apiKey: "k", baseURL: server.url })("gemini-test"));
  const mine = new Error("too dear");
  const guard: Callback = {
    api_request: () => {
      throw mine;
    },
  };
  const proc = await new LLMProgram({ model }).start({ callbacks: [guard] });
  const error = await rejection(proc.run("Hello"));
  expect(error).toBeInstanceOf(RunError);
  expect(error).toMatchObject({ stopReason: "callback", cause: mine });
  expect(server.requests).toHaveLength(0);
});

test("what is no model is refused with the forms that there are", () => {
  const provider = createGoogleGenerativeAI({ apiKey: "k" });
  // @ts-expect-error: a provider is no model
  expect(() => new LLMProgram({ model: provider })).toThrow(/expected a model/);
});
