import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { LLMProgram } from "llmproc";
import { afterAll, expect, test } from "vitest";
import { createModel } from "../../src/models/create-model.ts";
import { PROVIDER_NAMES, providerNamed } from "../../src/models/providers.ts";
import { bundled } from "../support/bundled.ts";
import { sampleOf } from "../support/sample.ts";
import { googleAnswer } from "./ai-sdk-google.ts";
import { wireServer } from "./ai-sdk-server.ts";
import { rejection, sendTo } from "./conformance.ts";

const folder = mkdtempSync(join(tmpdir(), "llmproc-ai-sdk-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Installs a package in the folder: what its module says. */
function install(name: string, code: string, main = "index.js"): void {
  const at = join(folder, "node_modules", name);
  mkdirSync(at, { recursive: true });
  writeFileSync(
    join(at, "package.json"),
    JSON.stringify({ name, type: "module", exports: { ".": { import: `./${main}` } } }),
  );
  writeFileSync(join(at, main), code);
}

/** What a request says, or what it rejects with, in a process whose working directory is the folder. */
async function sentFrom(spec: object, env: Record<string, string> = {}): Promise<unknown> {
  const script = `
    const { createModel } = await import(${JSON.stringify(bundled("create-model.js"))});
    const messages = [{ role: "user", content: [{ type: "text", text: "x" }] }];
    const conversation = { system: "", messages, tools: [], parameters: {}, depth: 0 };
    const io = { signal: new AbortController().signal, beforeSend() {}, onText() {} };
    const model = createModel(${JSON.stringify(spec)});
    const said = await model.send(conversation, io).then(({ texts }) => texts[0], ({ code, message }) => ({ code, message }));
    console.log(JSON.stringify([model.provider, said]));
  `;
  const options = { cwd: folder, env: { PATH: process.env.PATH, ...env } };
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], options);
  return JSON.parse(stdout);
}

/** A provider whose models answer with the settings that they were made with. */
const ECHO = `
  export const createAbout = () => { throw new Error("not this one"); };
  export function createAcme({ fetch, ...settings }) {
    return (modelId) => ({
      specificationVersion: "v3", provider: "acme", modelId,
      async doStream() {
        await fetch(settings.baseURL, { method: "POST", body: "{}" });
        const parts = [
          { type: "text-delta", id: "0", delta: JSON.stringify({ modelId, ...settings }) },
          { type: "finish", finishReason: { unified: "stop", raw: "stop" }, usage: {} },
        ];
        return { stream: new ReadableStream({ start(c) { parts.forEach((p) => c.enqueue(p)); c.close(); } }) };
      },
    });
  }
`;

test("a package that is not installed: one line with the command that installs it", async () => {
  const packages = {
    azure: "@ai-sdk/azure",
    xai: "@ai-sdk/xai",
    groq: "@ai-sdk/groq",
    cohere: "@ai-sdk/cohere",
    deepseek: "@ai-sdk/deepseek",
    gemini_vertex: "@ai-sdk/google-vertex",
    google_vertex: "@ai-sdk/google-vertex",
    togetherai: "@ai-sdk/togetherai",
    "@openrouter/ai-sdk-provider": "@openrouter/ai-sdk-provider",
    "ollama-ai-provider-v2": "ollama-ai-provider-v2",
  };
  for (const [provider, name] of Object.entries(packages)) {
    expect(await rejection(sendTo(createModel({ provider, name: "m" })))).toMatchObject({
      code: "model_unavailable",
      message: expect.stringMatching(new RegExp(`needs the package ${name}, .* Install it: npm install ${name}$`)),
    });
  }
});

test("the aliases lead to one provider, by whose name prices are looked up", () => {
  const provider = (given: string) => createModel({ provider: given, name: "m" }).provider;
  expect(["gemini", "google", "@ai-sdk/google"].map(provider)).toEqual(["google", "google", "google"]);
  expect(["bedrock", "amazon_bedrock", "@ai-sdk/amazon-bedrock"].map(provider)).toEqual([
    "bedrock",
    "bedrock",
    "bedrock",
  ]);
  expect(["gemini_vertex", "togetherai"].map(provider)).toEqual(["google_vertex", "together"]);
  expect(provider("@openrouter/ai-sdk-provider")).toBe("openrouter");
  expect(provider("ollama-ai-provider-v2")).toBe("ollama");
});

test("every name loads in a program; a slip of one is told", () => {
  for (const provider of PROVIDER_NAMES.filter((name) => providerNamed(name)?.package !== undefined)) {
    expect(new LLMProgram({ model: { provider, name: "m" } }).model).toMatchObject({ provider });
  }
  for (const [slip, meant] of Object.entries({ gogle: "google", mistrall: "mistral", bed_rock: "bedrock" })) {
    expect(() => new LLMProgram({ model: { provider: slip, name: "m" } })).toThrow(`Did you mean "${meant}"?`);
    expect(() => createModel({ provider: slip, name: "m" })).toThrow(`Did you mean "${meant}"?`);
  }
  for (const odd of ["../../evil", "node:fs", "file:///etc", "./ai-sdk", "@ai-sdk/../x", "-provider"]) {
    expect(() => createModel({ provider: odd, name: "m" })).toThrow("There is no model provider");
  }
});

