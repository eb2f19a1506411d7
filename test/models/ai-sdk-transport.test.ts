import { createGoogleGenerativeAI } from "@ai-sdk/google";
import { LLMProgram } from "llmproc";
import { describe, expect, test } from "vitest";
import { aiSdk } from "../../src/models/ai-sdk/ai-sdk.ts";
import { createModel } from "../../src/models/create-model.ts";
import type { Model } from "../../src/process/contract/model.ts";
import { EVENT_STREAM, googleAnswer, googleChunk, googleModel } from "./ai-sdk-google.ts";
import { mistralAnswer } from "./ai-sdk-mistral.ts";
import { modelObject } from "./ai-sdk-object.ts";
import type { WireAnswer, WireServer } from "./ai-sdk-server.ts";
import { wireServer } from "./ai-sdk-server.ts";
import { rejection, sendTo } from "./conformance.ts";

const SPEC = { apiKeyEnv: "AI_SDK_TEST_KEY", headers: { "x-door": "planted-door-0123456789" } };

const MODELS: readonly [name: string, make: (server: WireServer) => Model][] = [
  ["google", ({ url }) => createModel({ ...SPEC, provider: "google", name: "gemini-test", baseUrl: url })],
  ["mistral", ({ url }) => createModel({ ...SPEC, provider: "mistral", name: "mistral-test", baseUrl: url })],
];

process.env.AI_SDK_TEST_KEY = "planted-secret-key";

describe.each(MODELS)("%s", (name, make) => {
  test.each([301, 302, 303, 307, 308])(
    "a redirect (%d) is followed by no key and no conversation: it is an error that names the address",
    async (status) => {
      await using other = await wireServer([{ body: "{}" }]);
      const location = `${other.url}/elsewhere?key=planted-secret-key`;
      await using server = await wireServer([{ status, headers: { location }, body: "Moved." }]);
      const error = await rejection(sendTo(make(server)));
      expect(error).toMatchObject({ status, shouldRetry: false, connection: false, accepted: false });
      expect(String(error)).toContain(`${name} answered ${status}. It points to ${other.url}/elsewhere?…`);
      expect([server.requests.length, other.requests.length]).toEqual([1, 0]);
    },
  );

  test("304 is no redirect, and no answer", async () => {
    await using server = await wireServer([{ status: 304 }]);
    const error = await rejection(sendTo(make(server)));
    expect(error).toMatchObject({ status: 304, shouldRetry: false, connection: false });
    expect(String(error)).toContain(`${name} answered 304. That says to take what was answered before`);
  });

  test("a redirect to an address with the key in it, whatever is escaped, does not show it", async () => {
    for (const key of ["planted-secret-key", "plant\\u0065d-secret-key", "plant%65d-secret-key"]) {
      await using server = await wireServer([{ status: 307, headers: { location: `/is/${key}/there` }, body: "" }]);
      const error = await rejection(sendTo(make(server)));
      expect(String(error)).toContain(`It points to ${server.url}/is/[secret]/there`);
      expect(String(error)).not.toContain("secret-key");
    }
  });

  test("a redirect to itself is one request, and is not sent again", async () => {
    await using server = await wireServer(Array(30).fill({ status: 307, headers: { location: "/again" } }));
    const proc = await new LLMProgram({ model: make(server) }).start();
    expect(await rejection(proc.run("Hello."))).toMatchObject({ stopReason: "api_error" });
    expect(server.requests).toHaveLength(1);
    await proc.close();
  });

  test("what says that the request was taken is told, whatever the answer then says", async () => {
    const whole = name === "google" ? googleAnswer({ text: "Some text." }) : mistralAnswer({ text: "Some text." });
    const said = { error: { code: 503, message: "busy", status: "UNAVAILABLE" }, message: "busy", object: "error" };
    const cases: [WireAnswer, boolean][] = [
      [{ body: `data: ${JSON.stringify(said)}\n\n`, headers: EVENT_STREAM }, true],
      [{ ...whole, cutAfterBytes: 100, afterCut: "end" }, true],
      [{ ...whole, cutAfterBytes: 100, afterCut: "reset" }, true],
      [{ body: "<html>Welcome!</html>", headers: { "content-type": "text/html" } }, true],
      [{ body: "data: no JSON\n\n", headers: EVENT_STREAM }, true],
      [{ body: JSON.stringify(said) }, true],
      [{ status: 503, body: JSON.stringify(said) }, false],
      [{ status: 401, body: JSON.stringify(said) }, false],
      [{ resetAtOnce: true }, false],
    ];
    await using server = await wireServer(cases.map(([answer]) => answer));
    const model = make(server);
    for (const [answer, accepted] of cases) {
      const error = await rejection(sendTo(model));
      expect([answer, error]).toMatchObject([answer, { code: "model_failed", accepted }]);
    }
  });
});

