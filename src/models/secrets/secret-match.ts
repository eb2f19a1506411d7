import { cutAt, tellsEnough } from "./cut-marks.ts";
import type { SecretForm } from "./secret-forms.ts";
import { foldedCode } from "./secret-forms.ts";
import type { Reading } from "./spellings.ts";
import { beginsEscape, escapeAt } from "./spellings.ts";
import { behindUnseen, isUnseen } from "./unseen.ts";

/** How a secret stands in a text: whole, or as much of it as there is. */
export interface Match {
  readonly end: number;
  /** So much of it stands there that it must not be seen. */
  readonly tells: boolean;
  /** The text ends before the secret does. */
  readonly isPart: boolean;
}

/** How a form, from one of its characters on, stands at a place of a text; undefined if it does not. */
export function matchAt(text: string, start: number, form: SecretForm, from: number): Match | undefined {
  return new Matching(text, form, from).best(start);
}

/** What the text ends within before what is whole, the longest before the others. */
export function better<Kind extends Match>(one: Kind | undefined, other: Kind | undefined): Kind | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  if (one.isPart !== other.isPart) return one.isPart ? one : other;
  return other.end > one.end ? other : one;
}

/** A way to go on: up to there, so many characters of the form are known. */
interface Continuation {
  readonly end: number;
  readonly known: number;
}

class Matching {
  readonly #text: string;
  readonly #form: SecretForm;
  readonly #first: number;
  /** Ways that are still to be gone. */
  readonly #open: Continuation[] = [];
  /** From where several went on: none is gone twice, so that their number does not grow with each. */
  #gone: Set<number> | undefined;
  /** How often something was looked at that might be passed over. */
  #passed = 0;

  constructor(text: string, form: SecretForm, first: number) {
    this.#text = text;
    this.#form = form;
    this.#first = first;
  }

  best(start: number): Match | undefined {
    let best = this.#along(start, this.#first);
    for (let way = this.#open.pop(); way !== undefined; way = this.#open.pop()) {
      best = better(best, this.#along(way.end, way.known));
    }
    return best;
  }

  #along(start: number, from: number): Match | undefined {
    const { length } = this.#form.text;
    let place = start;
    let known = from;
    while (known < length) {
      if (place >= this.#text.length) return this.#part(known);
      const code = this.#text.charCodeAt(place);
      if (beginsEscape(code)) {
        const { ways, isOpen, next } = this.#waysOn(place, known);
        const [only] = ways;
        if (ways.length !== 1 || only === undefined || isOpen) {
          return ways.length === 0 && !isOpen
            ? this.#cut(place, known, next)
            : this.#branch(place, known, ways, isOpen);
        }
        place = only.end;
        known = only.known;
      } else if (this.#isSame(code, known)) {
        place++;
        known++;
      } else {
        const seen = this.#behindUnseen(place, known);
        if (seen >= this.#text.length) return this.#part(known);
        if (seen === place || !this.#goesOn(seen, known)) return this.#cut(place, known, this.#text.charAt(place));
        place = seen;
      }
    }
    return { end: place, tells: true, isPart: false };
  }

  /** Leaves the ways to be gone, and says what there is if the text goes on with none of them. */
  #branch(place: number, known: number, ways: readonly Continuation[], isOpen: boolean): Match | undefined {
    this.#gone ??= new Set();
    const here = place * (this.#form.text.length + 1) + known;
    if (this.#gone.has(here)) return undefined;
    this.#gone.add(here);
    this.#open.push(...ways);
    return isOpen ? this.#part(known + Number(this.#isSame(this.#text.charCodeAt(place), known))) : undefined;
  }

  /** What stands at a place, read in each way in which it goes on with the form; `next` is what it is likely to be. */
  #waysOn(place: number, known: number) {
    const { readings, isOpen } = escapeAt(this.#text, place);
    const raw: Reading = { text: this.#text.charAt(place), end: place + 1 };
    const ways: Continuation[] = [];
    for (const { text, end } of [...readings, raw]) {
      if (this.#isText(text, known)) ways.push({ end, known: known + text.length });
      else if (this.#passesOver(known) && isUnseen(text.charCodeAt(0))) {
        ways.push({ end: behindUnseen(this.#text, end), known });
      }
    }
    return { ways, isOpen, next: readings[0]?.text ?? raw.text };
  }

  #part(known: number): Match {
    return { end: this.#text.length, tells: tellsEnough(this.#form, this.#first, known), isPart: true };
  }

  #cut(place: number, known: number, next: string): Match | undefined {
    const cut = cutAt(this.#text, { place, next }, this.#form, { first: this.#first, known });
    return cut && { end: cut.end, tells: cut.tells, isPart: cut.isOpen };
  }

  /** Not for ever: a text may have nothing else in it. */
  #passesOver(known: number): boolean {
    if (known === this.#first || !this.#form.isFolded) return false;
    return ++this.#passed <= 2 * this.#form.text.length;
  }

  #behindUnseen(place: number, known: number): number {
    if (!this.#passesOver(known)) return place;
    const seen = behindUnseen(this.#text, place);
    if (!this.#form.isHex || known % 2 === 1) return seen;
    BETWEEN_BYTES.lastIndex = seen;
    return BETWEEN_BYTES.test(this.#text) ? BETWEEN_BYTES.lastIndex : seen;
  }

  /** Behind what was passed over, so that a cut is told from a break. */
  #goesOn(place: number, known: number): boolean {
    const code = this.#text.charCodeAt(place);
    return beginsEscape(code) || this.#isSame(code, known);
  }

  #isText(text: string, known: number): boolean {
    for (let at = 0; at < text.length; at++) if (!this.#isSame(text.charCodeAt(at), known + at)) return false;
    return true;
  }

  #isSame(code: number, known: number): boolean {
    const wanted = this.#form.text.charCodeAt(known);
    return code === wanted || (this.#form.isFolded && foldedCode(code) === wanted);
  }
}

const BETWEEN_BYTES = /[\s:,-]{1,3}(?:0x)?/y;
