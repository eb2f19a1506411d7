/** One small damage to the source, which the tests must notice. */
export interface Mutant {
  readonly name: string;
  readonly patch: string;
  /** The files that it changes. */
  readonly files: readonly string[];
  /** Where the tests are that must notice it; empty for all of them. */
  readonly tests: readonly string[];
}

/** Reads a unified diff against `src/`. Throws if it changes anything else, so that no test is weakened by it. */
export function readMutant(name: string, patch: string): Mutant {
  const files = [...patch.matchAll(/^\+\+\+ b\/(\S+)/gm)].map(([, file = ""]) => file);
  const outside = files.find((file) => !file.startsWith("src/"));
  if (files.length === 0) throw new Error(`${name} changes nothing: it needs lines such as "+++ b/src/json.ts".`);
  if (outside !== undefined) throw new Error(`${name} changes ${outside}. A mutant changes files of src only.`);
  const tests = /^# tests:(.*)$/m.exec(patch.split("\n", 1)[0] ?? "")?.[1]?.trim();
  return { name, patch, files, tests: tests ? tests.split(/\s+/) : [] };
}
