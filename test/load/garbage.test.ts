import { expect, test } from "vitest";
import { measured } from "./measured.ts";

interface Garbage {
  readonly made: Readonly<Record<string, number>>;
  readonly left: Readonly<Record<string, number>>;
}

test("a process and its whole tree are garbage once nobody holds them, however they ended", async () => {
  const { made, left } = await measured<Garbage>(new URL("./garbage.ts", import.meta.url));
  expect(Object.keys(made).length).toBeGreaterThan(20);
  expect(Object.values(made).every((count) => count >= 30)).toBe(true);
  expect(left).toEqual(Object.fromEntries(Object.keys(made).map((label) => [label, 0])));
});
