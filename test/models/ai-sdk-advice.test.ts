import { createMistral } from "@ai-sdk/mistral";
import { afterEach, expect, test, vi } from "vitest";
import { aiSdk } from "../../src/models/ai-sdk/ai-sdk.ts";
import { createModel } from "../../src/models/create-model.ts";
import type { Model } from "../../src/process/contract/model.ts";
import { googleModel } from "./ai-sdk-google.ts";
import type { WireAnswer, WireServer } from "./ai-sdk-server.ts";
import { wireServer } from "./ai-sdk-server.ts";
import { rejection, sendTo } from "./conformance.ts";

afterEach(() => vi.unstubAllEnvs());

const EVENTS = { "content-type": "text/event-stream" };
const PAGE = { body: "<!DOCTYPE html><p>Welcome", headers: { "content-type": "text/html; charset=utf-8" } };

function named({ url }: { url: string }): Model {
  vi.stubEnv("AI_SDK_TEST_KEY", "planted-secret-key");
  return createModel({ provider: "mistral", name: "m", baseUrl: `${url}/v1`, apiKeyEnv: "AI_SDK_TEST_KEY" });
}

function object({ url }: { url: string }): Model {
  return aiSdk(createMistral({ apiKey: "planted-secret-key", baseURL: `${url}/v1` })("m"));
}

/** What a model says of an answer, with HOST in place of the server's. */
async function saidOf(answer: WireAnswer, make: (server: WireServer) => Model, stream = true) {
  await using server = await wireServer([answer]);
  const error = await rejection(sendTo(make(server), { parameters: { stream } }));
  const { message, ...facts } = error as { message: string; status?: number; connection?: boolean };
  return { ...facts, message: message.replace(server.url, "HOST") };
}

const failed = (status: number, message: string) => ({
  status,
  body: JSON.stringify({ object: "error", message, type: "x", param: null, code: null }),
});

test("a refusal of the key names its variable, or the option of the package", async () => {
  expect((await saidOf(failed(401, "Unauthorized"), named)).message).toBe(
    "mistral answered 401 (x): Unauthorized. Check the API key in the environment variable AI_SDK_TEST_KEY.",
  );
  vi.stubEnv("MISTRAL_API_KEY", undefined);
  expect((await saidOf(failed(403, "No."), object)).message).toBe(
    "mistral.chat answered 403 (x): No. Check the apiKey that the model object was made with, or the environment variable MISTRAL_API_KEY.",
  );
  vi.stubEnv("MISTRAL_API_KEY", "");
  expect((await saidOf(failed(401, "No."), object)).message).toBe(
    "mistral.chat answered 401 (x): No. The environment variable MISTRAL_API_KEY is empty: set it, or make the model object with an apiKey.",
  );
  vi.stubEnv("MISTRAL_API_KEY", "planted-usual-key");
  const usual = ({ url }: WireServer) => createModel({ provider: "mistral", name: "m", baseUrl: url });
  expect((await saidOf(failed(401, "no"), usual)).message).toContain("in the environment variable MISTRAL_API_KEY.");
  const invalid = JSON.stringify({ error: { code: 400, message: "API key not valid.", status: "INVALID_ARGUMENT" } });
  expect((await saidOf({ status: 400, body: invalid }, googleModel)).message).toBe(
    "google answered 400 (INVALID_ARGUMENT): API key not valid. Check the API key in the environment variable AI_SDK_TEST_KEY.",
  );
});

test("an unknown model, a server that is not there and a web page name the address", async () => {
  const gone = await wireServer([]);
  await gone[Symbol.asyncDispose]();
  for (const [make, provider, address] of [
    [named, "mistral", "HOST/v1"],
    [object, "mistral.chat", "HOST"],
  ] as const) {
    expect((await saidOf(failed(404, "Not found"), make)).message).toBe(
      `${provider} answered 404 (x): Not found. Check the model's name "m" and the address ${address}.`,
    );
    const { message } = (await rejection(sendTo(make(gone)))) as Error;
    expect(message.replace(gone.url, "HOST")).toMatch(/^The connection to mistral.* failed: .*ECONNREFUSED/);
    expect(message.replace(gone.url, "HOST")).toMatch(
      new RegExp(`Check the address ${address}, and that its server runs\\.$`),
    );
    const whole = await saidOf(PAGE, make, false);
    expect(whole).toMatchObject({ connection: true, status: undefined });
    expect(whole.message).toMatch(/reply could not be read: .* Check the address HOST(\/v1)?\.$/);
    const streamed = await saidOf(PAGE, make);
    expect(streamed).toMatchObject({ connection: true, status: undefined });
    expect(streamed.message).toMatch(
      /^mistral.*'s reply could not be read: it is a web page\..* Check the address .*\.$/,
    );
  }
  expect((await saidOf({ ...PAGE, headers: EVENTS }, named)).message).toBe(
    "mistral's reply could not be read: it is a web page. It began: <!DOCTYPE html><p>Welcome Check the address HOST/v1.",
  );
});

test("an error event in the stream is told in the vendor's words, on one line", async () => {
  const event = (value: unknown) => ({ body: `data: ${JSON.stringify(value)}\n\n`, headers: EVENTS });
  for (const [make, provider] of [
    [named, "mistral"],
    [object, "mistral.chat"],
  ] as const) {
    for (const value of [
      { object: "error", message: "Too\nbusy", type: "service_tier_capacity_exceeded", code: null },
      { error: { message: "Too\nbusy", type: "service_tier_capacity_exceeded" } },
    ]) {
      expect(await saidOf(event(value), make)).toMatchObject({
        message: `${provider} broke off its reply (service_tier_capacity_exceeded): Too busy`,
        connection: true,
        status: undefined,
      });
    }
    expect(await saidOf(event({ error: { message: "Slow down", code: 429 } }), make)).toMatchObject({
      status: 429,
      connection: false,
    });
  }
});

test("an answer that a package cannot read is shown by its beginning, not by the package's checks", async () => {
  const event = (value: unknown) => ({ body: `data: ${JSON.stringify(value)}\n\n`, headers: EVENTS });
  expect(await saidOf(event({ x: "y" }), object)).toMatchObject({
    message: `mistral.chat's reply could not be read: it has not the form that the package expects. It began: {"x":"y"}`,
    connection: true,
  });
  expect(await saidOf(event({ id: "c1", choices: [] }), object)).toMatchObject({
    message: "mistral.chat's reply could not be read: Cannot read properties of undefined (reading 'delta')",
    connection: true,
  });
});
