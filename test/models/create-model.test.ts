import { expect, test } from "vitest";
import { createModel } from "../../src/models/create-model.ts";
import { anthropicServer } from "../support/anthropic-server.ts";
import { rejection, sendTo } from "./conformance.ts";

test("a model is made by its provider, and its settings reach the wire", async () => {
  await using server = await anthropicServer([{}]);
  const spec = { provider: "anthropic", name: "claude-test", baseUrl: server.url, headers: { "x-a": "b" } };
  process.env.CREATE_MODEL_TEST_KEY = "a-key";
  const model = createModel({ ...spec, apiKeyEnv: "CREATE_MODEL_TEST_KEY", disableAutomaticCaching: true });
  expect(model).toMatchObject({ provider: "anthropic", name: "claude-test" });
  await sendTo(model);
  expect(server.requests[0]?.headers).toMatchObject({ "x-a": "b", authorization: "Bearer a-key" });
  expect(server.requests[0]?.body).not.toHaveProperty("cache_control");
});

test("a provider that does not exist: the error names those that do, and the one that was meant", () => {
  for (const provider of ["Anthropic", "anthorpic", "anthropi", "anthropic_", "antropic"]) {
    expect(() => createModel({ provider, name: "x" })).toThrow(/Did you mean "anthropic"\? Known: .*anthropic/);
  }
  for (const provider of ["openia", "open-ai", "OpenAI"]) {
    expect(() => createModel({ provider, name: "x" })).toThrow(/Did you mean "openai"\?/);
  }
  for (const provider of ["nonesuch", "", "x", "__proto__", "toString"]) {
    const make = () => createModel({ provider, name: "x" });
    expect(make).toThrow(/There is no model provider .*Known: .*anthropic/);
    expect(make).not.toThrow(/Did you mean/);
  }
});

test("a model without its key is made, and says so when it is used", async () => {
  const model = createModel({ provider: "anthropic", name: "claude-test", apiKeyEnv: "NO_SUCH_KEY_IN_HERE" });
  expect(await rejection(sendTo(model))).toMatchObject({ code: "model_unavailable" });
});

test("a base URL that is none and a header that cannot be sent are refused at once", () => {
  const spec = { provider: "anthropic", name: "claude-test" };
  expect(() => createModel({ ...spec, baseUrl: "not a url" })).toThrow(/base URL/);
  expect(() => createModel({ ...spec, headers: { "bad name": "x" } })).toThrow(/header bad name/);
});
