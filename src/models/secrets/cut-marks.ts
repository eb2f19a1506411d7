import type { SecretForm } from "./secret-forms.ts";
import { folded } from "./secret-forms.ts";

/** How a text goes on behind the beginning of a secret. */
export interface Cut {
  /** Up to where it is told of the secret. */
  readonly end: number;
  /** The text ends before that is decided. */
  readonly isOpen: boolean;
  /** Whether what is there is to be hidden. */
  readonly tells: boolean;
}

/** Where a text stops being a secret, and what stands there, an escape read as what it stands for. */
interface End {
  readonly place: number;
  readonly next: string;
}

/** Which characters of a form have been found. */
interface Known {
  readonly first: number;
  readonly known: number;
}

/**
 * Looks at a place at which a text does not go on with a secret that it has the beginning of: whether it was cut there,
 * as who quotes one does (`sk-ab…yz12`, `"sk-abcdefgh..."`, `sk-abcdefgh ***`). Undefined where it is simply another word.
 */
export function cutAt(text: string, end: End, form: SecretForm, { first, known }: Known): Cut | undefined {
  if (!form.isFolded || known - first < FEWEST) return undefined;
  const { place, next } = end;
  const mask = maskAt(text, place);
  if (mask !== undefined) return maskedAt(text, { place, mask }, form, { first, known });
  if (!tellsEnough(form, first, known)) return undefined;
  if (!CLOSING.test(next) && (WITHIN_WORDS.test(next) || isOrdinary(form, known))) return undefined;
  return { end: place, isOpen: false, tells: true };
}

/** Whether what is known of a secret says so much that it must not be seen: the address of a host says nothing. */
export function tellsEnough(form: SecretForm, first: number, known: number): boolean {
  return known - first >= form.least && (form.isEncoded || !ADDRESS.test(form.text.slice(0, known)));
}

/** With fewer it is anything that begins like that. */
const FEWEST = 3;

const CLOSING = /["'`´)\]}>»”’]/;
const WITHIN_WORDS = /[\p{L}\p{N}_-]/u;
const ADDRESS = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*\/?$/;
const LETTER = /[a-z]/;
const ORDINARY = /^[a-z]+([ ._/-]+[a-z]+)*[ ._/-]*$/;

/** What puts itself in the place of characters. */
const MASK =
  /[ \t]{0,2}(?:\.{2,}|…|\*{2,}|[•●·∙▪█]{2,}|x{3,}|#{2,}|\\u2026|&hellip;|\[[^[\]]{0,20}\]|<[^<>]{1,20}>|\((?:hidden|redacted|truncated|masked)\))(?:[.…*•●·∙▪█xX#]*)/iy;

/** The beginning of one at the end of a text. */
const MASK_BEGUN =
  /^[ \t]{0,2}(?:[.…*•●·∙▪█xX#]*|\[[^[\]]{0,20}|<[^<>]{0,20}|\([a-z]{0,9}|\\u?[0-9a-f]{0,4}|&[a-z]{0,7})$/i;
const LONGEST_BEGUN = 24;

/** Up to where. */
function maskAt(text: string, place: number): number | undefined {
  if (text.length - place <= LONGEST_BEGUN && MASK_BEGUN.test(text.slice(place))) return text.length;
  MASK.lastIndex = place;
  return MASK.test(text) ? MASK.lastIndex : undefined;
}

/** Behind a mask, the end of the secret may stand. */
function maskedAt(
  text: string,
  { place, mask }: { readonly place: number; readonly mask: number },
  form: SecretForm,
  { first, known }: Known,
): Cut | undefined {
  const tells = tellsEnough(form, first, known);
  const most = form.text.length - known;
  const rest = folded(text.slice(mask, mask + most));
  for (let length = rest.length; length > 0; length--) {
    if (!rest.startsWith(form.text.slice(-length))) continue;
    if (known - first + length < form.least) break;
    return { end: mask + length, isOpen: false, tells: true };
  }
  // Its end may come with the next piece.
  const isOpen = mask + rest.length === text.length && form.text.includes(rest, known);
  if (isOpen) return { end: tells ? place : text.length, isOpen, tells };
  return tells ? { end: place, isOpen, tells } : undefined;
}

/** Whole words that the secret begins with; who cuts one does not wait for the end of a word. */
function isOrdinary({ isEncoded, text }: SecretForm, known: number): boolean {
  if (isEncoded || !ORDINARY.test(text.slice(0, known))) return false;
  return !(LETTER.test(text.charAt(known - 1)) && LETTER.test(text.charAt(known)));
}
