import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { LLMProgram } from "../../src/program/llm-program.ts";
import { ProgramError } from "../../src/program/program-error.ts";

/** A directory of real files that is gone at the end of a `using` block. */
export interface ProgramFiles extends Disposable {
  readonly directory: string;
  path(name: string): string;
  write(name: string, content: string | Uint8Array): string;
}

export function programFiles(contents: Readonly<Record<string, string | Uint8Array>> = {}): ProgramFiles {
  const directory = mkdtempSync(join(tmpdir(), "llmproc-program-"));
  const files: ProgramFiles = {
    directory,
    path: (name) => join(directory, name),
    write(name, content) {
      const path = join(directory, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
      return path;
    },
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
  for (const [name, content] of Object.entries(contents)) files.write(name, content);
  return files;
}

/** The ProgramError that loading throws; anything else, or nothing, fails the test. */
export function programErrorOf(load: () => unknown): ProgramError {
  try {
    load();
  } catch (error) {
    if (error instanceof ProgramError) return error;
    throw error;
  }
  throw new Error("It loaded, but should have been refused.");
}

/** What loading this text says, with `FILE` in place of the path. */
export function complaint(text: string | Uint8Array, ending: "toml" | "yaml" = "toml"): string {
  using files = programFiles();
  const file = files.write(`program.${ending}`, text);
  return programErrorOf(() => LLMProgram.fromFile(file))
    .message.replaceAll(file, "FILE")
    .replaceAll(files.directory, "DIRECTORY");
}

/** The program of this text. */
export function load(text: string, ending: "toml" | "yaml" = "toml"): LLMProgram {
  using files = programFiles();
  return LLMProgram.fromFile(files.write(`program.${ending}`, text));
}

export const MODEL = '[model]\nname = "claude-sonnet-5-5"\nprovider = "anthropic"\n';
