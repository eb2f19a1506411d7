import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { displayWidth, excerpt, excerptEnd } from "../../src/text/excerpt.ts";
import { runs } from "../support/sample.ts";

const anyText = fc.array(
  fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.string({ unit: "binary" }),
    fc.constantFrom("漢字", "👨‍👩‍👧", "e\u0301", "\x1b[2J", "\n", "\t", "𠮷"),
  ),
);

describe("excerpt", () => {
  test("a text that fits is shown whole, on one line", () => {
    expect(excerpt("first\n  second\tthird", 40)).toBe("first second third");
    expect(excerpt("exact", 5)).toBe("exact");
  });

  test("a longer text is cut and says so", () => {
    expect(excerpt("one two three", 9)).toBe("one two…");
    expect(excerpt("abcdef", 5)).toBe("abcd…");
    expect(excerpt("abcdef", 1)).toBe("…");
    expect(excerpt("abcdef", 0)).toBe("");
    expect(excerpt("abcdef", -3)).toBe("");
  });

  test("wide characters count twice and are never cut in two", () => {
    expect(excerpt("漢字漢字", 6)).toBe("漢字…");
    expect(excerpt("👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧", 5)).toBe("👨‍👩‍👧👨‍👩‍👧…");
    expect(excerpt("𠮷𠮷𠮷", 4)).toBe("𠮷…");
  });

  test("no control sequence gets through, also not where the text is cut", () => {
    expect(excerpt("\x1b]52;c;x\x07 and more text", 12)).toBe("␛]52;c;x␇ a…");
  });

  test("any text at any width stays within it and within one line", () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 0, max: 40 }), (pieces, maxWidth) => {
        for (const shown of [excerpt(pieces.join(""), maxWidth), excerptEnd(pieces.join(""), maxWidth)]) {
          expect(displayWidth(shown)).toBeLessThanOrEqual(maxWidth);
          expect(shown).not.toMatch(/[\p{Cc}\p{Cs}]/u);
        }
      }),
      runs(400, 4000),
    );
  });

  test("only the start of a huge text is looked at", () => {
    const huge = "x ".repeat(20_000_000);
    expect(excerpt(huge, 10)).toBe("x x x x x…");
    expect(excerptEnd(huge, 10)).toBe("…x x x x x");
  });
});

describe("excerptEnd", () => {
  test("it keeps the end of a text", () => {
    expect(excerptEnd("one two three", 7)).toBe("…three");
    expect(excerptEnd("short", 7)).toBe("short");
    expect(excerptEnd("漢字漢字", 5)).toBe("…漢字");
  });
});
