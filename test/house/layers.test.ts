import { expect, test } from "vitest";
import { layerFaults } from "./layers.ts";
import { projectFiles, readSources } from "./project-files.ts";
import { readModule } from "./read-module.ts";

test("every import in src points to its own folder or to a row above it", () => {
  const sources = readSources(projectFiles("src"));
  expect(sources.size).toBeGreaterThan(10);
  expect(layerFaults(sources)).toEqual([]);
});

test("only the command line and the models read the environment", () => {
  const readers = [...readSources(projectFiles("src"))]
    .filter(([path, source]) => /\bprocess\s*\.\s*env\b/.test(readModule(path, source).code))
    .map(([path]) => path.split("/")[1]);
  expect(readers.filter((place) => place !== "cli" && place !== "models")).toEqual([]);
});

/** Wrong trees, each with the one fault that must be found in it. */
const wrong: readonly [rule: string, files: Record<string, string>, fault: string][] = [
  [
    "an upward import",
    { "src/events/a.ts": 'import { b } from "../process/b.ts";', "src/process/b.ts": "export const b = 1;" },
    "src/events/a.ts must not import src/process/b.ts",
  ],
  [
    "an upward import of a type",
    { "src/text/a.ts": 'import type { B } from "../cli/b.ts";', "src/cli/b.ts": "export type B = 1;" },
    "src/text/a.ts must not import src/cli/b.ts",
  ],
  [
    "an upward type in import()",
    { "src/text/a.ts": 'type A = import("../cli/b.ts").B;', "src/cli/b.ts": "export type B = 1;" },
    "src/text/a.ts must not import src/cli/b.ts",
  ],
  [
    "an upward dynamic import",
    { "src/text/a.ts": 'await import("../cli/b.ts");', "src/cli/b.ts": "export {};" },
    "src/text/a.ts must not import src/cli/b.ts",
  ],
  [
    "an upward export",
    { "src/text/a.ts": 'export { b } from "../cli/b.ts";', "src/cli/b.ts": "export const b = 1;" },
    "src/text/a.ts must not import src/cli/b.ts",
  ],
  [
    "an upward export of everything",
    { "src/text/a.ts": 'export * from "../cli/b.ts";', "src/cli/b.ts": "export const b = 1;" },
    "src/text/a.ts must not import src/cli/b.ts",
  ],
  [
    "an upward import between the rooms of the loop",
    {
      "src/process/talk/a.ts": 'import type { B } from "../calls/b.ts";',
      "src/process/calls/b.ts": "export type B = 1;",
    },
    "src/process/talk/a.ts must not import src/process/calls/b.ts",
  ],
  [
    "a room of the loop that looks at what stands before the rooms",
    { "src/process/talk/a.ts": 'import "../b.ts";', "src/process/b.ts": "export {};" },
    "src/process/talk/a.ts must not import src/process/b.ts",
  ],
  ["a room that is none", { "src/process/misc/a.ts": "export {};" }, "src/process/misc/a.ts is in no room of the loop"],
  [
    "an import of a neighbour",
    { "src/models/a.ts": 'import "../tools/b.ts";', "src/tools/b.ts": "export {};" },
    "src/models/a.ts must not import src/tools/b.ts",
  ],
  [
    "a neighbour among the lowest files",
    { "src/json.ts": 'import "./errors.ts";', "src/errors.ts": "export {};" },
    "src/json.ts must not import src/errors.ts",
  ],
  [
    "a shipped callback that looks into the dispatch",
    { "src/callbacks/a.ts": 'import "../dispatch/b.ts";', "src/dispatch/b.ts": "export {};" },
    "src/callbacks/a.ts must not import src/dispatch/b.ts",
  ],
  [
    "a use of the package's own door",
    { "src/cli/a.ts": 'import "../index.ts";', "src/index.ts": "export {};" },
    "src/cli/a.ts must not import src/index.ts",
  ],
  [
    "an import of the package by its name",
    { "src/cli/a.ts": 'import "llmproc/testing";' },
    "src/cli/a.ts imports the package itself (llmproc/testing)",
  ],
  ["a file outside the rows", { "src/helpers/a.ts": "export {};" }, "src/helpers/a.ts is in no row of the house"],
  [
    "a file that is not there",
    { "src/cli/a.ts": 'import "./b.ts";' },
    "src/cli/a.ts imports ./b.ts, which is no file of src",
  ],
  [
    "files that run each other",
    { "src/text/a.ts": 'import "./b.ts";', "src/text/b.ts": 'import "./a.ts";' },
    "import cycle: src/text/a.ts → src/text/b.ts → src/text/a.ts",
  ],
  [
    "a circle of types",
    {
      "src/text/a.ts": 'import type { B } from "./b.ts"; export type A = 1 | B;',
      "src/text/b.ts": 'import "./c.ts"; export type B = 1;',
      "src/text/c.ts": 'import type { A } from "./a.ts"; export type C = A;',
    },
    "import cycle of types: src/text/a.ts → src/text/b.ts → src/text/c.ts → src/text/a.ts",
  ],
  [
    "a file of events that a circle runs through",
    {
      "src/events/a.ts": 'import "./b.ts"; export type A = 1;',
      "src/events/b.ts": 'import "./a.ts";',
    },
    "import cycle: src/events/a.ts → src/events/b.ts → src/events/a.ts",
  ],
  [
    "a provider in the loop",
    { "src/process/a.ts": "const openAIQuirk = 1;" },
    "src/process/a.ts names a provider (openAI)",
  ],
  [
    "a tool in the loop",
    { "src/process/a.ts": 'export const isFork = (name: string) => name === "fork";' },
    "src/process/a.ts names a built-in tool (fork)",
  ],
];

for (const [rule, files, fault] of wrong) {
  test(`${rule} is a fault`, () => {
    expect(layerFaults(new Map(Object.entries(files)))).toEqual([fault]);
  });
}

test("what the rules allow is no fault", () => {
  const files = {
    "src/json.ts": "export type J = 1;",
    "src/events/a.ts": 'import type { J } from "../json.ts"; import type { B } from "./b.ts"; export type A = B | J;',
    "src/events/b.ts": 'import type { A } from "./a.ts"; export type B = A;',
    "src/process/a.ts": '/** Works with anthropic. */ export const forkProcess = () => "a fork";',
    "src/callbacks/a.ts": 'import type { A } from "../events/a.ts"; import "node:fs"; export type C = A;',
    "src/index.ts": 'export type { C } from "./callbacks/a.ts";',
  };
  expect(layerFaults(new Map(Object.entries(files)))).toEqual([]);
});
