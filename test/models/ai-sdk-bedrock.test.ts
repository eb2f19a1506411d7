import { afterEach, expect, test } from "vitest";
import type { JsonObject } from "../../src/json.ts";
import { createModel } from "../../src/models/create-model.ts";
import { bedrockAnswer, bedrockModel } from "./ai-sdk-bedrock.ts";
import type { WireServer } from "./ai-sdk-server.ts";
import { wireServer } from "./ai-sdk-server.ts";
import { rejection, sendTo, user } from "./conformance.ts";

const CREDENTIALS = { AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "planted-aws-secret" };

afterEach(() => {
  for (const variable of Object.keys(CREDENTIALS)) delete process.env[variable];
});

/** With AWS credentials: requests are signed. */
function signedModel({ url }: WireServer) {
  Object.assign(process.env, CREDENTIALS);
  return createModel({ provider: "bedrock", name: "acme.model-v1:0", baseUrl: url, region: "eu-west-1" });
}

const TOOLS = [{ name: "add", description: "Adds.", parameters: { type: "object", properties: {} } }];
const PARAMETERS = {
  inferenceConfig: { maxTokens: 9, temperature: 0.5 },
  additionalModelRequestFields: { top_k: 5 },
  performanceConfig: { latency: "optimized" },
  brand_new: { a: [1] },
};

test("parameters are in a signed body as they are: they were there before it was signed", async () => {
  await using server = await wireServer([bedrockAnswer({ text: "hi" })]);
  const { payload } = await sendTo(signedModel(server), { tools: TOOLS, parameters: PARAMETERS });
  const [request] = server.requests;
  expect(request?.headers.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/);
  expect(request?.path).toBe("/model/acme.model-v1%3A0/converse-stream");
  expect(request?.raw).toBe(JSON.stringify(payload));
  expect(payload).toMatchObject(PARAMETERS);
  expect(payload).toMatchObject({ toolConfig: { tools: [{ toolSpec: { name: "add" } }] } });
});

test("a parameter that would change a signed body is refused by name; with an API key it is put in", async () => {
  await using server = await wireServer([bedrockAnswer({ text: "hi" }), bedrockAnswer({ text: "hi" })]);
  const own = { cachePoint: { type: "default" } };
  const parameters = { ...PARAMETERS, serviceTier: { type: "flex" }, toolConfig: { tools: [own] } };
  const error = await rejection(sendTo(signedModel(server), { tools: TOOLS, parameters }));
  const message = expect.stringMatching(/^The parameters toolConfig, serviceTier cannot be added .*provider_options/);
  expect(error).toMatchObject({ code: "program_invalid", message });
  expect(server.requests).toHaveLength(0);
  const { payload } = await sendTo(bedrockModel(server), { tools: TOOLS, parameters });
  expect(payload).toMatchObject({ ...PARAMETERS, serviceTier: { type: "flex" } });
  expect(payload).toMatchObject({ toolConfig: { tools: [{ toolSpec: { name: "add" } }, own] } });
  const alone = (await sendTo(bedrockModel(server), { parameters: { toolConfig: { tools: [own] } } })).payload;
  expect(alone?.toolConfig).toEqual({ tools: [own] });
  expect(server.requests.map(({ raw }) => JSON.parse(raw) as JsonObject)).toEqual([payload, alone]);
});

test("options of the package win over parameters, under either of its names", async () => {
  for (const key of ["bedrock", "amazonBedrock"]) {
    await using server = await wireServer([bedrockAnswer({ text: "hi" })]);
    const options = { [key]: { serviceTier: "flex", additionalModelRequestFields: { top_k: 5 } } };
    const parameters = { inferenceConfig: { maxTokens: 9 }, provider_options: options };
    const { payload } = await sendTo(signedModel(server), { parameters });
    expect(payload).toMatchObject({
      inferenceConfig: { maxTokens: 9 },
      serviceTier: { type: "flex" },
      additionalModelRequestFields: { top_k: 5 },
    });
  }
});

test("without credentials or a region: one line that says what to set, and nothing is sent", async () => {
  await using server = await wireServer([]);
  const spec = { provider: "bedrock", name: "m", baseUrl: server.url };
  expect(await rejection(sendTo(createModel({ ...spec, region: "eu-west-1" })))).toMatchObject({
    code: "model_unavailable",
    message: expect.stringContaining("AWS_ACCESS_KEY_ID"),
  });
  expect(await rejection(sendTo(createModel(spec)))).toMatchObject({
    code: "model_unavailable",
    message: 'A setting is missing for the model "m" of bedrock. Set the environment variable AWS_REGION.',
  });
  expect(server.requests).toHaveLength(0);
});

test("an image is sent as bytes; one by URL is refused before anything is sent", async () => {
  await using server = await wireServer([bedrockAnswer({ text: "hi" })]);
  const image = { type: "image", mediaType: "image/png", data: "iVBO" } as const;
  const { payload } = await sendTo(bedrockModel(server), { messages: [{ role: "user", content: [image] }] });
  expect(payload?.messages).toEqual([
    { role: "user", content: [{ image: { format: "png", source: { bytes: "iVBO" } } }] },
  ]);
  const content = [{ type: "image", url: "https://example.com/a.png" } as const];
  expect(
    await rejection(sendTo(bedrockModel(server), { messages: [user("?"), { role: "user", content }] })),
  ).toMatchObject({
    code: "model_failed",
    connection: false,
  });
  expect(server.requests).toHaveLength(1);
});
