import { inspect } from "node:util";
import { createMistral } from "@ai-sdk/mistral";
import { APICallError } from "@ai-sdk/provider";
import type { EventRecord } from "llmproc";
import { LLMProgram } from "llmproc";
import { afterEach, expect, test, vi } from "vitest";
import { aiSdk } from "../../src/models/ai-sdk/ai-sdk.ts";
import { modelObject } from "./ai-sdk-object.ts";
import type { WireAnswer } from "./ai-sdk-server.ts";
import { wireServer } from "./ai-sdk-server.ts";
import { rejection, sendTo } from "./conformance.ts";

afterEach(() => vi.unstubAllEnvs());

const PLANTED = "Planted0Key1Without2Any3Form";

/** All that a user can see of a run that such a key and answer bring about: the error and every event. */
async function shownOf(apiKey: string, answer: WireAnswer): Promise<string> {
  await using server = await wireServer([answer]);
  const model = createMistral({ apiKey, baseURL: server.url })("mistral-test");
  const proc = await new LLMProgram({ model, retry: { maxAttempts: 1 } }).start();
  const records: EventRecord[] = [];
  proc.on("*", (record) => records.push(record));
  const error = await rejection(proc.run("hi"));
  await proc.close();
  expect(records.map(({ event }) => event)).toContain("api_error");
  expect(server.requests[0]?.headers.authorization).toBe(`Bearer ${apiKey}`);
  return inspect([error, records], { depth: 20, showHidden: true }) + JSON.stringify(records);
}

test("a model object's key is in no error and no event where it is in the vendor's variable, or looks like a key", async () => {
  vi.stubEnv("MISTRAL_API_KEY", PLANTED);
  for (const apiKey of [PLANTED, "sk-proj-0123456789abcdef", `AIza${"Sy0".repeat(11)}`]) {
    const message = `The key ${apiKey} is wrong.`;
    const said = JSON.stringify({ object: "error", message, type: "x", param: null, code: null });
    for (const answer of [
      { status: 401, body: said },
      { status: 500, body: said },
      { status: 400, body: JSON.stringify({ detail: `${"x".repeat(185)} ${apiKey}` }) },
      { status: 401, body: message },
      { body: `data: ${said}\n\n`, headers: { "content-type": "text/event-stream" } },
      { body: `data: ${message}\n\n`, headers: { "content-type": "text/event-stream" } },
    ]) {
      const shown = await shownOf(apiKey, answer);
      expect(shown).not.toContain(apiKey);
      expect(shown).not.toContain(apiKey.slice(0, 12));
    }
  }
});

test("a bearer token in any vendor's words is hidden, and words about one are not", async () => {
  const said = async (message: string) => {
    const body = JSON.stringify({ object: "error", message, type: "x", param: null, code: null });
    return shownOf("k-1", { status: 403, body });
  };
  expect(await said("Got Authorization: Bearer odd0token.")).toContain("Got Authorization: Bearer [secret]");
  expect(await said("Bearer authentication is needed for task-force-2.")).toContain(
    "Bearer authentication is needed for task-force-2.",
  );
});

test("secrets of the request that the error itself has are hidden, in the text and in its cause", async () => {
  const [header, inUrl] = ["planted-header", "planted-query"];
  const cause = Object.assign(new Error(`socket of ${header}`), { sent: { header } });
  const error = new APICallError({
    message: `${header} and ${inUrl} are wrong`,
    url: `http://127.0.0.1:9/v1?key=${inUrl}`,
    requestBodyValues: {},
    statusCode: 401,
    cause,
  });
  Object.assign(error, { requestHeaders: { Authorization: `Bearer ${header}` } });
  const model = aiSdk({ ...modelObject([]).object, doStream: () => Promise.reject(error) });
  const thrown = await rejection(sendTo(model));
  expect(thrown).toMatchObject({ status: 401, message: expect.stringContaining("[secret] and [secret] are wrong") });
  expect(inspect(thrown, { depth: 20, showHidden: true })).not.toMatch(/planted-(header|query)/);
});
