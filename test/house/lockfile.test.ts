import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

interface Lock {
  readonly packages: Readonly<Record<string, { readonly optionalDependencies?: Readonly<Record<string, string>> }>>;
}

test("the lock file names the packages of every platform, so that `npm ci` works (mend: npm run complete-lock)", () => {
  const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8")) as Lock;
  const missing = Object.entries(packages).flatMap(([where, { optionalDependencies = {} }]) => {
    const names = Object.keys(optionalDependencies);
    return names.filter((name) => !packages[`node_modules/${name}`] && !packages[`${where}/node_modules/${name}`]);
  });
  expect(missing).toEqual([]);
});

test("the lock file names no registry", () => {
  expect(readFileSync("package-lock.json", "utf8")).not.toContain('"resolved"');
});
