import type { Reading } from "./spellings.ts";
import { beginsEscape, ESCAPES, escapeAt } from "./spellings.ts";

/** A place of a text at which a secret stands, in whatever spelling. */
export interface Found {
  readonly start: number;
  readonly end: number;
  /** How many characters of the secret were found. */
  readonly length: number;
  /** The text ends before the secret does. */
  readonly isPart: boolean;
}

/** What is shorter is in many a text by chance: no secret, and no part of one. */
export const SHORTEST = 8;

/**
 * Finds texts in every spelling in which a server may repeat them: as they are, percent-encoded, as JSON or HTML writes
 * them, or all of that mixed. A character with which none of them begins costs one look.
 */
export class SecretSearch {
  readonly #all: readonly string[];
  /** By the first character. */
  readonly #forms = new Map<number, string[]>();
  /** Whether a character may begin a form, or an escape that does, by its last byte. */
  readonly #isFirst = new Uint8Array(0x100);

  constructor(forms: ReadonlySet<string>) {
    this.#all = [...forms];
    for (const code of this.#all.length === 0 ? [] : ESCAPES) this.#isFirst[code & 0xff] = 1;
    for (const form of forms) {
      const code = form.charCodeAt(0);
      this.#isFirst[code & 0xff] = 1;
      this.#forms.set(code, [...(this.#forms.get(code) ?? []), form]);
    }
  }

  /** The next one from a place on: what the text ends within before what is whole, the longest before the others. */
  next(text: string, from: number): Found | undefined {
    for (let place = from; place < text.length; place++) {
      if (this.#isFirst[text.charCodeAt(place) & 0xff] === 0) continue;
      const found = this.#at(text, place);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** A later part of a secret, or its end, at the beginning of a text. */
  restAtStart(text: string): Found | undefined {
    if (text.length < SHORTEST) return undefined;
    for (const form of this.#all) {
      const place = form.indexOf(text.slice(0, SHORTEST), 1);
      const match = place === -1 ? undefined : matchAt(text, 0, form, place);
      if (match !== undefined) return { start: 0, ...match };
    }
    return undefined;
  }

  #at(text: string, place: number): Found | undefined {
    const code = text.charCodeAt(place);
    const raw = this.#best(text, place, code);
    if (!beginsEscape(code)) return raw;
    const { readings, isOpen } = escapeAt(text, place);
    const found = readings.reduce(
      (best, reading) => better(best, this.#best(text, place, reading.text.charCodeAt(0))),
      raw,
    );
    return found ?? (isOpen ? { start: place, end: text.length, length: 0, isPart: true } : undefined);
  }

  #best(text: string, place: number, first: number): Found | undefined {
    let best: Found | undefined;
    for (const form of this.#forms.get(first) ?? []) {
      const match = matchAt(text, place, form, 0);
      if (match !== undefined) best = better(best, { start: place, ...match });
    }
    return best;
  }
}

type Match = Omit<Found, "start">;

function better<Kind extends Match>(one: Kind | undefined, other: Kind | undefined): Kind | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  if (one.isPart !== other.isPart) return one.isPart ? one : other;
  return other.end > one.end ? other : one;
}

/** How a form, from one of its characters on, stands at a place of a text; undefined if it does not. */
function matchAt(text: string, start: number, form: string, from: number): Match | undefined {
  let place = start;
  let known = from;
  while (known < form.length) {
    if (place >= text.length) return { end: place, length: known - from, isPart: true };
    const code = text.charCodeAt(place);
    const isSame = code === form.charCodeAt(known);
    if (beginsEscape(code)) {
      const { ways, isOpen } = waysOn(text, place, form, known);
      const [only] = ways;
      if (ways.length !== 1 || only === undefined || isOpen) {
        const open = isOpen ? { end: text.length, length: known - from + Number(isSame), isPart: true } : undefined;
        return ways.reduce<Match | undefined>((best, way) => {
          const after = known + way.text.length;
          const match = matchAt(text, way.end, form, after);
          return better(best, match && { ...match, length: match.length + after - from });
        }, open);
      }
      place = only.end;
      known += only.text.length;
    } else if (isSame) {
      place++;
      known++;
    } else {
      const isCut = code === ELLIPSIS && known - from >= SHORTEST;
      return isCut ? { end: place, length: known - from, isPart: false } : undefined;
    }
  }
  return { end: place, length: known - from, isPart: false };
}

/** What stands at a place, read in each way in which it goes on with the form. */
function waysOn(text: string, place: number, form: string, known: number) {
  const { readings, isOpen } = escapeAt(text, place);
  const raw: Reading = { text: text.charAt(place), end: place + 1 };
  return { ways: [...readings, raw].filter((way) => form.startsWith(way.text, known)), isOpen };
}

/** Texts of ours are cut short with it. */
const ELLIPSIS = "…".charCodeAt(0);