describe("google", () => {
  const whole = googleAnswer({ text: "All of it." });
  const generated = { candidates: [{ content: { parts: [{ text: "All of it." }] }, finishReason: "STOP" }] };

  test.each(["alive", "silent"] as const)(
    "a whole reply ends, though its connection stays open, %s",
    async (staysOpen) => {
      await using server = await wireServer([
        { ...whole, staysOpen },
        { body: JSON.stringify(generated), staysOpen },
      ]);
      const model = googleModel(server);
      expect((await sendTo(model)).reply).toMatchObject({ texts: ["All of it."], stopReason: "end" });
      if (staysOpen === "alive") return;
      const { reply } = await sendTo(model, { parameters: { stream: false } });
      expect(reply).toMatchObject({ texts: ["All of it."], stopReason: "end" });
    },
  );

  test("a reason to stop that comes with each piece ends nothing", async () => {
    const piece = (text: string) => googleChunk({ content: { parts: [{ text }] }, finishReason: "STOP" }).bytes;
    await using server = await wireServer([
      { body: ["One ", "two ", "three."].map(piece).join(""), headers: EVENT_STREAM },
    ]);
    expect((await sendTo(googleModel(server))).reply.texts).toEqual(["One two three."]);
  });

  test("a request whose answer does not begin is given up after the time for silence", async () => {
    await using server = await wireServer([{ silent: true }]);
    const model = aiSdk(
      (fetch) => createGoogleGenerativeAI({ fetch, apiKey: "k", baseURL: server.url })("gemini-test"),
      { provider: "google", idleTimeoutMs: 150 },
    );
    const error = await rejection(sendTo(model));
    expect(error).toMatchObject({ connection: true, accepted: false, message: "google sent nothing for 0.15 s." });
  });

  test("under a limit, an error that is told within a stream costs what the request may have cost at most", async () => {
    const body = googleChunk({}, "", { error: { code: 503, message: "busy", status: "UNAVAILABLE" } }).bytes;
    await using server = await wireServer(Array(5).fill({ body, headers: EVENT_STREAM }));
    const program = new LLMProgram({
      model: googleModel(server),
      parameters: { generationConfig: { maxOutputTokens: 1000 } },
      pricing: { inputUsdPerMillion: 1, outputUsdPerMillion: 10 },
      limits: { usd: 0.03 },
      retry: { maxAttempts: 1 },
    });
    await using proc = await program.start();
    const errors = [];
    for (let run = 0; run < 5; run++) errors.push(await rejection(proc.run("Hello.")));
    // Each may have cost a cent of output, so that the third does not fit any more.
    expect(server.requests).toHaveLength(2);
    expect(errors.at(-1)).toMatchObject({ stopReason: "cost_limit" });
    expect(proc.usage).toMatchObject({ usdCost: 0, flags: [{ reason: "broken_off", requests: 2 }] });
    expect(proc.usage.usdUncertain).toBeGreaterThan(0.02);
  });
});

test("what a package fetches beside the request goes to nobody else with what opens a door", async () => {
  await using other = await wireServer([{ body: "a picture" }]);
  const moved = { status: 307, headers: { location: other.url } };
  await using server = await wireServer([moved, moved, moved]);
  const asking = (call: (fetch: typeof globalThis.fetch) => Promise<unknown>) =>
    aiSdk((fetch) => ({ ...modelObject([]).object, doStream: async () => Promise.reject(await call(fetch)) }));
  const grant = new URLSearchParams({ client_secret: "planted" });
  const token = asking((fetch) => fetch(`${server.url}/token`, { method: "POST", body: grant }));
  expect(await rejection(sendTo(token))).toMatchObject({ status: 307, shouldRetry: false });
  const file = asking((fetch) => fetch(`${server.url}/file`, { headers: { "x-api-key": "planted-0123456789" } }));
  expect(await rejection(sendTo(file))).toMatchObject({ status: 307, shouldRetry: false });
  expect(other.requests).toHaveLength(0);
  const open = asking(async (fetch) => new Error(await (await fetch(`${server.url}/open`)).text()));
  expect(String(await rejection(sendTo(open)))).toContain("a picture");
});

test("a model object keeps a silence that Node's own fetch can keep; a longer one is refused", () => {
  const { object } = modelObject([]);
  for (const idleTimeoutMs of [300_001, 900_000, Number.POSITIVE_INFINITY]) {
    expect(() => aiSdk(object, { idleTimeoutMs })).toThrow(/300 s.*aiSdk\(\(fetch\) => …\)/);
    expect(() => aiSdk(() => object, { idleTimeoutMs })).not.toThrow();
  }
  expect(() => aiSdk(object, { idleTimeoutMs: 300_000 })).not.toThrow();
});
