import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { LLMProgram } from "../../src/program/llm-program.ts";
import { programFileSchema } from "../../src/program/program-schema.ts";
import type { Schema } from "../../src/program/schema.ts";
import { docFiles, writeDocFiles } from "../house/doc-files.ts";
import { fencedBlocks } from "../house/fenced-blocks.ts";
import { programFiles } from "./program-files.ts";

const page = "docs/programs.md";
const text = readFileSync(page, "utf8");

test("every program on the page loads", () => {
  using files = programFiles();
  const paths = writeDocFiles(files.directory, docFiles(fencedBlocks(page, text)));
  const programs = paths.filter((path) => !path.endsWith(".ts"));
  expect(programs.length).toBeGreaterThanOrEqual(5);
  for (const path of programs) expect(LLMProgram.fromFile(path)).toBeInstanceOf(LLMProgram);
  // A piece that is not loaded would be a piece that is not checked.
  expect(text).not.toContain("fragment");
});

/** All keys of the schema that a file may have, section names in brackets. */
function keysOf(schema: Schema, top = false): string[] {
  if (schema.kind === "list" || schema.kind === "record") return keysOf(schema.of);
  if (schema.kind === "either") return schema.of.flatMap((option) => keysOf(option));
  if (schema.kind !== "table") return [];
  return Object.entries(schema.keys).flatMap(([key, field]) => {
    if (field.schema.kind === "not_yet") return [];
    const names = field.alias === undefined ? [key] : [key, field.alias];
    return [...names.map((name) => (top ? `[${name}]` : name)), ...keysOf(field.schema)];
  });
}

test("the page names every section and every key, and each key in its tables is real", () => {
  const keys = keysOf(programFileSchema, true);
  expect(keys.length).toBeGreaterThan(60);
  expect(keys.filter((key) => !text.includes(`\`${key}\``))).toEqual([]);
  const inTables = [...text.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, cell = ""]) =>
    [...cell.matchAll(/`(\w+)`/g)].map(([, key]) => key),
  );
  expect(inTables.length).toBeGreaterThan(30);
  expect(inTables.filter((key) => key !== undefined && !keys.includes(key))).toEqual([]);
});
