import { expect, test } from "vitest";
import { PROVIDER_LIST } from "../../src/models/providers.ts";
import { projectFiles, readSources } from "./project-files.ts";
import { providerNameFaults } from "./provider-names.ts";

test("no file names a provider but the list and the provider's own", () => {
  const sources = readSources(projectFiles("src"));
  expect(sources.has("src/models/providers.ts")).toBe(true);
  expect(providerNameFaults(sources, PROVIDER_LIST)).toEqual([]);
});

const PROVIDERS = [
  { name: "acme" },
  { name: "acme_cloud" },
  { name: "acme_lite" },
  { name: "packed", aliases: ["packt"], package: "@ai-sdk/packed" },
];

const HOMES = { "src/models/acme/acme.ts": "", "src/models/acme-lite.ts": "", "src/models/ai-sdk/a.ts": "" };

test.each([
  ["a comparison", "src/models/prices.ts", 'if (provider === "acme") throw 1;', "acme"],
  ["a list", "src/program/a.ts", 'const KEYS = ["acme_cloud"];', "acme_cloud"],
  ["a word in a message", "src/program/a.ts", 'f(`use provider = "acme" to go there`);', "acme"],
  ["an alias", "src/models/wire/a.ts", 'const a = "packt";', "packt"],
  ["a package", "src/models/acme/acme.ts", 'load("@ai-sdk/packed");', "@ai-sdk/packed"],
  ["the home of another", "src/models/acme-lite.ts", 'const a = "acme";', "acme"],
  ["the home of one with a longer name", "src/models/acme/acme.ts", 'const a = "acme_lite";', "acme_lite"],
])("%s is a fault", (_what, path, source, name) => {
  const sources = new Map(Object.entries({ ...HOMES, [path]: source }));
  expect(providerNameFaults(sources, PROVIDERS)).toEqual([`${path} names the provider "${name}"`]);
});

test("its own folder, the list, comments, other words and names in code are no fault", () => {
  const sources = new Map(
    Object.entries({
      "src/models/acme/acme.ts": 'const a = ["acme", "acme_cloud"];',
      "src/models/acme-lite.ts": 'const a = "acme_lite";',
      "src/models/ai-sdk/a.ts": 'const a = ["packed", "@ai-sdk/packed"];',
      "src/models/providers.ts": 'const a = "acme";',
      "src/program/a.ts": '/** "acme" */ const a = { acme: PROVIDERS.acme, b: "the acme of it", c: "acmes" };',
    }),
  );
  expect(providerNameFaults(sources, PROVIDERS)).toEqual([]);
});
