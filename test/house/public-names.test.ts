import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { exportedNames } from "./public-names.ts";

const DOORS = { llmproc: "src/index.ts", "llmproc/testing": "src/testing.ts" };
const UPDATE = "A new public name is a decision. To take it: npx vitest run test/house/public-names.test.ts -u";

test("the public names are those of public-names.txt", async () => {
  const sections = Object.entries(DOORS).flatMap(([name, path]) => {
    return existsSync(path) ? [`# ${name}`, ...exportedNames(path, readFileSync(path, "utf8")), ""] : [];
  });
  await expect(`${UPDATE}\n\n${sections.join("\n")}`).toMatchFileSnapshot("public-names.txt");
});

test("a door lists every name by hand", () => {
  expect(
    exportedNames("a.ts", 'export { b } from "./b.ts"; export type { A } from "./a.ts"; export const c = 1;'),
  ).toEqual(["b", "c", "type A"]);
  expect(() => exportedNames("a.ts", 'export * from "./b.ts";')).toThrow("list every name by hand");
  expect(() => exportedNames("a.ts", "export default 1;")).toThrow("list every name by hand");
});
