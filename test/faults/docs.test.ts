import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { BEHAVIOURS } from "./expected.ts";
import { outcomeTable, placeTable } from "./expected-tables.ts";

const page = readFileSync("docs/reliability.md", "utf8");

/** The lines of the page's table whose first heading is this one. */
function tableOf(heading: string): string[] {
  const lines = page.split("\n");
  const start = lines.findIndex((line) => line.startsWith(`| ${heading} |`));
  const end = lines.findIndex((line, place) => place > start && !line.startsWith("|"));
  return start < 0 ? [] : lines.slice(start, end);
}

test("docs/reliability.md shows the table that the fault matrix is held to", () => {
  expect(tableOf("the handler")).toEqual(outcomeTable().split("\n"));
  expect(tableOf("the handler")).toHaveLength(Object.keys(BEHAVIOURS).length + 2);
});

test("docs/reliability.md shows where a run ends, event by event", () => {
  expect(tableOf("event")).toEqual(placeTable().split("\n"));
});
