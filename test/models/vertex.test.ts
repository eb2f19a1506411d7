import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { anthropicVertex } from "../../src/models/anthropic/anthropic-vertex.ts";
import type { AnthropicVertexOptions } from "../../src/models/anthropic/vertex-options.ts";
import { createModel } from "../../src/models/create-model.ts";
import type { Conversation } from "../../src/process/contract/model.ts";
import { anthropicServer } from "../support/anthropic-server.ts";
import { bundled } from "../support/bundled.ts";
import { modelConformance, rejection, sendTo, user } from "./conformance.ts";
import { googleAuth, vertexKind } from "./vertex-kind.ts";

modelConformance(vertexKind);

/** What arrives at the server for a conversation, beside what was shown. */
async function requestFor(parts: Partial<Conversation>, options: Partial<AnthropicVertexOptions> = {}) {
  await using server = await anthropicServer([{}]);
  const vertex = { name: "claude-test@1", projectId: "my-project", region: "europe-west1", authClient: googleAuth };
  const model = anthropicVertex({ ...vertex, baseURL: `${server.url}/v1`, ...options });
  const { payload } = await sendTo(model, parts);
  const [request] = server.requests;
  if (request === undefined) throw new Error("No request arrived.");
  return { ...request, payload };
}

test("the model, the project and the region stand in the URL, the version in the body, the token in the headers", async () => {
  const { body, path, headers, payload } = await requestFor({});
  const project = "/v1/projects/my-project/locations/europe-west1/publishers/anthropic/models";
  expect(path).toBe(`${project}/claude-test@1:streamRawPredict`);
  expect(body).toEqual(payload);
  expect(body).toEqual({
    anthropic_version: "vertex-2023-10-16",
    max_tokens: 8192,
    stream: true,
    messages: [{ role: "user", content: [{ type: "text", text: "Hello", cache_control: { type: "ephemeral" } }] }],
  });
  expect(headers.authorization).toBe("Bearer google-token");
  expect(headers).not.toHaveProperty("x-api-key");
  const whole = await requestFor({ parameters: { stream: false } });
  expect(whole.path).toBe(`${project}/claude-test@1:rawPredict`);
});

test("the cache mark stands on the last block of the last message, and not where it is not wanted", async () => {
  const messages = [user("a"), { role: "assistant", content: [], text: "b" } as const, user("c")];
  const { body } = await requestFor({ messages });
  expect(JSON.stringify(body).match(/cache_control/g)).toHaveLength(1);
  expect(body.messages).toMatchObject([{}, {}, { content: [{ text: "c", cache_control: { type: "ephemeral" } }] }]);
  expect(JSON.stringify((await requestFor({ messages }, { automaticCaching: false })).body)).not.toContain("cache_c");
});

test("a program that names no project and no region is made, and says which variable is missing when it is used", async () => {
  await using server = await anthropicServer([{}]);
  const spec = { provider: "anthropic_vertex", name: "claude-test", baseUrl: server.url };
  for (const [more, variable] of [
    [{ region: "global" }, "ANTHROPIC_VERTEX_PROJECT_ID"],
    [{ projectId: "p" }, "CLOUD_ML_REGION"],
  ] as const) {
    const error = await rejection(sendTo(createModel({ ...spec, ...more })));
    expect(error).toMatchObject({ code: "model_unavailable", message: expect.stringContaining(variable) });
  }
});

test("a fault in getting the token is one of the connection; the next request tries again", async () => {
  await using server = await anthropicServer([{}]);
  let asked = 0;
  const authClient = {
    getRequestHeaders: () =>
      asked++ === 0 ? Promise.reject(new Error("token server is down")) : googleAuth.getRequestHeaders(),
  };
  const options = { name: "claude-test", projectId: "p", region: "global", baseURL: server.url };
  const model = anthropicVertex({ ...options, authClient });
  const error = await rejection(sendTo(model));
  expect(error).toMatchObject({ connection: true, message: expect.stringContaining("token server is down") });
  expect((await sendTo(model)).reply.stopReason).toBe("end");
});

test("without Google's credentials, the error says how to get some, and nothing is left over", async () => {
  const script = `
    const { createModel } = await import(${JSON.stringify(bundled("create-model.js"))});
    const model = createModel({ provider: "anthropic_vertex", name: "claude-test", projectId: "p", region: "global" });
    const messages = [{ role: "user", content: [{ type: "text", text: "x" }] }];
    const conversation = { system: "", messages, tools: [], parameters: {}, depth: 0 };
    const io = { signal: new AbortController().signal, beforeSend: () => new Promise((go) => setTimeout(go, 50)), onText() {} };
    await model.send(conversation, io).catch(({ code, message }) => console.log(JSON.stringify({ code, message })));
  `;
  // No metadata server is asked, and no home has a file of credentials.
  const env = { PATH: process.env.PATH, HOME: "/nowhere", METADATA_SERVER_DETECTION: "none" };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], {
    env,
  });
  expect(JSON.parse(stdout)).toEqual({
    code: "model_unavailable",
    message: expect.stringMatching(/no Google credentials .*gcloud auth application-default login/),
  });
  expect(stderr).not.toMatch(/Error|Unhandled/);
});
