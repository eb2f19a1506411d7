import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { KNOWN_HOSTS } from "../../src/models/openai-compatible/known-hosts.ts";
import { oddities } from "./oddities/oddities.ts";

test("the docs have a row for every way of servers that is tried, and for no other", () => {
  const [, table = ""] = readFileSync("docs/models.md", "utf8").split(
    "| what servers do | what comes of it |\n|---|---|\n",
  );
  const rows = (table.split("\n\n")[0] ?? "").split("\n");
  expect(rows).toEqual(oddities.map(({ name, becomes }) => `| ${name} | ${becomes} |`));
});

test("the docs name the variable of every host whose key is known", () => {
  const rows = readFileSync("docs/models.md", "utf8").matchAll(/^\| `([\w.]+\.\w+)` \| `([A-Z_]+)` \|$/gm);
  const documented = [...rows].map(([, host, variable]) => [host, variable]);
  expect(documented).toEqual([...KNOWN_HOSTS].map(([host, { apiKeyEnv }]) => [host, apiKeyEnv]));
});
