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
  const refuses = (options: unknown, message: string | RegExp) => {
    let thrown: unknown;
    try {
      make(options);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: "program_invalid", message: expect.stringMatching(message) });
    expect(String(thrown)).not.toContain(KEY);
  };

  test("a misspelt option, so that nothing goes where it should not", () => {
    const { baseURL, ...rest } = good;
    refuses({ ...rest, baseUrl: baseURL }, `^${name}\\(\\) has no option "baseUrl"\\. Did you mean "baseURL"\\?$`);
    refuses({ ...good, idleTimeout: 1 }, "Did you mean|It has name, ");
    refuses({ ...good, toString: 1 }, 'no option "toString"');
  });

  test("no options, a text in their place, no name", () => {
    refuses("gpt-test", `^${name}\\(\\) takes \\{ name, .*…? \\}, found a string\\.$`);
    refuses(KEY, "found a string");
    refuses(undefined, "takes { name");
    refuses(null, "found null");
    refuses({ baseURL: good.baseURL }, "name is missing");
    refuses({ ...good, name: " " }, "name is missing");
    refuses({ ...good, name: 3 }, "The name of .* must be a text");
  });

  test("a time that is none; without end is one", () => {
    for (const idleTimeoutMs of [0, -1, Number.NaN, "60", null]) refuses({ ...good, idleTimeoutMs }, "above 0");
    expect(make({ ...good, idleTimeoutMs: Number.POSITIVE_INFINITY })).toMatchObject({ name: "m" });
    expect(make({ ...good, idleTimeoutMs: undefined })).toMatchObject({ name: "m" });
  });

  test("headers and texts of another kind", () => {
    refuses({ ...good, headers: "a: b" }, "The headers of .* must be an object of texts");
    refuses({ ...good, baseURL: 3 }, "The baseURL of .* must be a text");
  });

  test("a key where the name of its variable belongs is not shown", () => {
    if (name === "anthropicVertex") return;
    refuses({ ...good, apiKeyEnv: KEY }, "is the name of an environment variable, not the key itself");
    refuses({ ...good, apiKey: { key: KEY } }, "must be a text");
  });
});
