import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { BUILT_IN_TOOL_NAMES } from "../../src/tools/built-in-tool-names.ts";

const NUMBERS = ["none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

test("the pages name the built-in tools, all of them, and count them right", () => {
  const page = readFileSync("docs/tools.md", "utf8");
  const [, table = ""] = page.split("| tool | arguments | what it does |\n|---|---|---|\n");
  const [rows = ""] = table.split("\n\n", 1);
  expect(rows.split("\n").map((row) => /^\| `(\w+)` \|/.exec(row)?.[1])).toEqual(BUILT_IN_TOOL_NAMES);
  const count = NUMBERS[BUILT_IN_TOOL_NAMES.length];
  expect(page).toContain(`; ${count} come with the package.`);
  expect(readFileSync("README.md", "utf8")).toContain(`; ${count} built in;`);
});
