import fc from "fast-check";
import { expect, test } from "vitest";
import { forTerminal } from "../../src/text/terminal.ts";
import { rowsText, wrapped } from "../../src/text/wrapped.ts";
import { runs } from "../support/sample.ts";

const anyLine = fc
  .array(
    fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.string({ unit: "binary" }),
      fc.constantFrom("漢字", "👨‍👩‍👧", "e\u0301", "\u0336".repeat(40), "\u1112".repeat(30), "क्".repeat(20), "🇩🇪", " "),
    ),
  )
  .map((pieces) => pieces.join("").replaceAll("\n", " "));

/** The bases of marks that would stand alone are ours. */
const withoutBases = (text: string) => text.replaceAll("◌", "");
/** What a terminal gives each code point that knows no more than which letters are narrow. */
const columnsOf = (text: string) =>
  Array.from(text).reduce(
    (sum, character) => sum + (/^[ -~\u00a0-\u10ff\u1200-\u1fff\u2c00-\u2e7f]$/u.test(character) ? 1 : 2),
    0,
  );

test("any line comes out in rows that fit, whatever a terminal gives its characters, and nothing is lost", () => {
  fc.assert(
    fc.property(anyLine, fc.integer({ min: 4, max: 60 }), (line, maxWidth) => {
      const rows = [...wrapped(line, maxWidth)];
      expect(withoutBases(rows.join(""))).toBe(withoutBases(forTerminal(line)));
      for (const row of rows) {
        expect(columnsOf(row)).toBeLessThanOrEqual(maxWidth);
        expect(row).not.toMatch(/^[\p{M}\u200d]|\p{M}{13}/u);
      }
    }),
    runs(500, 6000),
  );
});

test("a mark that is a character by itself does not begin a row, either: it goes with what it stands on", () => {
  // U+1062, of Burmese: a mark, but no part of a cluster.
  for (const line of ["\0\0\u1062", "abcd\u1062", `abcd${"\u1062".repeat(30)}`]) {
    const rows = [...wrapped(line, 4)];
    expect(withoutBases(rows.join(""))).toBe(forTerminal(line));
    for (const row of rows) expect(row).not.toMatch(/^\p{M}/u);
  }
});

test("a row ends at a space where one is near, and a word that is too long is broken", () => {
  expect([...wrapped("one two three four", 9)]).toEqual(["one two ", "three ", "four"]);
  expect([...wrapped("a abcdefghij", 4)]).toEqual(["a ab", "cdef", "ghij"]);
  expect([...wrapped("", 9)]).toEqual([""]);
});

test("a terminal is kept from wrapping only where it might: plain rows stay plain text", () => {
  expect(rowsText(["plain", "x".repeat(20)], 20)).toBe(`plain\n${"x".repeat(20)}\n`);
  expect(rowsText(["\x1b[31mplain\x1b[39m"], 5)).toBe("\x1b[31mplain\x1b[39m\n");
  for (const columns of [4, 0, Number.NaN, undefined]) {
    expect(rowsText(["plain"], columns)).toBe("\x1b[?7lplain\n\x1b[?7h");
  }
  expect(rowsText(["ωωω"], 5)).toBe("\x1b[?7lωωω\n\x1b[?7h");
});
