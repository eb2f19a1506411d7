import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cutText } from "../../src/text/cut-text.ts";

const NOTE = /\n\[Cut: (\d+) characters(?: with (\d+) line breaks?)? are missing here(?:, see (fd:\d+))?\]\n/;

function parts(cut: string) {
  const match = NOTE.exec(cut);
  if (match === null) throw new Error(`No mark in ${cut}`);
  const [mark, characters, breaks = "0", reference] = match;
  const [start = "", end = ""] = cut.split(mark);
  return { start, end, characters: Number(characters), breaks: Number(breaks), reference };
}

describe("a text that is too long", () => {
  test("keeps its beginning and its end, and says what is missing", () => {
    const lines = Array.from({ length: 1000 }, (_, line) => `line ${line}`).join("\n");
    const cut = cutText(lines, 300);
    const { start, end, characters, breaks } = parts(cut);
    expect([lines.startsWith(start), lines.endsWith(end)]).toEqual([true, true]);
    expect(Math.abs(start.length - end.length)).toBeLessThan(3);
    expect(start.length + characters + end.length).toBe(lines.length);
    expect(breaks).toBe(999 - start.split("\n").length - end.split("\n").length + 2);
    expect(cut.length).toBeGreaterThan(280);
  });

  test("of one line says nothing of line breaks", () => {
    expect(cutText("x".repeat(1000), 200)).toMatch(/^x+\n\[Cut: \d+ characters are missing here\]\nx+$/);
  });

  test("names the place where all of it is", () => {
    const { reference } = parts(cutText("x".repeat(1000), 200, "fd:7"));
    expect(reference).toBe("fd:7");
  });

  test("is never over the limit, adds up, and has no half of a surrogate pair", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "\n", "😀", "é", "𝒳"), minLength: 200, maxLength: 2000 });
    fc.assert(
      fc.property(text, fc.integer({ min: 200, max: 1500 }), fc.boolean(), (whole, limit, referred) => {
        const cut = cutText(whole, limit, referred ? "fd:1" : undefined);
        if (whole.length <= limit) {
          expect(cut).toBe(whole);
          return;
        }
        const { start, end, characters } = parts(cut);
        expect([cut.length <= limit, cut.length > limit - 10, cut.isWellFormed()]).toEqual([true, true, true]);
        expect(start.length + characters + end.length).toBe(whole.length);
        expect([whole.startsWith(start), whole.endsWith(end)]).toEqual([true, true]);
      }),
    );
  });
});

test("a text that fits stays as it is", () => {
  expect(cutText("x".repeat(200), 200)).toBe("x".repeat(200));
});
