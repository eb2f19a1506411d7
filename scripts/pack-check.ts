// Builds the package, packs it, and uses the tarball as a stranger would: in an empty project, with tsc and npx.
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { CONSUMER_FILES } from "./pack-check/consumer-files.ts";
import { readmeExamples } from "./pack-check/readme.ts";
import { run } from "./pack-check/run.ts";

const SIZE_LIMIT_BYTES = 1_500_000;
const INSTALLED_LIMIT_BYTES = 15_000_000;

const root = process.cwd();
const bin = (script: string) => resolve("node_modules", script);
const scratch = mkdtempSync(join(tmpdir(), "llmproc-pack-"));
const consumer = join(scratch, "consumer");
let tarball = "";

/** Every promise about the package, in order; a new one is a line here. A step throws, or has held. */
const STEPS: readonly (readonly [promise: string, check: () => void])[] = [
  ["it builds", build],
  ["it packs, and is at most 1.5 MB unpacked", pack],
  ["publint finds nothing", () => run(root, process.execPath, bin("publint/src/cli.js"), "--strict", tarball)],
  ["its types resolve for every kind of importer", attw],
  ["it installs into an empty project, with all that it needs in at most 15 MB", install],
  ["a strict nodenext project compiles against it", () => run(consumer, process.execPath, bin("typescript/bin/tsc"))],
  ["what was compiled runs", () => expectOutput("3 and 7", process.execPath, "out/program.js")],
  ["the README's first example compiles", readmeCompiles],
  ["the README's first example prints what the README says", readmeRuns],
  ["npx llmproc --version says which", () => expectOutput(version(), "npx", "llmproc", "--version")],
  ["npx llmproc runs a program file", () => expectOutput("Hello.", "npx", "llmproc", "hello.toml", "-p", "Hi")],
  ["npx llmproc runs the README's first program file", readmeProgramRuns],
];

let held = 0;
try {
  for (const [promise, check] of STEPS) {
    check();
    held += 1;
    console.log(`ok  ${promise}`);
  }
} catch (error) {
  console.log(`NOT ${STEPS[held]?.[0]}\n${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
console.log(`${held} passed, ${STEPS.length - held} failed`);

function build(): void {
  run(root, "npm", "run", "--silent", "build");
}

function pack(): void {
  const [packed] = JSON.parse(run(root, "npm", "pack", "--json", "--pack-destination", scratch)) as [
    { filename: string; unpackedSize: number; files: readonly { path: string }[] },
  ];
  tarball = join(scratch, packed.filename);
  console.log(`    ${packed.files.length} files, ${packed.unpackedSize} bytes, packed ${statSync(tarball).size}`);
  if (packed.unpackedSize > SIZE_LIMIT_BYTES) throw new Error(`${packed.unpackedSize} bytes are over the limit.`);
  const paths = packed.files.map(({ path }) => path);
  const missing = ["LICENSE", "README.md", "CHANGELOG.md", "dist/cli/main.js"].filter((path) => !paths.includes(path));
  if (missing.length > 0) throw new Error(`The package lacks ${missing.join(", ")}.`);
}

function attw(): void {
  run(root, process.execPath, bin("@arethetypeswrong/cli/dist/index.js"), tarball, "--profile", "esm-only");
}

function install(): void {
  mkdirSync(consumer);
  for (const [name, text] of Object.entries(CONSUMER_FILES)) writeFileSync(join(consumer, name), text);
  const { devDependencies } = readPackage();
  const packages = [tarball, `@types/node@${devDependencies["@types/node"]}`];
  run(consumer, "npm", "install", "--prefer-offline", "--no-audit", "--no-fund", ...packages);
  const bytes = bytesIn(join(consumer, "node_modules"));
  console.log(`    ${bytes} bytes installed`);
  if (bytes > INSTALLED_LIMIT_BYTES) throw new Error(`${bytes} bytes are installed: over the limit.`);
}

/** Of all files, but for those of the types of Node, which only the check needs. */
function bytesIn(folder: string): number {
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === "@types" || entry.name === "undici-types") continue;
    const path = join(entry.parentPath, entry.name);
    bytes += entry.isDirectory() ? bytesIn(path) : lstatSync(path).size;
  }
  return bytes;
}

function readmeCompiles(): void {
  writeFileSync(join(consumer, "readme.ts"), readmeExamples().typescript);
  run(consumer, process.execPath, bin("typescript/bin/tsc"));
}

function readmeRuns(): void {
  const { output } = readmeExamples();
  const printed = run(consumer, process.execPath, "out/readme.js");
  if (printed !== output) throw new Error(`The README says:\n${output}It printed:\n${printed}`);
}

function readmeProgramRuns(): void {
  const { program, answer } = readmeExamples();
  writeFileSync(join(consumer, "readme.toml"), program);
  expectOutput(answer, "npx", "llmproc", "readme.toml");
}

function expectOutput(expected: string, command: string, ...args: readonly string[]): void {
  const output = run(consumer, command, ...args);
  if (!output.includes(expected)) throw new Error(`Expected "${expected}" in the output, which was:\n${output}`);
}

function version(): string {
  return readPackage().version;
}

function readPackage(): { version: string; devDependencies: Record<string, string> } {
  return JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
}
