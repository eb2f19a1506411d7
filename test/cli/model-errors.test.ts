import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { anthropicServer } from "../support/anthropic-server.ts";
import { chatServer } from "../support/chat-server.ts";
import { closedPort } from "../support/closed-port.ts";
import { responsesServer } from "../support/responses-server.ts";
import { isExhaustive } from "../support/sample.ts";
import { folder, llmproc } from "./command.ts";

const KEY = "planted-key-0123456789";

/** What the command says, all of it, for a model of these settings. */
async function complaint(settings: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}) {
  const lines = Object.entries(settings).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
  const toml = `[model]\n${lines.join("\n")}\n[retry]\nmax_attempts = 1\n`;
  const cwd = folder({ "program.toml": toml });
  const { code, stdout, stderr } = await llmproc(["program.toml", "-p", "Hi", "-q"], { cwd, env });
  expect(stdout).toBe("");
  expect(stderr).not.toContain("planted");
  return { code, line: stderr.replaceAll(cwd, "CWD") };
}

const NAMED = [
  {
    provider: "anthropic",
    name: "claude-x",
    serve: anthropicServer,
    variable: "ANTHROPIC_API_KEY",
  },
  { provider: "openai", name: "gpt-x", serve: responsesServer, variable: "OPENAI_API_KEY" },
  { provider: "openai_compatible", name: "llama-x", serve: chatServer, variable: "MY_KEY" },
] as const;

/** One of them for each mistake, by turns, and all of them in the soak. */
const named = (place: number) => (isExhaustive ? NAMED : NAMED.slice(place, place + 1));

test.each(named(0))("a key that $provider does not take", async ({ provider, name, serve, variable }) => {
  const raw = JSON.stringify({ error: { type: "authentication_error", message: `wrong key: ${KEY}` } });
  await using server = await serve([{ status: 401, raw }]);
  const settings = {
    provider,
    name,
    base_url: server.url,
    ...(provider === "openai_compatible" && { api_key_env: variable }),
  };
  const { code, line } = await complaint(settings, { [variable]: KEY });
  expect(code).toBe(5);
  expect(line).toMatch(
    new RegExp(
      `^error: 127\\.0\\.0\\.1(:\\d+)? answered 401 \\(authentication_error\\): wrong key: \\[secret\\]. ` +
        `Check the API key in the environment variable ${variable}.\\n$`,
    ),
  );
  expect(server.requests).toHaveLength(1);
});

test.each(named(1))("a model that $provider does not have", async ({ provider, name, serve, variable }) => {
  const raw = JSON.stringify({ error: { type: "not_found_error", message: `no such model: ${name}` } });
  await using server = await serve([{ status: 404, raw }]);
  const settings = { provider, name, base_url: server.url };
  const { code, line } = await complaint(settings, { [variable]: KEY });
  const hint = provider === "anthropic" ? "" : " Most base URLs end in /v1.";
  expect([code, line.replaceAll(/:\d+/g, "")]).toEqual([
    5,
    `error: 127.0.0.1 answered 404 (not_found_error): no such model: ${name}. Check the model's name "${name}" and the address ${server.url.replace(/:\d+$/, "")}.${hint}\n`,
  ]);
});

test.each(named(2))("a server of $provider that is not there", async ({ provider, name, variable }) => {
  const url = `http://127.0.0.1:${await closedPort()}`;
  const { code, line } = await complaint({ provider, name, base_url: url }, { [variable]: KEY });
  expect(code).toBe(5);
  expect(line).toMatch(/^error: The connection to [^\n]* failed: connect ECONNREFUSED [^\n]*\n$/);
  expect(line).toContain(`Check the address ${url}, and that its server runs.`);
});

test.each(named(0))(
  "an address of $provider where something else answers",
  async ({ provider, name, serve, variable }) => {
    await using server = await serve([
      { raw: "<!doctype html><title>Hi</title>", headers: { "content-type": "text/html" } },
    ]);
    const { code, line } = await complaint({ provider, name, base_url: server.url }, { [variable]: KEY });
    expect(code).toBe(5);
    expect(line).toMatch(/^error: [^\n]*reply could not be read: [^\n]*<title>Hi<\/title>[^\n]*\n$/);
    expect(line).toContain(`Check the address ${server.url}.`);
  },
);

test.each(named(1))("a base URL of $provider that is none", async ({ provider, name }) => {
  const { code, line } = await complaint({ provider, name, base_url: "localhost:11434/v1" });
  expect(code).toBe(1);
  const problem = 'base_url must begin with http:// or https://, found "localhost:11434/v1".';
  expect(line).toMatch(/^error: \S+\.toml:\d+:1: \[model\] /);
  expect(line.endsWith(`${problem}\n`)).toBe(true);
});

test.each(NAMED.slice(0, 2))("no key for $provider", async ({ provider, name, variable }) => {
  const { code, line } = await complaint({ provider, name });
  expect(code).toBe(5);
  expect(line).toBe(
    `error: There is no API key for the model "${name}". Set the environment variable ${variable}, or name another one with api_key_env (apiKeyEnv in code).\n`,
  );
});

test("no key where the server wants one", async () => {
  await using server = await chatServer([{ status: 401, raw: "no entry" }]);
  const { line } = await complaint({ provider: "openai_compatible", name: "m", base_url: server.url });
  expect(line).toMatch(
    / answered 401: no entry. No API key was sent: name its environment variable in api_key_env.\n$/,
  );
});

test.each([
  ["anthropic_vertex", "google-auth-library", { project_id: "p", region: "global" }],
  ["google", "@ai-sdk/google", {}],
])("a provider that is not installed: %s", async (provider, packageName, more) => {
  const hide = `
    import { registerHooks } from "node:module";
    registerHooks({
      resolve(name, context, next) {
        if (name !== ${JSON.stringify(packageName)}) return next(name, context);
        throw Object.assign(new Error("Cannot find package '" + name + "'"), { code: "ERR_MODULE_NOT_FOUND" });
      },
    });`;
  const hook = pathToFileURL(`${folder({ "hide.mjs": hide })}/hide.mjs`).href;
  const { code, line } = await complaint({ provider, name: "m", ...more }, { NODE_OPTIONS: `--import ${hook}` });
  expect(code).toBe(5);
  expect(line).toBe(
    `error: The provider "${provider}" needs the package ${packageName}, which is not installed. Install it: npm install ${packageName}\n`,
  );
});
