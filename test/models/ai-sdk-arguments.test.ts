import { LLMProgram, tool } from "llmproc";
import { describe, expect, test } from "vitest";
import { createModel } from "../../src/models/create-model.ts";
import type { Model } from "../../src/process/contract/model.ts";
import { EVENT_STREAM, googleAnswer, googleModel } from "./ai-sdk-google.ts";
import { mistralAnswer } from "./ai-sdk-mistral.ts";
import type { WireAnswer, WireServer } from "./ai-sdk-server.ts";
import { wireServer } from "./ai-sdk-server.ts";
import { sendTo } from "./conformance.ts";

process.env.AI_SDK_TEST_KEY = "planted-secret-key";

const GOOGLE = {
  name: "google",
  /** The package itself reads about a thousand. */
  levels: 500,
  model: (server: WireServer): Model => googleModel(server),
  /** A call whose arguments stand in the answer as this text. */
  answer(args: string): WireAnswer {
    const { body = "" } = googleAnswer({ toolCalls: [{ id: "c1", name: "look", args: { "%": 1 } }] });
    return { body: String(body).replace('{"%":1}', () => args), headers: EVENT_STREAM };
  },
};

const MISTRAL = {
  name: "mistral",
  levels: 5000,
  model: ({ url }: WireServer): Model =>
    createModel({ provider: "mistral", name: "m", baseUrl: url, apiKeyEnv: "AI_SDK_TEST_KEY" }),
  answer(args: string): WireAnswer {
    const { body = "" } = mistralAnswer({ toolCalls: [{ id: "c1", name: "look", args: { "%": 1 } }] });
    const text = JSON.stringify(args).slice(1, -1);
    return { body: String(body).replace('{\\"%\\":1}', () => text), headers: EVENT_STREAM };
  },
};

const NUMBERS: readonly [args: string, isExact: boolean][] = [
  ['{"id":2512292042121000001}', false],
  ['{"id":[{"id":9007199254740993}]}', false],
  ['{"id":0.1234567890123456789}', false],
  ['{"id":1e400}', false],
  ['{"id":2512292042121000000}', true],
  ['{"id":9007199254740992,"x":1e20,"y":0.1,"z":-12.50}', true],
  ['{"id":"2512292042121000001"}', true],
];

describe.each([GOOGLE, MISTRAL])("$name", ({ model, answer, levels }) => {
  test.each(NUMBERS)("arguments %s reach the tool as they are, or it is not run", async (args, isExact) => {
    await using server = await wireServer([answer(args)]);
    const { reply } = await sendTo(model(server));
    const [call] = reply.toolCalls;
    expect(call).toMatchObject({ id: "c1", name: "look" });
    if (isExact) expect(call).toEqual({ id: "c1", name: "look", args: JSON.parse(args) });
    else expect(call).toMatchObject({ args: {}, invalid: expect.stringMatching(/would lose digits|become Infinity/) });
  });

  test("numbers that come in pieces of the answer are found", async () => {
    const { body = "", ...rest } = answer('{"id":2512292042121000001}');
    await using server = await wireServer([{ ...rest, body, pieceBytes: 3 }]);
    const { reply } = await sendTo(model(server));
    expect(reply.toolCalls[0]?.invalid).toContain("2512292042121000001 would lose digits");
  });

  test("arguments that are nested deep are told to the model, and the conversation goes on", async () => {
    const deep = `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
    await using server = await wireServer([answer(deep), answer("{}"), answer("{}")]);
    const heard: unknown[] = [];
    const look = tool({
      name: "look",
      description: "Looks.",
      parameters: { type: "object", properties: {} },
      execute: (args) => {
        heard.push(args);
        return "seen";
      },
    });
    await using proc = await new LLMProgram({ model: model(server), tools: [look], retry: { maxAttempts: 1 } }).start();
    const run = proc.run("Look.", { maxIterations: 2 });
    await expect(run).rejects.toMatchObject({ stopReason: "turn_limit" });
    expect(server.requests).toHaveLength(2);
    expect(heard).toEqual([{}]);
    expect(server.requests[1]?.raw).toMatch(/nested|not complete JSON/);
  });
});

test("a reply that is nested deeper than its package can read fails as that, and the next run goes on", async () => {
  const deep = `${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`;
  await using server = await wireServer([GOOGLE.answer(deep), googleAnswer({ text: "Done." })]);
  await using proc = await new LLMProgram({ model: googleModel(server), retry: { maxAttempts: 1 } }).start();
  await expect(proc.run("Look.")).rejects.toMatchObject({
    stopReason: "api_error",
    message: expect.stringContaining("google's reply could not be read: it is nested deeper than the package can read"),
  });
  expect(await proc.run("Look.")).toMatchObject({ stopReason: "end", lastMessage: "Done." });
});
