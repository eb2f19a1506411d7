import { describe, expect, test } from "vitest";
import { LLMProgram } from "../../src/program/llm-program.ts";
import type { ModelOptions } from "../../src/program/program-schema.ts";
import { complaint, load, programErrorOf } from "./program-files.ts";

function modelOf(provider: string, more = ""): string {
  return `[model]\nname = "m"\nprovider = "${provider}"\n${more}\n`;
}

const COMPATIBLE = "openai_compatible";
const URL_LINE = 'base_url = "http://127.0.0.1:1/v1"';

describe("a key that the provider would ignore is refused by name", () => {
  test.each([
    ["openai", 'project_id = "p"', "project_id"],
    ["anthropic", 'region = "r"', "region"],
    ["openai", "disable_automatic_caching = true", "disable_automatic_caching"],
    ["google", "disable_automatic_caching = true", "disable_automatic_caching"],
    ["anthropic_vertex", 'api_key_env = "K"', "api_key_env"],
    ["google", "idle_timeout_ms = 5", "idle_timeout_ms"],
  ])("%s: %s", (provider, line, key) => {
    expect(complaint(modelOf(provider, line))).toBe(
      `FILE:4:1: [model] ${key} is of no use with provider = "${provider}": take it out.`,
    );
  });

  test.each(["openai", "@acme/ai-sdk-provider"])(
    "%s: what another provider alone takes is told with it",
    (provider) => {
      expect(complaint(modelOf(provider, "send_reasoning = true"))).toBe(
        'FILE:4:1: [model] send_reasoning is for provider = "openai_compatible" alone.',
      );
    },
  );

  test("one fault is told once: what the provider does not take is not looked at", () => {
    expect(complaint(modelOf("anthropic_vertex", 'api_key_env = "sk-not a name"'))).toBe(
      'FILE:4:1: [model] api_key_env is of no use with provider = "anthropic_vertex": take it out.',
    );
  });

  test("a scripted model sends nothing anywhere", () => {
    const text = '[model]\nprovider = "scripted"\nreplies = [{ text = "a" }]\nheaders = { a = "b" }\n';
    expect(complaint(text)).toContain('FILE:4:1: [model] headers is of no use with provider = "scripted"');
  });

  test.each([
    ["anthropic", "disable_automatic_caching = true\nidle_timeout_ms = 5"],
    ["anthropic_vertex", 'project_id = "p"\nregion = "r"\ndisable_automatic_caching = true'],
    ["openai", `${URL_LINE}\napi_key_env = "K"\nheaders = { a = "b" }\nidle_timeout_ms = 5`],
    [COMPATIBLE, `${URL_LINE}\nsend_reasoning = false\nmax_iterations = 3`],
    ["google_vertex", 'project_id = "p"\nregion = "r"\nmax_iterations = 3'],
  ])("%s takes its own", (provider, lines) => {
    expect(load(modelOf(provider, lines))).toBeInstanceOf(LLMProgram);
  });
});

describe("a server in place of a provider is told with its address", () => {
  test.each([
    ["ollama", "http://localhost:11434/v1"],
    ["vLLM", "http://localhost:8000/v1"],
    ["lm_studio", "http://localhost:1234/v1"],
    ["llama.cpp", "http://localhost:8080/v1"],
    ["openrouter", "https://openrouter.ai/api/v1"],
  ])("%s", (provider, url) => {
    expect(complaint(modelOf(provider, "send_reasoning = false"))).toBe(
      `FILE:3:1: [model] provider: found the text "${provider}", which is no provider. Use provider = "openai_compatible" with base_url = "${url}".`,
    );
  });

  test("in code, in the spelling of code", () => {
    const model: ModelOptions = { provider: "ollama", name: "m" };
    expect(programErrorOf(() => new LLMProgram({ model })).message).toContain('with baseUrl = "http://localhost:11434');
  });
});

