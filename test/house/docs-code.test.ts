import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ERROR_CODES, LLMProgram } from "llmproc";
import { afterAll, expect, test } from "vitest";
import { EVENT_NAMES } from "../../src/events/callback-event.ts";
import type { DocFile } from "./doc-files.ts";
import { docFiles, writeDocFiles } from "./doc-files.ts";
import { fencedBlocks, firstColumn } from "./fenced-blocks.ts";
import { projectFiles, readSources } from "./project-files.ts";
import { runTool, TSC } from "./run-tool.ts";

const pages = readSources(["README.md", ...projectFiles("docs", ".md")]);
const manual = [...pages.values()].join("\n\n");
const files = [...pages].flatMap(([page, text]) => docFiles(fencedBlocks(page, text)));

/** Inside the project, so that imports find its packages. */
const folder = mkdtempSync(".docs-code-");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function compile(name: string, sources: readonly DocFile[]): Promise<string> {
  const target = join(folder, name);
  writeDocFiles(target, [...sources, { path: "tsconfig.json", language: "json", code: tsconfig }]);
  return (await runTool(TSC, "-p", target)).output;
}
const tsconfig = JSON.stringify({
  extends: "../../tsconfig.json",
  include: ["."],
  compilerOptions: { allowJs: false },
});

test("every ts block of the README and the docs compiles against the source", async () => {
  const blocks = files.filter(({ language }) => language === "ts");
  expect(blocks.length).toBeGreaterThan(0);
  expect(await compile("ts", blocks)).toBe("");
});

test("every toml and yaml block of the README and the docs is a program that loads", () => {
  const programs = files.filter(({ language }) => language !== "ts");
  writeDocFiles(join(folder, "programs"), files);
  const faults = programs.flatMap(({ path }) => {
    try {
      LLMProgram.fromFile(join(folder, "programs", path));
      return [];
    } catch (error) {
      return [`${path}: ${String(error)}`];
    }
  });
  expect(programs.length).toBeGreaterThan(0);
  expect(faults).toEqual([]);
});

test("the docs list every event, and no dead one", () => {
  expect(new Set(firstColumn(manual, "event"))).toEqual(new Set(EVENT_NAMES));
});

test("the docs list every error code, and no dead one", () => {
  expect(new Set(firstColumn(manual, "code"))).toEqual(new Set(Object.keys(ERROR_CODES)));
});

const sample = [
  "# A page",
  "",
  "<!-- given: declare const proc: { id: string }; -->",
  "```ts",
  "export const id: string = proc.id;",
  "```",
  "",
  "```ts continued",
  "export const length: number = id;",
  "```",
  "",
  "```ts file=other.ts",
  'import { answer } from "llmproc/nowhere";',
  "```",
  "",
  "```toml fragment",
  "[model",
  "```",
].join("\n");

test("a block that does not compile is reported with its line in the page", async () => {
  const output = await compile("sample", docFiles(fencedBlocks("sample.md", sample)));
  const places = [...output.matchAll(/sample\.md\/([\w.-]+)\((\d+),/g)].map(([, file, line]) => `${file}:${line}`);
  expect(places.sort()).toEqual(["line-5.ts:9", "other.ts:13"]);
});

test("a block whose language or words mean nothing is refused", () => {
  const read = (fence: string) => docFiles(fencedBlocks("page.md", `${fence}\ncode\n\`\`\``));
  expect(() => read("```typescript")).toThrow('page.md:1 is a block of "typescript"');
  expect(() => read("```")).toThrow('page.md:1 is a block of ""');
  expect(() => read("```ts fragment")).toThrow('the word "fragment"');
  expect(() => read("```toml skip")).toThrow('the word "skip"');
  expect(() => read("```ts continued")).toThrow("there is none before it");
  expect(() => fencedBlocks("page.md", "```ts\ncode")).toThrow("never closed");
  expect(read("```toml fragment")).toEqual([]);
});

test("the first column of a table is read with its heading, to its end", () => {
  const table = "| Event | when |\n|---|---|\n| `a`, `b` | `c` |\n\n| other | |\n|---|---|\n| `d` | |";
  expect(firstColumn(table, "event")).toEqual(["a", "b"]);
});
