import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { KNOWN_HOSTS } from "../../src/models/openai-compatible/known-hosts.ts";

test("the docs name the variable of every host whose key is known", () => {
  const rows = readFileSync("docs/models.md", "utf8").matchAll(/^\| `([\w.]+\.\w+)` \| `([A-Z_]+)` \|$/gm);
  const documented = [...rows].map(([, host, variable]) => [host, variable]);
  expect(documented).toEqual([...KNOWN_HOSTS].map(([host, { apiKeyEnv }]) => [host, apiKeyEnv]));
});
