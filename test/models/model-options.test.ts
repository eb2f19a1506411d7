import { describe, expect, test } from "vitest";
import { anthropic } from "../../src/models/anthropic/anthropic.ts";
import { anthropicVertex } from "../../src/models/anthropic/anthropic-vertex.ts";
import { openai } from "../../src/models/openai/openai.ts";
import { openaiCompatible } from "../../src/models/openai-compatible/openai-compatible.ts";

const KEY = "sk-inline-SECRET";
const good = { name: "m", baseURL: "http://127.0.0.1:1/v1" };

/** As plain JavaScript calls them: with anything. */
const FUNCTIONS: readonly (readonly [string, (options: unknown) => unknown])[] = [
  ["anthropic", (options) => anthropic(options as Parameters<typeof anthropic>[0])],
  ["anthropicVertex", (options) => anthropicVertex(options as Parameters<typeof anthropicVertex>[0])],
  ["openai", (options) => openai(options as Parameters<typeof openai>[0])],
  ["openaiCompatible", (options) => openaiCompatible(options as Parameters<typeof openaiCompatible>[0])],
];

describe.each(FUNCTIONS)("%s: what plain JavaScript gets wrong is refused at once", (name, make) => {
  const refusal = (options: unknown): string => {
    let thrown: unknown;
    try {
      make(options);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: "program_invalid", message: expect.not.stringContaining(KEY) });
    return String(thrown).replace(/^\w+: /, "");
  };

  test("a misspelt option, so that nothing goes where it should not", () => {
    const { baseURL, ...rest } = good;
    expect(refusal({ ...rest, base_url: baseURL })).toMatch(
      new RegExp(`^${name}\\(\\) has no option "base_url"\\. Did you mean "baseURL"\\?$`),
    );
    expect(refusal({ ...good, idleTimeout: 1 })).toMatch(/Did you mean|It has name, /);
    expect(refusal({ ...good, toString: 1 })).toContain('no option "toString"');
  });

  test("baseUrl is baseURL, but not beside another one", () => {
    const { baseURL, ...rest } = good;
    for (const options of [
      { ...rest, baseUrl: baseURL },
      { ...good, baseUrl: baseURL },
    ]) {
      expect(make(options)).toMatchObject({ name: "m" });
    }
    expect(refusal({ ...rest, baseUrl: "nowhere" })).toContain('must begin with http:// or https://, found "nowhere"');
    const differ = `baseURL and baseUrl of ${name}() are two spellings of one option, and differ.`;
    expect(refusal({ ...good, baseUrl: `http://${KEY}` })).toBe(differ);
    expect(refusal({ ...rest, baseUrl: 3 })).toMatch(/The baseURL of .* must be a text/);
  });

  test("no options, a text in their place, no name", () => {
    expect(refusal("gpt-test")).toMatch(new RegExp(`^${name}\\(\\) takes \\{ name, .*…? \\}, found a string\\.$`));
    expect(refusal(KEY)).toMatch(/found a string/);
    expect(refusal(undefined)).toMatch(/takes { name/);
    expect(refusal(null)).toMatch(/found null/);
    expect(refusal({ baseURL: good.baseURL })).toMatch(/name is missing/);
    expect(refusal({ ...good, name: " " })).toMatch(/name is missing/);
    expect(refusal({ ...good, name: 3 })).toMatch(/The name of .* must be a text/);
  });

  test("a time that is none; without end is one", () => {
    for (const idleTimeoutMs of [0, -1, Number.NaN, "60", null])
      expect(refusal({ ...good, idleTimeoutMs })).toMatch(/above 0/);
    expect(make({ ...good, idleTimeoutMs: Number.POSITIVE_INFINITY })).toMatchObject({ name: "m" });
    expect(make({ ...good, idleTimeoutMs: undefined })).toMatchObject({ name: "m" });
  });

  test("headers and texts of another kind", () => {
    expect(refusal({ ...good, headers: "a: b" })).toMatch(/The headers of .* must be an object of texts/);
    expect(refusal({ ...good, baseURL: 3 })).toMatch(/The baseURL of .* must be a text/);
  });

  test("a key where the name of its variable belongs is not shown", () => {
    if (name === "anthropicVertex") return;
    expect(refusal({ ...good, apiKeyEnv: KEY })).toMatch(/is the name of an environment variable, not the key itself/);
    expect(refusal({ ...good, apiKey: { key: KEY } })).toMatch(/must be a text/);
  });
});
