/**
 * Where what nobody sees at a place of a text ends: the break of a line with the blanks around it, hyphens that may
 * break a word, characters without width. The place itself where there is nothing of that; the end of the text where it
 * ends before that is decided.
 */
export function behindUnseen(text: string, place: number): number {
  let end = place;
  while (end - place < MOST) {
    const next = behindOne(text, end, end > place && isLineBreak(text.charCodeAt(end - 1)));
    if (next === end) return end;
    end = next;
  }
  return end;
}

/** In a row: a text of nothing else is left alone. */
const MOST = 500;

function behindOne(text: string, place: number, isBehindLineBreak: boolean): number {
  const code = text.charCodeAt(place);
  if (isUnseen(code)) return place + 1;
  if (code === LESS_THAN) {
    BREAKS.lastIndex = place;
    if (BREAKS.test(text)) return BREAKS.lastIndex;
    return text.length - place < LONGEST_BREAK && BREAK_BEGUN.test(text.slice(place)) ? text.length : place;
  }
  let end = place;
  while (end - place < MOST && (text.charCodeAt(end) === BLANK || text.charCodeAt(end) === TAB)) end++;
  return isBehindLineBreak || end === text.length || isLineBreak(text.charCodeAt(end)) ? end : place;
}

export function isUnseen(code: number): boolean {
  if (code < 0x7f) return isLineBreak(code) || (code < TAB && code >= 0);
  if (code < 0x200b) return code < 0xa0 || code === 0xad || code === 0x34f || code === 0x61c || code === 0x180e;
  return code <= 0x200f || (code >= 0x2028 && code <= 0x202e) || (code >= 0x2060 && code <= 0x206f) || code === 0xfeff;
}

const TAB = 0x09;
const BLANK = 0x20;
const LESS_THAN = 0x3c;

/** Where HTML breaks a line, or may. */
const BREAKS = /<\/?w?br\s{0,9}\/?>/iy;

const BREAK_BEGUN = /^<\/?w?(b(r\s*\/?)?)?$/i;
const LONGEST_BREAK = 16;

function isLineBreak(code: number): boolean {
  return code >= 0x0a && code <= 0x0d;
}