describe("keys and addresses", () => {
  const KEY = "sk-inline-SECRET";

  test("a key where the name of its variable belongs is refused without showing it", () => {
    const message = complaint(modelOf("openai", `api_key_env = "${KEY}"`));
    expect(message).toContain(
      "FILE:4:1: [model] api_key_env is the name of an environment variable, not the key itself",
    );
    expect(message).not.toContain("SECRET");
  });

  test("a key in a program is refused, and told where it belongs", () => {
    const message = complaint(modelOf("openai", `api_key = "${KEY}"`));
    expect(message).toMatch(/^FILE:4:1: \[model\] api_key is not taken: .* api_key_env/);
    expect(message).not.toContain("SECRET");
  });

  test.each(["api.openai.com/v1", "localhost:11434/v1", "ftp://x"])("the address %s lacks its scheme", (url) => {
    expect(complaint(modelOf("openai", `base_url = "${url}"`))).toBe(
      `FILE:4:1: [model] base_url must begin with http:// or https://, found "${url}".`,
    );
  });

  test("an address that may hold a secret is not shown", () => {
    expect(complaint(modelOf("openai", 'base_url = "me:SECRET@host/v1"'))).not.toContain("SECRET");
  });
});

describe("in code, the address has two spellings", () => {
  const address = "http://127.0.0.1:1/v1";

  test.each(["anthropic", "anthropic_vertex", "openai", COMPATIBLE, "mistral", "@acme/ai-sdk-provider"])(
    "%s",
    (provider) => {
      const model = { provider, name: "m" };
      const made = { ...model, baseUrl: address };
      expect(new LLMProgram({ model: { ...model, baseURL: address } }).model).toEqual(made);
      expect(new LLMProgram({ model: { ...made, baseURL: address } }).model).toEqual(made);
      const differ = programErrorOf(() => new LLMProgram({ model: { ...made, baseURL: "http://127.0.0.1:2/v1" } }));
      expect(differ.message).toBe("model.baseURL is another spelling of baseUrl, which is there too. Keep one.");
    },
  );

  test("a wrong one is refused, and a file has but its own", () => {
    const wrong = { provider: "openai", name: "m", baseURL: "gpu-box:8000/v1" };
    expect(programErrorOf(() => new LLMProgram({ model: wrong })).message).toContain("must begin with http://");
    expect(complaint(modelOf("openai", `baseURL = "${address}"`))).toContain("baseURL is not a known key");
  });
});

describe("what was meant for a header is in no message", () => {
  const secret = "sk-planted-0123456789";
  test.each([
    ["headers as one text", `headers = "Authorization: ${secret}"`, "headers: found a text, expected a table."],
    ["a list of them", `headers = ["Authorization: ${secret}"]`, "headers: found a list, expected a table."],
    ["a number", "headers = { x-pin = 1234567890 }", "headers.x-pin: found a number, expected a text."],
  ])("%s", (_what, line, says) => {
    const said = complaint(modelOf(COMPATIBLE, `${URL_LINE}\n${line}`));
    expect(said).toMatch(/^FILE:5:\d+: \[model\] headers/);
    expect(said).toContain(says);
  });

  test("name and value in the place of a name", async () => {
    const text = modelOf(COMPATIBLE, `${URL_LINE}\nheaders = { "Authorization: ${secret}" = "" }`);
    const failed = await load(text).start().then(String, String);
    expect(failed).toContain("The header Authorization… in the headers of the model");
    expect(failed).not.toContain(secret);
  });

  test.each([COMPATIBLE, "openai", "anthropic", "google"])(
    "extra_headers of %s that are no table",
    async (provider) => {
      const [line, variable] = provider === COMPATIBLE ? [URL_LINE, ""] : ["", `api_key_env = "PATH"`];
      const text = `${modelOf(provider, `${line}\n${variable}`)}[parameters]\nextra_headers = "Authorization: ${secret}"\n`;
      const proc = await load(text).start();
      const failed = await proc.run("go").then(String, String);
      expect(failed).toContain('"extra_headers" must be a table of texts');
      expect(failed).not.toContain(secret);
    },
  );
});
