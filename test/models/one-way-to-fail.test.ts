import http from "node:http";
import { createMistral } from "@ai-sdk/mistral";
import { aiSdk, openaiCompatible } from "llmproc";
import { afterEach, expect, test, vi } from "vitest";
import type { Model, ModelError } from "../../src/process/contract/model.ts";
import { rawServer } from "../support/raw-server.ts";
import type { WireAnswer } from "./ai-sdk-server.ts";
import { wireServer } from "./ai-sdk-server.ts";
import { rejection, sendTo } from "./conformance.ts";

const KEY = "planted-secret-key";
const EVENTS = { "content-type": "text/event-stream" };

/** Two that speak alike: one that this package speaks to itself, one behind a package of the AI SDK. */
const MAKERS: readonly ((baseURL: string, idleTimeoutMs?: number) => Model)[] = [
  (baseURL, idleTimeoutMs = 5000) =>
    openaiCompatible({ name: "m", baseURL, apiKeyEnv: "MISTRAL_API_KEY", idleTimeoutMs }),
  (baseURL, idleTimeoutMs = 5000) =>
    aiSdk((fetch) => createMistral({ fetch, baseURL, apiKey: KEY })("m"), { provider: "mistral", idleTimeoutMs }),
];

afterEach(() => vi.unstubAllEnvs());

/** What an error says and is, with names in place of what differs by who sends. */
async function told(model: Model, { url, answer }: { url: string; answer?: WireAnswer }) {
  vi.stubEnv("MISTRAL_API_KEY", KEY);
  const error = (await rejection(sendTo(model))) as ModelError;
  const { status, connection, accepted, shouldRetry, retryAfterMs } = error;
  const message = error.message
    .replaceAll(`${url}/v1`, "ADDRESS")
    .replaceAll(url, "ADDRESS")
    .replace(/(?<!ADDRESS)\b(127\.0\.0\.1:\d+|nobody\.test|mistral)(?= (answered|broke|failed))/, "VENDOR")
    .replace(/Check the API key in .*|Check the apiKey .*/, "KEY ADVICE");
  return { answer, message, status, connection, accepted, shouldRetry, retryAfterMs };
}

const failed = (status: number, error: object, headers: Record<string, string> = {}): WireAnswer => ({
  status,
  body: JSON.stringify({ error }),
  headers,
});
const event = (value: unknown): WireAnswer => ({ body: `data: ${JSON.stringify(value)}\n\n`, headers: EVENTS });
const quota = { message: "You exceeded your quota", type: "insufficient_quota", code: "insufficient_quota" };
const delay = [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "34.5s" }];

const ANSWERS: readonly (readonly [what: string, WireAnswer, said: RegExp])[] = [
  ["a wrong key", failed(401, { message: "no", type: "auth" }), /^VENDOR answered 401 \(auth\): no\. KEY ADVICE$/],
  ["a wrong key, at Google", failed(400, { message: "API key not valid", status: "BAD" }), /\(BAD\).*\. KEY ADVICE$/],
  ["a wrong model", failed(404, { message: "none" }), /: none\. Check the model's name "m" and the address ADDRESS\.$/],
  ["an account that is used up", failed(429, quota), /\. Waiting does not help/],
  ["one that tells so in its stream", event({ error: quota }), /^VENDOR broke off its reply .* Waiting does not help/],
  ["too many requests", failed(429, { message: "slow" }, { "retry-after": "3" }), /: slow$/],
  ["too many, at Google", failed(429, { message: "slow", details: delay }), /: slow$/],
  ["a proxy", { status: 407, body: "who?" }, /^VENDOR answered 407: who\?\. A proxy on the way/],
  ["an overload in the stream", event({ error: { message: "Too\nbusy", code: 503 } }), /: Too busy$/],
  ["the key in the kind of a failure", failed(500, { message: "x", type: `of-${KEY}` }), /\(of-\[secret\]\): x$/],
  [
    "a failure as a page",
    { status: 502, body: "<html>\n<b>Bad</b>", headers: {} },
    /answered 502: <html> <b>Bad<\/b>$/,
  ],
];

test.each(ANSWERS)("%s is told alike, whoever sends", async (_what, answer, said) => {
  const errors = [];
  for (const make of MAKERS) {
    await using server = await wireServer([answer]);
    errors.push(await told(make(`${server.url}/v1`), { url: server.url, answer }));
  }
  const [own, packaged] = errors;
  expect(own?.message).toMatch(said);
  expect(packaged).toEqual(own);
});

/** What a request to the same address says, by either. */
function bothTold(url: string, idleTimeoutMs?: number) {
  return Promise.all(MAKERS.map((make) => told(make(`${url}/v1`, idleTimeoutMs), { url })));
}

test("a server that is not there, and one that does not speak TLS, are told alike; what lasts is not tried again", async () => {
  const server = await rawServer((socket) => void socket.once("data", () => socket.end("HTTP/1.1 400 No\r\n\r\n")));
  const secure = await bothTold(server.url.replace("http:", "https:"));
  await server[Symbol.asyncDispose]();
  const gone = await bothTold(server.url);
  for (const [own, packaged] of [secure, gone]) expect(packaged).toEqual(own);
  expect(secure[0]).toMatchObject({ connection: true, shouldRetry: false });
  expect(secure[0]?.message).toMatch(/does not speak TLS .* Is it http:.* Check the address ADDRESS\.$/);
  expect(gone[0]).toMatchObject({ connection: true, shouldRetry: undefined });
  expect(gone[0]?.message).toMatch(/ECONNREFUSED.*\. Check the address ADDRESS, and that its server runs\.$/);
});

test("where nobody is there in time, it is the connection that failed, and not the vendor that was silent", async () => {
  const { globalAgent } = http;
  // The name is never found.
  http.globalAgent = new http.Agent({ lookup() {} });
  try {
    const [own, packaged] = await bothTold("http://nobody.test", 50);
    expect(packaged).toEqual(own);
    expect(own).toMatchObject({
      message: expect.stringMatching(/^The connection to VENDOR failed: nobody was there in time .* Check the address/),
      connection: true,
      accepted: false,
    });
  } finally {
    http.globalAgent = globalAgent;
  }
});

const chunk = (choice: object) =>
  event({ id: "1", object: "chat.completion.chunk", model: "m", created: 1, choices: [{ index: 0, ...choice }] });

test.each([
  [
    "a stream that ends early",
    chunk({ delta: { content: "Hel" } }),
    "could not be read: its stream ended before the reply did",
  ],
  [
    "a reply that ended with an error",
    chunk({ delta: { content: "Hel" }, finish_reason: "error" }),
    "broke off its reply (no type)",
  ],
] as const)("%s is told alike, whoever sends", async (_what, answer, said) => {
  for (const make of MAKERS) {
    await using server = await wireServer([answer]);
    const error = await told(make(`${server.url}/v1`), { url: server.url });
    expect(error).toMatchObject({ message: expect.stringContaining(said), connection: true, accepted: true });
  }
});
