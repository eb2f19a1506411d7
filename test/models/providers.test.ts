import { readFileSync } from "node:fs";
import { anthropic, anthropicVertex, LLMProcError, LLMProgram, openai, openaiCompatible } from "llmproc";
import { expect, test } from "vitest";
import { createModel } from "../../src/models/create-model.ts";
import { KNOWN_HOSTS } from "../../src/models/openai-compatible/known-hosts.ts";
import type { NamedProvider, ProviderOption } from "../../src/models/providers.ts";
import { PROVIDER_LIST, PROVIDER_NAMES } from "../../src/models/providers.ts";
import type { ModelOptions } from "../../src/program/program-schema.ts";

/** A value of each option that a program can give, all of them good. */
const VALUES: { readonly [Option in ProviderOption]: NonNullable<ModelOptions[Option]> } = {
  name: "m",
  baseUrl: "http://127.0.0.1:1/v1",
  headers: { "x-a": "b" },
  idleTimeoutMs: 5,
  apiKeyEnv: "A_KEY",
  projectId: "p",
  region: "global",
  sendReasoning: false,
  disableAutomaticCaching: true,
  replies: [{ text: "a" }],
  childReplies: [{ text: "b" }],
  repeat: true,
};

/** Those of the list that programs name, each with its smallest spec and that of all it takes. */
const specs = PROVIDER_LIST.map((provider) => ({
  name: provider.name,
  provider,
  least: optionsOf(provider, provider.needs),
  most: optionsOf(provider, ["name", ...provider.takes]),
}));

function optionsOf({ name }: NamedProvider, options: readonly ProviderOption[]): ModelOptions {
  return { provider: name, ...Object.fromEntries(options.map((option) => [option, VALUES[option]])) };
}

test.each(specs)("$name takes in a program what the list says, and nothing else", ({ provider, least, most }) => {
  expect(new LLMProgram({ model: most }).model).toMatchObject(most);
  for (const [option, value] of Object.entries(VALUES)) {
    if (option === "name" || provider.takes.some((taken) => taken === option)) continue;
    expect(() => new LLMProgram({ model: { ...least, [option]: value } })).toThrow(
      new RegExp(`${option} is (of no use with|for) provider = `),
    );
  }
});

test.each(specs)("$name is made of all that it takes, and of no less than it needs", ({ provider, least, most }) => {
  for (const spec of [least, most]) {
    expect(createModel(spec)).toMatchObject({ provider: provider.name, name: expect.stringMatching(/^(m|scripted)$/) });
  }
  for (const needed of provider.needs) {
    const { [needed]: _left, ...rest } = least;
    expect(() => new LLMProgram({ model: rest as ModelOptions })).toThrow(`${needed} is missing`);
  }
});

test("what a program can say of a model is what the function for code takes, but for a key and a client", () => {
  for (const [provider, make, own] of FUNCTIONS) {
    const { takes = [] } = PROVIDER_LIST.find(({ name }) => name === provider) ?? {};
    const named = takes.map((option) => NAMES_IN_CODE.get(option) ?? option);
    expect(optionsNamed(make).sort()).toEqual(["name", ...named, ...own].sort());
  }
});

const FUNCTIONS: readonly (readonly [provider: string, make: (options: never) => unknown, own: readonly string[]])[] = [
  ["anthropic", anthropic, ["apiKey"]],
  ["anthropic_vertex", anthropicVertex, ["authClient"]],
  ["openai", openai, ["apiKey"]],
  ["openai_compatible", openaiCompatible, ["apiKey"]],
];

const NAMES_IN_CODE: ReadonlyMap<string, string> = new Map([
  ["baseUrl", "baseURL"],
  ["disableAutomaticCaching", "automaticCaching"],
]);

/** As a function names them where it is given one that it does not know. */
function optionsNamed(make: (options: never) => unknown): string[] {
  try {
    make({ zzzzzzzz: 1 } as never);
  } catch (error) {
    if (error instanceof LLMProcError) return (/It has (.*)\.$/.exec(error.message)?.[1] ?? "").split(", ");
  }
  throw new Error("Nothing was refused.");
}

/** The rows of the table of a document whose first heading is `provider`. */
function rowsIn(path: string): readonly (readonly string[])[] {
  const [, rest = ""] = readFileSync(path, "utf8").split(/^\| `provider` \|.*\n\|[-|]+\|\n/m);
  const [table = ""] = rest.split("\n\n");
  return table.split("\n").map((row) => row.split(" | ").map((cell) => cell.replace(/^\| | \|$/g, "")));
}

function codeIn(cell = ""): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code);
}

test("the docs have a row for every provider that needs no package, with the variable of its key", () => {
  const rows = rowsIn("docs/models.md").filter((row) => codeIn(row[0]).length === 1);
  const own = PROVIDER_LIST.filter(({ package: packageName }) => packageName === undefined);
  expect(rows.map(([names, , key]) => [...codeIn(names), ...codeIn(key)])).toEqual(
    own.map(({ name, apiKeyEnvs = [] }) => [name, ...apiKeyEnvs]),
  );
  const [, keys = ""] = /^\| `provider` \| (.*?) \|/m.exec(readFileSync("docs/programs.md", "utf8")) ?? [];
  expect(codeIn(keys)).toEqual(own.map(({ name }) => `"${name}"`));
});

test("the docs name every provider that has a package, and every alias; where a row is of one, with what it reads", () => {
  const rows = rowsIn("docs/models-ai-sdk.md");
  const packaged = PROVIDER_LIST.filter(({ package: packageName }) => packageName !== undefined);
  expect(rows.flatMap(([names]) => codeIn(names)).sort()).toEqual(
    packaged.flatMap(({ name, aliases = [] }) => [name, ...aliases]).sort(),
  );
  for (const [names, packageCell, keys] of rows) {
    const [name, ...aliases] = codeIn(names);
    const one = packaged.find((provider) => provider.name === name);
    if (one === undefined || codeIn(packageCell)[0] === "@ai-sdk/") continue;
    expect([aliases, codeIn(packageCell)]).toEqual([one.aliases ?? [], [one.package]]);
    if (keys !== "as the package says")
      expect(codeIn(keys)).toEqual(expect.arrayContaining([...(one.apiKeyEnvs ?? [])]));
  }
});

test("an error about a provider that does not exist names all that do", () => {
  expect(() => createModel({ provider: "acme_llm", name: "x" })).toThrow(`Known: ${PROVIDER_NAMES.join(", ")}, and`);
});

test("a host whose key is known has the variable of the provider that has the same name", () => {
  const pairs = [...KNOWN_HOSTS].flatMap(([host, { apiKeyEnv }]) => {
    const provider = PROVIDER_LIST.find(({ name }) => host.replaceAll(".", "").includes(name));
    return provider === undefined ? [] : [{ host, apiKeyEnv, provider }];
  });
  expect(pairs.length).toBeGreaterThan(9);
  for (const { host, apiKeyEnv, provider } of pairs)
    expect([host, provider.apiKeyEnvs]).toEqual([host, expect.arrayContaining([apiKeyEnv])]);
});
