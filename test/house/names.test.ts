import { expect, test } from "vitest";
import { projectFiles, readSources } from "./project-files.ts";

const EXPORTED = /^export (?:abstract )?(?:async )?(?:class|interface|type|function|const)\s+(\w+)/gm;

test("what files of src export has a name of its own: a word means one thing", () => {
  const places = new Map<string, Set<string>>();
  for (const [path, source] of readSources(projectFiles("src"))) {
    for (const [, name = ""] of source.matchAll(EXPORTED)) {
      places.set(name, new Set([...(places.get(name) ?? []), path]));
    }
  }
  expect(places.size).toBeGreaterThan(300);
  const shared = [...places].filter(([, paths]) => paths.size > 1);
  expect(shared.map(([name, paths]) => `${name}: ${[...paths].join(", ")}`)).toEqual([]);
});
