import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";

/** The files below a folder of the project, with `/` and from the project's root; empty if there is no such folder. */
export function projectFiles(folder: string, ending = ".ts"): string[] {
  let entries: string[];
  try {
    entries = readdirSync(folder, { recursive: true, encoding: "utf8" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  return entries
    .filter((path) => path.endsWith(ending))
    .map((path) => join(folder, path).split(sep).join("/"))
    .sort();
}

/** Path and text of files. */
export type Sources = ReadonlyMap<string, string>;

export function readSources(paths: readonly string[]): Sources {
  return new Map(paths.map((path) => [path, readFileSync(path, "utf8")]));
}