test("a package in the working directory is found, and its factory gets the settings of the program", async () => {
  install("@acme/ai-sdk-provider", ECHO);
  await using server = await wireServer([{ body: "{}" }]);
  const spec = {
    provider: "@acme/ai-sdk-provider",
    name: "m-1",
    baseUrl: server.url,
    apiKeyEnv: "MY_KEY",
    headers: { "x-a": "b" },
    region: "eu-west-1",
    projectId: "p",
  };
  const [provider, said] = (await sentFrom(spec, { MY_KEY: "k" })) as [string, string];
  expect(provider).toBe("acme");
  expect(JSON.parse(said)).toEqual({
    modelId: "m-1",
    apiKey: "k",
    baseURL: server.url,
    headers: { "x-a": "b" },
    region: "eu-west-1",
    location: "eu-west-1",
    project: "p",
  });
  expect(await sentFrom(spec)).toEqual([
    "acme",
    {
      code: "model_unavailable",
      message:
        'There is no API key for the model "m-1". Set the environment variable MY_KEY, or name another one with api_key_env (apiKeyEnv in code).',
    },
  ]);
});

test("a package that cannot be loaded, or makes no models, is one clear line", async () => {
  const broken = {
    "throws-ai-provider": ["throw new Error('odd\\nline')", "The package throws-ai-provider cannot be loaded: odd"],
    "lacks-ai-provider": [
      "import 'not-there'",
      "The package lacks-ai-provider cannot be loaded: Cannot find package 'not-there'",
    ],
    "empty-ai-provider": ["export const x = 1", 'The package empty-ai-provider has no function "create…"'],
    "object-ai-provider": [
      "export const createIt = () => ({})",
      "The package object-ai-provider makes no language models.",
    ],
    "other-ai-provider": ["export const createIt = () => () => ({})", "aiSdk() takes a language model object"],
  };
  for (const [name, [code = "", message = ""]] of sampleOf(Object.entries(broken), 2)) {
    install(name, code);
    const [, said] = (await sentFrom({ provider: name, name: "m" })) as [string, { code: string; message: string }];
    expect(said.message).toContain(message);
    expect(said.message).not.toContain("\n");
  }
});

test("google finds its key where the package looks for it, and where Gemini's own tools do", async () => {
  for (const variable of sampleOf(["GOOGLE_GENERATIVE_AI_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY"], 1)) {
    await using server = await wireServer([googleAnswer({ text: "hi" })]);
    const spec = { provider: "gemini", name: "gemini-test", baseUrl: server.url };
    expect(await sentFrom(spec, { [variable]: " the-key\n" })).toEqual(["google", "hi"]);
    expect(server.requests[0]?.headers["x-goog-api-key"]).toBe("the-key");
  }
  expect(await sentFrom({ provider: "google", name: "gemini-test" })).toEqual([
    "google",
    {
      code: "model_unavailable",
      message:
        'There is no API key for the model "gemini-test" of google. Set the environment variable GOOGLE_GENERATIVE_AI_API_KEY, or name another one in api_key_env.',
    },
  ]);
});

test("a key's variable that is empty is a missing key, and nothing is sent", async () => {
  for (const [provider, variable] of [
    ["mistral", "MISTRAL_API_KEY"],
    ["google", "GEMINI_API_KEY"],
  ] as const) {
    for (const value of sampleOf([" \n", ""], 1)) {
      await using server = await wireServer([]);
      expect(await sentFrom({ provider, name: "m", baseUrl: server.url }, { [variable]: value })).toEqual([
        provider,
        {
          code: "model_unavailable",
          message: `There is no API key for the model "m" of ${provider}: the environment variable ${variable} is empty. Set it, or name another one in api_key_env.`,
        },
      ]);
      expect(server.requests).toEqual([]);
    }
  }
});

test("what was missing at one request may be there at the next", async () => {
  await using server = await wireServer([googleAnswer({ text: "hi" })]);
  const model = createModel({ provider: "google", name: "m", baseUrl: server.url, apiKeyEnv: "AI_SDK_LATE_KEY" });
  expect(await rejection(sendTo(model))).toMatchObject({ code: "model_unavailable" });
  process.env.AI_SDK_LATE_KEY = "k";
  expect((await sendTo(model)).reply.texts).toEqual(["hi"]);
});

test("a base URL that is none and a header that cannot be sent are refused at once", () => {
  const spec = { provider: "google", name: "gemini-test" };
  expect(() => createModel({ ...spec, baseUrl: "not a url" })).toThrow(/base URL/);
  expect(() => createModel({ ...spec, headers: { "bad name": "x" } })).toThrow(/header bad name/);
});
