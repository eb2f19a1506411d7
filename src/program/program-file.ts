import { statSync } from "node:fs";
import { basename, dirname, extname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe } from "../errors.ts";
import type { Problem } from "./check-value.ts";
import { addProblems, checkValue, showValue } from "./check-value.ts";
import { checkModel } from "./model-checks.ts";
import { parseToml } from "./parse-toml.ts";
import { parseYaml } from "./parse-yaml.ts";
import type { Path } from "./path.ts";
import { showFile } from "./path.ts";
import { checkApproval, checkTools } from "./program-checks.ts";
import { MOST_PROBLEMS, ProgramError } from "./program-error.ts";
import type { ProgramFileData } from "./program-schema.ts";
import { programFileSchema } from "./program-schema.ts";
import { readTextFile, reason } from "./read-text-file.ts";
import type { Parsed, SourceDocument } from "./source-document.ts";

/** What a program file says, checked, with `camelCase` keys; paths in it are absolute. */
export interface ProgramFile {
  /** As the caller gave it: errors name it so. */
  readonly file: string;
  /** The name of the file without its ending. */
  readonly baseName: string;
  readonly data: ProgramFileData;
  /** Of `system_prompt_file` where there is one. */
  readonly systemPrompt: string;
}

export type FileFormat = "toml" | "yaml";

/**
 * Reads a program file. Without `format` its ending says which it is.
 * @throws ProgramError that names all that is wrong, each with line and column
 */
export function readProgramFile(path: string | URL, format?: FileFormat): ProgramFile {
  const file = pathText(path);
  const parse = PARSERS[format ?? formatOf(file)];
  const read = readTextFile(file);
  const parsed: Parsed = "problem" in read ? read : parse(read.text);
  if ("problem" in parsed) throw new ProgramError([parsed.problem], { file, cause: parsed.cause });
  return new FileReader(file, parsed.document).read();
}

const PARSERS = { toml: parseToml, yaml: parseYaml } as const satisfies Record<FileFormat, (text: string) => Parsed>;

function formatOf(file: string): FileFormat {
  const ending = extname(file).toLowerCase();
  if (ending === ".toml") return "toml";
  if (ending === ".yaml" || ending === ".yml") return "yaml";
  const found = ending === "" ? "no ending" : `the ending ${ending}`;
  throw new ProgramError([{ message: `The file has ${found}, expected .toml, .yaml or .yml.` }], { file });
}

function pathText(path: unknown): string {
  if (typeof path === "string" && path !== "" && !path.includes("\0")) return path;
  if (path instanceof URL && path.protocol === "file:") return fileURLToPath(path);
  throw new ProgramError([{ message: `A program file is named by its path or file: URL, found ${describe(path)}.` }]);
}

class FileReader {
  readonly #file: string;
  readonly #document: SourceDocument;
  readonly #problems: Problem[] = [];

  constructor(file: string, document: SourceDocument) {
    this.#file = file;
    this.#document = document;
  }

  read(): ProgramFile {
    const raw = this.#document.data ?? {};
    if (typeof raw !== "object" || Array.isArray(raw)) {
      this.#problems.push({ path: [], message: `A program file is a table of sections, found ${showValue(raw)}.` });
      throw this.#error();
    }
    const data = checkValue(programFileSchema, raw, "file", this.#problems);
    if (data === undefined) throw this.#error();
    this.#add(checkModel(data.model, ["model"], snakeCase));
    this.#add(checkTools(data.tools?.builtin ?? [], ["tools", this.#spelling("tools", "builtin", "enabled")]));
    this.#add(checkApproval(data.callbacks?.approval ?? [], data.tools?.builtin ?? [], ["callbacks", "approval"]));
    const systemPrompt = this.#systemPrompt(data);
    const resolved = this.#resolvePaths(data);
    if (this.#problems.length > 0) throw this.#error();
    const baseName = basename(this.#file, extname(this.#file));
    return { file: this.#file, baseName, data: resolved, systemPrompt };
  }

  #systemPrompt({ prompt }: ProgramFileData): string {
    if (prompt?.systemPromptFile === undefined) return prompt?.systemPrompt ?? "";
    const path = this.#resolve(prompt.systemPromptFile);
    const read = readTextFile(path);
    if ("text" in read) return read.text;
    this.#add([
      { path: ["prompt", "system_prompt_file"], message: `names ${showFile(path)}. ${read.problem.message}` },
    ]);
    return "";
  }

  #resolvePaths(data: ProgramFileData): ProgramFileData {
    const { tools, callbacks, linkedPrograms } = data;
    const linked = Object.entries(linkedPrograms ?? {}).map(([name, program]) => {
      const at = typeof program === "string" ? ["linked_programs", name] : ["linked_programs", name, "path"];
      const { path, description = "" } = typeof program === "string" ? { path: program } : program;
      return [name, { path: this.#existing(path, at, "file"), description }] as const;
    });
    const modules = callbacks?.modules?.map((path, index) =>
      this.#existing(path, ["callbacks", "modules", index], "file"),
    );
    const root = tools?.root === undefined ? undefined : this.#existing(tools.root, ["tools", "root"], "directory");
    return {
      ...data,
      ...(linkedPrograms && { linkedPrograms: Object.fromEntries(linked) }),
      ...(modules && { callbacks: { ...callbacks, modules } }),
      ...(tools && { tools: { ...tools, ...(root !== undefined && { root }) } }),
    };
  }

  /** The absolute path; a problem if there is no such file or directory. */
  #existing(path: string, at: Path, kind: "file" | "directory"): string {
    const absolute = this.#resolve(path);
    if (this.#problems.length >= MOST_PROBLEMS) return absolute;
    try {
      const stats = statSync(absolute);
      if (kind === "file" ? stats.isFile() : stats.isDirectory()) return absolute;
      this.#add([{ path: at, message: `names ${showFile(absolute)}, which is not a ${kind}.` }]);
    } catch (error) {
      this.#add([{ path: at, message: `names ${showFile(absolute)}. ${reason(error)}` }]);
    }
    return absolute;
  }

  /** Paths in a file are relative to it. */
  #resolve(path: string): string {
    return resolve(dirname(this.#file), path);
  }

  #spelling(section: string, key: string, alias: string): string {
    const root = this.#document.data as { readonly [section: string]: unknown };
    const values = root[section];
    return typeof values === "object" && values !== null && Object.hasOwn(values, alias) ? alias : key;
  }

  #add(problems: Iterable<Problem>): void {
    addProblems(this.#problems, problems, "file");
  }

  #error(): ProgramError {
    const problems = this.#problems.map(({ path, message }) => ({ message, position: this.#document.locate(path) }));
    return new ProgramError(problems, { file: this.#file });
  }
}

/** `childReplies` → `child_replies`. */
function snakeCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
