import { beginnings } from "./secret-beginnings.ts";
import type { SecretForm } from "./secret-forms.ts";
import { folded, foldedCode, SHORTEST } from "./secret-forms.ts";
import type { Match } from "./secret-match.ts";
import { better, matchAt } from "./secret-match.ts";
import { beginsEscape, escapeAt } from "./spellings.ts";

/** A place of a text at which a secret stands, in whatever spelling. */
export interface Found extends Match {
  readonly start: number;
}

/**
 * Finds secrets in every spelling in which a server may repeat them: as they are, in large or small letters,
 * percent-encoded, as JSON or HTML writes them, broken over lines, or all of that mixed; and what is left of them where
 * they were cut. What begins like none of them costs next to nothing.
 */
export class SecretSearch {
  readonly #forms: readonly SecretForm[];
  /** By the first character. */
  readonly #byFirst: ReadonlyMap<number, readonly SecretForm[]>;
  /** Where one of them may begin. */
  readonly #beginnings: RegExp | undefined;

  constructor(forms: readonly SecretForm[]) {
    this.#forms = forms;
    this.#byFirst = Map.groupBy(forms, ({ text }) => text.charCodeAt(0));
    this.#beginnings = forms.length === 0 ? undefined : beginnings(forms.map(({ text }) => text));
  }

  /** The next one from a place on: what the text ends within before what is whole, the longest before the others. */
  next(text: string, from: number): Found | undefined {
    const beginnings = this.#beginnings;
    if (beginnings === undefined) return undefined;
    beginnings.lastIndex = from;
    for (let begun = beginnings.exec(text); begun !== null; begun = beginnings.exec(text)) {
      const found = this.#at(text, begun.index);
      if (found !== undefined) return found;
      beginnings.lastIndex = begun.index + 1;
    }
    return undefined;
  }

  /** A later part of a secret, or its end, at the beginning of a text. */
  restAtStart(text: string): Found | undefined {
    if (text.length < SHORTEST) return undefined;
    const start = folded(text.slice(0, SHORTEST));
    for (const form of this.#forms) {
      const place = form.text.indexOf(start, 1);
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
    return found ?? (isOpen ? { start: place, end: text.length, tells: false, isPart: true } : undefined);
  }

  #best(text: string, place: number, first: number): Found | undefined {
    let best: Found | undefined;
    for (const form of this.#byFirst.get(foldedCode(first)) ?? []) {
      const match = matchAt(text, place, form, 0);
      if (match !== undefined) best = better(best, { start: place, ...match });
    }
    return best;
  }
}
