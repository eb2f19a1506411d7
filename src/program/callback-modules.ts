import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, toError } from "../errors.ts";
import type { Callback } from "../events/callback.ts";
import { isClass } from "../events/is-class.ts";
import { ProgramError } from "./program-error.ts";
import { readTextFile } from "./read-text-file.ts";

/**
 * The callbacks that files export by default: a callback, a class (which is constructed), or a list of those.
 * Relative paths are taken from `baseDir`. TypeScript files run where Node strips types by itself (≥ 22.18).
 * @throws ProgramError `program_invalid` that names the file and what is wrong with it
 */
export async function loadCallbackModules(paths: readonly string[], baseDir = "."): Promise<readonly Callback[]> {
  const loaded = await Promise.all(paths.map((path) => loadModule(resolve(baseDir, path))));
  return loaded.flat();
}

async function loadModule(file: string): Promise<readonly Callback[]> {
  const read = readTextFile(file);
  if ("problem" in read) throw new ProgramError([read.problem], { file, cause: read.cause });
  let module: { readonly default?: unknown };
  try {
    module = (await import(pathToFileURL(file).href)) as { readonly default?: unknown };
  } catch (error) {
    throw new ProgramError([{ message: importProblem(error, file) }], { file, cause: error });
  }
  if (!("default" in module)) {
    const named = Object.keys(module);
    const found = named.length === 0 ? "nothing" : `only ${named.join(", ")}`;
    const message = `A callback module exports a callback by default, this one exports ${found}. Write "export default …".`;
    throw new ProgramError([{ message }], { file });
  }
  const exported: unknown = module.default;
  return (Array.isArray(exported) ? exported : [exported]).map((item: unknown) => toCallback(item, file));
}

function toCallback(exported: unknown, file: string): Callback {
  if (isClass(exported)) {
    try {
      return toCallback(new exported(), file);
    } catch (error) {
      if (error instanceof ProgramError) throw error;
      const message = `new ${exported.name}() threw: ${toError(error).message}`;
      throw new ProgramError([{ message }], { file, cause: error });
    }
  }
  // Whether it hears any event is looked at when it is registered.
  if (typeof exported === "function" || (typeof exported === "object" && exported !== null))
    return exported as Callback;
  const expected = "a function, an object with methods named after events, a class of such objects, or a list of them";
  throw new ProgramError([{ message: `The default export is ${describe(exported)}, expected ${expected}.` }], { file });
}

function importProblem(error: unknown, file: string): string {
  const { message, name } = toError(error);
  const code: unknown = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  if (code === "ERR_UNKNOWN_FILE_EXTENSION") {
    return `Node ${process.versions.node} does not run this kind of file. TypeScript needs Node 22.18 or newer; JavaScript runs everywhere.`;
  }
  if (code === "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX") {
    return `Node strips types but does not translate TypeScript: ${firstLine(message)} (no enum, namespace or parameter property).`;
  }
  if (code === "ERR_INVALID_TYPESCRIPT_SYNTAX" || name === "SyntaxError") {
    return `A syntax error: ${firstLine(message)}${asCommonJs(message, file)}`;
  }
  return `Loading it failed: ${firstLine(message)}`;
}

/** What `npm init` writes makes `.js` and `.ts` CommonJS, and Node's message does not say so. */
function asCommonJs(message: string, file: string): string {
  if (!/\.[jt]s$/.test(file) || !/outside a module|Unexpected token 'export'/.test(message)) return "";
  const ending = file.endsWith(".ts") ? ".mts" : ".mjs";
  return `. Node reads this file as CommonJS: name it ${ending}, or put "type": "module" into package.json.`;
}

function firstLine(message: string): string {
  return message.trim().split("\n")[0] ?? "";
}
