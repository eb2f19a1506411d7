import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cutJson } from "../../src/text/cut-json.ts";
import { viewOf } from "../../src/text/json-view.ts";
import { writeJson } from "../../src/text/json-writer.ts";
import { runs } from "../support/sample.ts";

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

const cut = (value: object, limit: number, reference?: string) => cutJson(value, viewOf(value), limit, reference);
const parsed = (text: string) => JSON.parse(text) as Json;

/** What differs between a value and what a model reads of it, other than parts that are counted as missing. */
function uncounted(whole: Json, shown: Json | undefined, path = "$"): string[] {
  if (typeof whole === "string" && typeof shown === "string") return textFaults(whole, shown, path);
  if (typeof whole !== "object" || whole === null) return Object.is(whole, shown) ? [] : [`${path} is another value`];
  const size = Array.isArray(whole)
    ? `a list of ${counted(whole.length, "item")}`
    : `an object with ${counted(Object.keys(whole).length, "key")}`;
  if (shown === `[Cut: ${size}]`) return [];
  if (typeof shown !== "object" || shown === null || Array.isArray(whole) !== Array.isArray(shown)) {
    return [`${path} is another kind of value`];
  }
  return Array.isArray(whole) ? listFaults(whole, shown as Json[], path) : tableFaults(whole, shown, path);
}

function textFaults(whole: string, shown: string, path: string): string[] {
  if (whole === shown) return [];
  const [, start, missing] = /^(.*)\[Cut: (\d+) more characters?\]$/s.exec(shown) ?? [];
  if (start === undefined || !whole.startsWith(start)) return [`${path} is another text`];
  return start.length + Number(missing) === whole.length ? [] : [`${path} is miscounted`];
}

function listFaults(whole: Json[], shown: Json[], path: string): string[] {
  const [, missing] = /^\[Cut: (\d+) more items?\]$/.exec(String(shown.at(-1))) ?? [];
  const items = missing === undefined ? shown : shown.slice(0, -1);
  const counts = items.length + Number(missing ?? 0) === whole.length ? [] : [`${path} is miscounted`];
  return counts.concat(items.flatMap((item, place) => uncounted(whole[place] as Json, item, `${path}[${place}]`)));
}

function tableFaults(whole: { [key: string]: Json }, shown: object, path: string): string[] {
  const entries = Object.entries(shown) as [string, Json][];
  const [, missing] = /^(\d+) more keys?$/.exec(String(entries.find(([key]) => key === "[Cut]")?.[1])) ?? [];
  const kept = entries.filter(([key]) => key !== "[Cut]");
  const keys = Object.keys(whole);
  const counts = kept.length + Number(missing ?? 0) === keys.length ? [] : [`${path} is miscounted`];
  return kept.reduce((faults, [key, item], place) => {
    const at = `${path}.${keys[place]}`;
    return faults.concat(textFaults(keys[place] ?? "", key, at), uncounted(whole[keys[place] ?? ""] as Json, item, at));
  }, counts);
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

describe("a value that is too long", () => {
  test("a key of its own that is called like the mark stays, beside another mark", () => {
    const more = Object.fromEntries(Array.from({ length: 100 }, (_, place) => [`key ${place}`, "x".repeat(30)]));
    const shown = parsed(cut({ "[Cut]": "mine", "[Cut 2]": "mine, too", ...more }, 300)) as Record<string, Json>;
    expect(shown).toMatchObject({ "[Cut]": "mine", "[Cut 2]": "mine, too", "key 0": "x".repeat(30) });
    expect(Object.keys(shown).at(-1)).toBe("[Cut 3]");
    expect(shown["[Cut 3]"]).toBe(`${103 - Object.keys(shown).length} more keys`);
  });

  test("any value, any limit: it parses, it fits, and all that is missing is counted", () => {
    const { value } = fc.letrec<{ value: Json }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 6, withCrossShrink: true },
        fc.oneof(
          fc.string({ unit: "binary", maxLength: 400 }),
          fc.integer(),
          fc.boolean(),
          fc.constant(null),
        ) as fc.Arbitrary<Json>,
        fc.array(tie("value"), { maxLength: 40 }),
        // Keys of one letter: cut ones could come to be the same.
        fc.dictionary(fc.constantFrom(...Array.from("abcdefghijklmno")), tie("value")),
      ),
    }));
    fc.assert(
      fc.property(value, fc.integer({ min: 200, max: 3000 }), (whole, limit) => {
        fc.pre(typeof whole === "object" && whole !== null);
        const text = cut(whole as object, limit);
        expect(text.length).toBeLessThanOrEqual(limit);
        expect(uncounted(whole, parsed(text))).toEqual([]);
      }),
      runs(60, 1000),
    );
  });

  test("a long list keeps its first items and counts the rest", () => {
    const rows = Array.from({ length: 100_000 }, (_, id) => ({ id, name: `row ${id}` }));
    const text = cut(rows, 2000);
    const shown = parsed(text) as unknown[];
    expect(shown.slice(0, -1)).toEqual(rows.slice(0, shown.length - 1));
    expect(shown.at(-1)).toBe(`[Cut: ${100_000 - shown.length + 1} more items]`);
    expect(text.length).toBeGreaterThan(1500);
  });

  test("one long part does not crowd out the others", () => {
    const text = cut(
      { rows: Array.from({ length: 100_000 }, (_, id) => id), log: "x".repeat(100_000), total: 7 },
      2000,
    );
    expect(parsed(text)).toMatchObject({
      total: 7,
      log: expect.stringMatching(/^x{100,}\[Cut: \d+ more characters\]$/),
    });
  });

  test("a text within it keeps its beginning, without half a surrogate pair", () => {
    const { text } = parsed(cut({ text: "😀".repeat(10_000) }, 500)) as { text: string };
    expect(text).toMatch(/^(😀)+\[Cut: \d+ more characters\]$/u);
    expect(text.isWellFormed()).toBe(true);
  });

  test("each mark names the place where all of it is", () => {
    const text = cut({ list: [1, 2, 3].map(() => "y".repeat(1000)), text: "x".repeat(1000) }, 300, "fd:3");
    expect(text.match(/, see fd:3/g)?.length).toBe(text.match(/\[Cut/g)?.length);
  });

  test("a limit that is too small for any of it still leaves its size", () => {
    expect(cut({ a: "x".repeat(1000), b: 1 }, 10)).toBe('"[Cut: an object with 2 keys]"');
  });

  test("toJSON is called once, however often the limits are tried", () => {
    let calls = 0;
    const rows = {
      toJSON: () => {
        calls++;
        return Array.from({ length: 10_000 }, (_, id) => id);
      },
    };
    parsed(cut({ rows, more: rows }, 500));
    expect(calls).toBe(1);
  });
});

test("a value 10,000 levels deep is written to 100, as JSON", () => {
  let deep: object = {};
  for (let level = 1; level < 10_000; level++) deep = { deep };
  const text = writeJson(deep, viewOf(deep), { maxCharacters: Infinity }) ?? "";
  expect(text).toBe(`${'{"deep":'.repeat(100)}"[Cut: an object with 1 key]"${"}".repeat(100)}`);
});

test("a value that is shared so often that it would never end is given up in time", () => {
  let wide: object = {};
  for (let level = 0; level < 90; level++) wide = [wide, wide, wide];
  const text = cut({ wide, last: 1 }, 1000);
  expect(parsed(text)).toMatchObject({ last: 1 });
});
