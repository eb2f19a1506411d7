import { projectFiles, readSources } from "./project-files.ts";

/** The first line of a test file that gets a worker of its own, since it watches its process as a whole. */
const MARK = /^\/\/ isolated: \S/;
const SAMPLES = /^import .*\/support\/sample\.ts";$/m;

/** The test files that say by their first line that they need isolation; all others share workers. */
export function isolatedTests(): readonly string[] {
  return testFiles(MARK);
}

/** The test files that try a fixed sample only, unless they are asked for all. */
export function samplingTests(): readonly string[] {
  return testFiles(SAMPLES);
}

/** All test files, or those whose source says this. */
export function testFiles(saying = /(?:)/): readonly string[] {
  return [...readSources(projectFiles("test", ".test.ts"))].flatMap(([path, source]) =>
    saying.test(source) ? [path] : [],
  );
}
