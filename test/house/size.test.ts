import { basename } from "node:path";
import { expect, test } from "vitest";
import { projectFiles, readSources } from "./project-files.ts";

const LINES = 400;
const sources = readSources(
  ["src", "test", "scripts", "bench", "soak", "examples"].flatMap((folder) => projectFiles(folder)),
);

test(`no file is over ${LINES} lines`, () => {
  const sizes = [...sources].map(([path, source]) => ({ path, lines: source.trimEnd().split("\n").length }));
  expect(sizes.length).toBeGreaterThan(10);
  expect(sizes.filter(({ lines }) => lines > LINES)).toEqual([]);
});

test("a file is named in kebab-case, and for what it holds", () => {
  const names = [...sources.keys()].map((path) => ({
    path,
    name: basename(path).replace(/(\.test|\.config)?\.ts$/, ""),
  }));
  const odd = names.filter(({ path, name }) => {
    const isFolderIndex = name === "index" && path !== "src/index.ts";
    return isFolderIndex || !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name) || /^(utils?|helpers?|common|misc)$/.test(name);
  });
  expect(odd).toEqual([]);
});
