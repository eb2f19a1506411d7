import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { loadCallbackModules } from "../../src/program/callback-modules.ts";
import { bundled } from "../support/bundled.ts";
import { programFiles } from "./program-files.ts";

const run = promisify(execFile);

/** What plain Node, without the test runner's own loader, makes of a module. */
async function inNode(file: string, { flags = [] }: { flags?: readonly string[] } = {}): Promise<string> {
  const script = `
    const { loadCallbackModules } = await import(${JSON.stringify(bundled("callback-modules.js"))});
    const shown = (callbacks) => callbacks.map((one) => typeof one === "function" ? one.name : Object.keys(one).concat(one.constructor.name).join());
    console.log(await loadCallbackModules([${JSON.stringify(file)}]).then(shown, (error) => error.code + " " + error.message));`;
  const { stdout } = await run(process.execPath, [...flags, "--input-type=module", "-e", script]);
  return stdout.trim();
}

const GOOD: readonly (readonly [what: string, name: string, text: string, shown: string])[] = [
  ["a function", "m.js", "export default function log(event) {}", "[ 'log' ]"],
  ["an object", "m.mjs", "export default { tool_start() {} };", "[ 'tool_start,Object' ]"],
  [
    "a class, which is constructed",
    "m.js",
    "export default class Watch { seen = 0; tool_end() {} }",
    "[ 'seen,Watch' ]",
  ],
  ["a list", "m.js", "export default [class A {}, { response() {} }];", "[ 'A', 'response,Object' ]"],
  ["TypeScript", "m.ts", "const log = (event: string): void => {};\nexport default log;", "[ 'log' ]"],
];

describe("a callback module exports by default", () => {
  test.each(GOOD)("%s", async (_what, name, text, shown) => {
    using files = programFiles({ [name]: text, "package.json": '{ "type": "module" }' });
    expect(await inNode(files.path(name))).toBe(shown);
  });
});

const BAD: readonly (readonly [what: string, name: string, text: string, message: string])[] = [
  [
    "no default export",
    "m.js",
    "export const log = 1;",
    'A callback module exports a callback by default, this one exports only log. Write "export default …".',
  ],
  ["nothing at all", "m.js", "1;", 'this one exports nothing. Write "export default …".'],
  [
    "a value that hears nothing",
    "m.js",
    "export default 3;",
    "The default export is 3, expected a function, an object",
  ],
  ["a syntax error", "m.js", "export default {", "A syntax error: Unexpected"],
  ["a syntax error in TypeScript", "m.ts", "export default (a: ) => 1;", "A syntax error:"],
  [
    "TypeScript that must be translated",
    "m.ts",
    "enum A { B }\nexport default () => A.B;",
    "Node strips types but does not translate TypeScript:",
  ],
  [
    "a constructor that throws",
    "m.js",
    "export default class Watch { constructor() { throw new Error('no disk'); } }",
    "new Watch() threw: no disk",
  ],
  [
    "an import of what is not there",
    "m.js",
    'import "./none.js";\nexport default () => {};',
    "Loading it failed: Cannot find module",
  ],
  ["a throw while loading", "m.js", "throw new Error('early');", "Loading it failed: early"],
  ["a file that Node does not run", "m.coffee", "x", "does not run this kind of file. TypeScript needs Node 22.18"],
];

describe("a callback module that cannot be used is one clear error", () => {
  test.each(BAD)("%s", async (_what, name, text, message) => {
    using files = programFiles({ [name]: text, "package.json": '{ "type": "module" }' });
    const said = await inNode(files.path(name));
    expect(said).toContain(`program_invalid ${files.path(name)}: `);
    expect(said).toContain(message);
    expect(said).not.toContain("\n");
  });
  test("a missing file", async () => {
    using files = programFiles();
    await expect(loadCallbackModules(["none.ts"], files.directory)).rejects.toThrow(
      `${files.path("none.ts")}: There is no such file.`,
    );
  });
});
