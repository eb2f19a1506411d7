import { projectFiles, readSources } from "./project-files.ts";

/** The first line of a test file that gets a worker of its own, since it watches its process as a whole. */
const MARK = /^\/\/ isolated: \S/;

/** The test files that say by their first line that they need isolation; all others share workers. */
export function isolatedTests(): readonly string[] {
  return [...readSources(projectFiles("test", ".test.ts"))].flatMap(([path, source]) =>
    MARK.test(source) ? [path] : [],
  );
}
