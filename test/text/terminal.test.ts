import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { forTerminal, terminalStream } from "../../src/text/terminal.ts";
import { runs } from "../support/sample.ts";

/** Hostile pieces: what may be planted in a model's or a tool's text. */
const PLANTED = [
  "\x1b[31m",
  "\x1b[2J\x1b[H",
  "\x1b]8;;http://evil.example\x07link\x1b]8;;\x07",
  "\x1b]52;c;cm0gLXJm\x07",
  "\x1bP1$r0m\x1b\\",
  "\x1b_application\x1b\\",
  "\x1b",
  "\u009b31m",
  "\u009d0;title\u009c",
  "\r✓ approved",
  "\b\b\b",
  "\x07",
  "\0",
  "\x7f",
  "\u0085",
  "\u202Egnp.exe\u202C",
  "\u2066\u2069\u200E\u200F\u061C",
  "\u200B\u2060\uFEFF\u00AD\u3164\u115F\u{E0041}\u180E",
  "\u2028\u2029",
  "\uFFF9\uFFFA\uFFFB",
  "\uD800",
  "\uDC00",
];

/** Written here a second time, by number and not by property, so that a slip in one of the two shows. */
function isHarmful(code: number): boolean {
  return (
    code < 0x20 ||
    (code >= 0x7f && code <= 0x9f) ||
    [0xad, 0x61c, 0x115f, 0x180e, 0x200b, 0x200e, 0x200f, 0x3164, 0xfeff].includes(code) ||
    (code >= 0x2028 && code <= 0x202e) ||
    (code >= 0x2060 && code <= 0x206f) ||
    (code >= 0xd800 && code <= 0xdfff) ||
    (code >= 0xfff9 && code <= 0xfffb) ||
    (code >= 0xe0000 && code <= 0xe007f)
  );
}

function harmful(text: string): string[] {
  return Array.from(text).filter((character) => isHarmful(character.codePointAt(0) ?? 0));
}

const anyUnit = fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit));
const hostile = fc
  .array(fc.oneof(fc.constantFrom(...PLANTED), fc.string({ unit: "binary" }), anyUnit), { maxLength: 12 })
  .map((pieces) => pieces.join(""));

describe("forTerminal", () => {
  test.each(PLANTED)("nothing harmful is left of %j", (planted) => {
    expect(harmful(forTerminal(`before ${planted} after`))).toEqual([]);
    expect(harmful(forTerminal(`before ${planted} after`, { multiline: true }))).toEqual([]);
  });

  test("nothing harmful is left of any text, and what was made safe stays as it is", () => {
    fc.assert(
      fc.property(hostile, fc.boolean(), (text, multiline) => {
        const safe = forTerminal(text, { multiline });
        expect(harmful(safe).filter((character) => !(multiline && character === "\n"))).toEqual([]);
        expect(forTerminal(safe, { multiline })).toBe(safe);
      }),
      runs(500, 6000),
    );
  });

  test("every single code unit that is harmful is replaced", () => {
    const units = Array.from({ length: 0x10000 }, (_, unit) => unit);
    const wrong = units.filter((unit) => {
      const shown = forTerminal(String.fromCharCode(unit));
      return shown === "" || harmful(shown).length > 0;
    });
    expect(wrong).toEqual([]);
  });

  test("an escape is shown as a sign, and the rest of its sequence as plain text", () => {
    expect(forTerminal("\x1b[31mred\x1b[0m")).toBe("␛[31mred␛[0m");
    expect(forTerminal("50%\r100%")).toBe("50%␍100%");
    expect(forTerminal("a\u202Eb\u009bc\x7f")).toBe("a\uFFFDb\uFFFDc␡");
  });

  test("a line break is kept only where lines are wanted, and a tab is a space", () => {
    expect(forTerminal("a\nb\tc")).toBe("a b c");
    expect(forTerminal("a\nb\tc", { multiline: true })).toBe("a\nb c");
  });

  test("ordinary text of any script passes unchanged", () => {
    const text = "Grüße, Ω ≈ 漢字 한국어 עברית العربية हिन्दी می‌خواهم 👨‍👩‍👧 ❤️ 🇩🇪 e\u0301 ✓ ─";
    expect(forTerminal(text)).toBe(text);
  });
});

describe("terminalStream", () => {
  test("text in pieces comes out as the whole would, wherever it is cut", () => {
    fc.assert(
      fc.property(hostile, fc.array(fc.nat({ max: 60 })), fc.boolean(), (text, cuts, multiline) => {
        const stream = terminalStream({ multiline });
        const places = [...new Set([0, ...cuts.map((cut) => Math.min(cut, text.length)), text.length])];
        places.sort((a, b) => a - b);
        const pieces = places.slice(1).map((place, index) => stream.write(text.slice(places[index], place)));
        expect(pieces.join("") + stream.end()).toBe(forTerminal(text, { multiline }));
      }),
      runs(500, 6000),
    );
  });

  test("an emoji that was cut in two survives", () => {
    const stream = terminalStream();
    expect(stream.write("a\uD83D")).toBe("a");
    expect(stream.write("\uDE00b")).toBe("😀b");
    expect(stream.end()).toBe("");
  });

  test("half an emoji at the end of the stream is a visible sign", () => {
    const stream = terminalStream();
    expect(stream.write("a\uD83D")).toBe("a");
    expect(stream.end()).toBe("\uFFFD");
    expect(stream.end()).toBe("");
  });
});
