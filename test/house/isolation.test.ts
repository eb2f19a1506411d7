import { expect, test } from "vitest";
import { projectFiles, readSources } from "./project-files.ts";
import { readModule } from "./read-module.ts";
import { isolatedTests } from "./test-files.ts";

/** Counts of what the whole process has under way or in memory: the leftovers of another file would change them. */
const WATCHES = /\b(getActiveResourcesInfo|memoryUsage|setFlagsFromString|new (FinalizationRegistry|WeakRef))\(/;

test("a file that watches its process as a whole says so in its first line, and gets a worker of its own", () => {
  const isolated = isolatedTests();
  const watching = [...readSources(projectFiles("test", ".test.ts"))].filter(([path, source]) => {
    if (!WATCHES.test(source)) return false;
    const { code, literals } = readModule(path, source);
    // What stands in a text is the program of another process.
    return WATCHES.test(literals.reduce((rest, literal) => rest.replace(literal, ""), code));
  });
  expect(watching.length).toBeGreaterThan(0);
  expect(watching.map(([path]) => path).filter((path) => !isolated.includes(path))).toEqual([]);
});
