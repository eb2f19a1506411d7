import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { rolldown } from "rolldown";
import type { TestProject } from "vitest/node";
import config, { ENTRIES } from "../../rolldown.config.ts";
import { projectFiles } from "../house/project-files.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The folder of a package that was built from the source as it stands. */
    readonly bundle: string;
  }
}

/**
 * Builds the package once, as it ships (and two modules more, for tests of their own), into a folder of its own. What the
 * tests start as a command runs from there: to read a hundred modules and strip their types takes most of a second each
 * time, and there are hundreds of commands.
 */
export default async function bundle(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), "llmproc-bundle-"));
  for (const name of ["package.json", "node_modules"]) symlinkSync(resolve(name), join(folder, name));
  writeFileSync(join(folder, "register.mjs"), REGISTER);
  const build = () => Promise.all([buildPackage(folder), buildExamples(folder)]);
  await build();
  project.onTestsRerun(async () => void (await build()));
  project.provide("bundle", folder);
  return () => rmSync(folder, { recursive: true, force: true });
}

async function buildPackage(folder: string): Promise<void> {
  const { output, ...options } = config;
  const modules = {
    "create-model": "src/models/create-model.ts",
    "callback-modules": "src/program/callback-modules.ts",
  };
  const build = await rolldown({ ...options, input: { ...ENTRIES, ...modules } });
  await build.write({ ...(Array.isArray(output) ? output[0] : output), dir: join(folder, "dist") });
  await build.close();
}

/** Without their types, which Node takes longer to strip than to run them; `llmproc` is the package that they are in. */
async function buildExamples(folder: string): Promise<void> {
  const examples = [...projectFiles("examples/spec"), ...projectFiles("examples/recipes")];
  const input = Object.fromEntries(examples.map((path) => [path.replace(/\.ts$/, ""), path]));
  // The programs that they read, and what those load.
  cpSync("examples", join(folder, "examples"), { recursive: true });
  const build = await rolldown({ input, platform: "node", external: /^[^./\0]/ });
  await build.write({ dir: folder, entryFileNames: "[name].js", chunkFileNames: "examples/[name].js" });
  await build.close();
}

/** What `--import` makes of `llmproc` in scripts outside the folder. */
const REGISTER = `import { registerHooks } from "node:module";
const built = new Map([
  ["llmproc", new URL("dist/index.js", import.meta.url).href],
  ["llmproc/testing", new URL("dist/testing.js", import.meta.url).href],
]);
registerHooks({ resolve: (specifier, context, next) => next(built.get(specifier) ?? specifier, context) });
`;
