/** A key of so many parts is no key that anybody wrote; a prompt would need as many words joined by dots. */
const MOST_PARTS = 50_000;

/**
 * Where a dotted key with absurdly many parts begins, undefined if there is none. Parsing one makes a table for each
 * part: half a million take more than a second, so this looks before the parser does.
 */
export function longDottedKey(text: string): number | undefined {
  let start = 0;
  let dots = 0;
  let word = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === DOT && word) {
      word = false;
      if (++dots >= MOST_PARTS) return start;
    } else if (isBareKey(code)) {
      word = true;
    } else if (code !== SPACE && code !== TAB && code !== QUOTE && code !== APOSTROPHE) {
      start = at + 1;
      dots = 0;
      word = false;
    }
  }
  return undefined;
}

const DOT = 0x2e;
const SPACE = 0x20;
const TAB = 0x09;
const QUOTE = 0x22;
const APOSTROPHE = 0x27;

/** `A` to `Z`, `a` to `z`, digits, `_` and `-`. */
function isBareKey(code: number): boolean {
  const letter = code | 0x20;
  return (letter >= 0x61 && letter <= 0x7a) || (code >= 0x30 && code <= 0x39) || code === 0x5f || code === 0x2d;
}
