import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { anthropicServer } from "../support/anthropic-server.ts";
import { bundled } from "../support/bundled.ts";
import { chatServer } from "../support/chat-server.ts";
import { responsesServer } from "../support/responses-server.ts";

/** Runs a script in a Node of its own; `loaded()` in it says which of the vendors' packages have been asked for. */
async function run(script: string, env: Readonly<Record<string, string>> = {}): Promise<unknown> {
  const prelude = `
    import { registerHooks } from "node:module";
    const asked = new Set();
    const vendors = /^(openai|@anthropic-ai|@ai-sdk|google-auth-library)(\\/|$)/;
    registerHooks({ resolve(name, context, next) { if (vendors.test(name)) asked.add(name); return next(name, context); } });
    const loaded = () => [...asked].sort();
    const { LLMProgram } = await import(${JSON.stringify(bundled("index.js"))});
  `;
  const args = ["--input-type=module", "-e"];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [...args, prelude + script], {
    env: { PATH: process.env.PATH, ...env },
  });
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

test("neither the package nor a program that names a model loads any vendor's SDK", async () => {
  const models = [
    { provider: "anthropic", name: "m" },
    { provider: "anthropic_vertex", name: "m", projectId: "p", region: "global" },
    { provider: "openai", name: "m" },
    { provider: "openai_compatible", name: "m", baseUrl: "http://localhost:11434/v1" },
    { provider: "google", name: "m" },
  ];
  const script = `
    for (const model of ${JSON.stringify(models)}) await new LLMProgram({ model }).start();
    console.log(JSON.stringify(loaded()));
  `;
  expect(await run(script)).toEqual([]);
});

test("requests go out without any vendor's SDK; no variable of the environment but the key has a say in them", async () => {
  await using messages = await anthropicServer([{ message: { content: [{ type: "text", text: "hi" }] } }]);
  await using responses = await responsesServer([{ message: { output: [] } }]);
  await using chat = await chatServer([{ message: { message: { content: "hi" } } }]);
  const models = [
    { provider: "anthropic", name: "m", baseUrl: messages.url },
    { provider: "openai", name: "m", baseUrl: `${responses.url}/v1` },
    { provider: "openai_compatible", name: "m", baseUrl: `${chat.url}/v1` },
  ];
  const script = `
    for (const model of ${JSON.stringify(models)}) await (await new LLMProgram({ model }).start()).run("Hi");
    console.log(JSON.stringify(loaded()));
  `;
  const env = {
    ANTHROPIC_API_KEY: "anthropic-key",
    ANTHROPIC_AUTH_TOKEN: "other",
    ANTHROPIC_BASE_URL: "http://127.0.0.1:1",
    ANTHROPIC_CUSTOM_HEADERS: "x-custom: 1",
    ANTHROPIC_LOG: "debug",
    OPENAI_API_KEY: "openai-key",
    OPENAI_BASE_URL: "http://127.0.0.1:1",
    OPENAI_ADMIN_KEY: "admin",
    OPENAI_ORG_ID: "org",
    OPENAI_PROJECT_ID: "project",
    OPENAI_CUSTOM_HEADERS: "x-custom: 1",
    OPENAI_LOG: "debug",
  };
  expect(await run(script, env)).toEqual([]);
  const sent = [messages, responses, chat].map(({ requests: [request] }) => request?.headers);
  // A key goes to no server that did not ask for it.
  expect(sent.map((headers) => headers?.authorization)).toEqual([
    "Bearer anthropic-key",
    "Bearer openai-key",
    undefined,
  ]);
  const names = sent.flatMap((headers) => Object.keys(headers ?? {}));
  expect(names.filter((name) => /^(openai-|x-)/.test(name))).toEqual([]);
});

test("importing the built package reads its two files, no package, and of Node's own modules none that Node has not loaded itself", async () => {
  const script = `
    import { registerHooks } from "node:module";
    const read = [];
    registerHooks({ load(url, context, next) { read.push(url); return next(url, context); } });
    const before = new Set(process.moduleLoadList);
    await import(${JSON.stringify(bundled("index.js"))});
    const modules = process.moduleLoadList.filter((name) => !before.has(name) && !/ internal\\/|^Internal/.test(name));
    console.log(JSON.stringify({ read: read.map((url) => url.split("/dist/").at(-1)).sort(), modules }));
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script]);
  const { read, modules } = JSON.parse(stdout);
  // The third is the bundler's own: a kilobyte.
  expect(read).toEqual(["chunks/core.js", "chunks/rolldown-runtime.js", "index.js"]);
  expect(modules.filter((name: string) => name !== "NativeModule process")).toEqual([]);
});

test("importing the package loads neither what runs processes, nor what sends requests, nor the built-in tools, nor any package for a later use", async () => {
  const script = `
    import { registerHooks } from "node:module";
    const asked = [];
    registerHooks({ resolve(name, context, next) { asked.push(name); return next(name, context); } });
    await import(${JSON.stringify(new URL("../../src/index.ts", import.meta.url).href)});
    const later = /-sender\\.ts|secrets\\.ts|llm-process\\.ts|calculator\\.ts|read-file\\.ts|build-process-program\\.ts|^(smol-toml|yaml|commander|@cfworker|@pydantic|eventsource-parser|fast-string)/;
    console.log(JSON.stringify(asked.filter((name) => later.test(name))));
  `;
  const args = ["--disable-warning=ExperimentalWarning", "--experimental-strip-types", "--input-type=module", "-e"];
  const { stdout } = await promisify(execFile)(process.execPath, [...args, script]);
  expect(JSON.parse(stdout)).toEqual([]);
});
