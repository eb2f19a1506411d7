/** A way to read what stands at a place of a text: as these characters, up to there. */
export interface Reading {
  readonly text: string;
  readonly end: number;
}

/**
 * What an escape at a place of a text may stand for: percent-encoding, escapes of JSON, JavaScript and Markdown, HTML
 * entities, each also where it was escaped again. `isOpen`: the text ends before that is decided.
 */
export function escapeAt(
  text: string,
  place: number,
): { readonly readings: readonly Reading[]; readonly isOpen: boolean } {
  switch (text.charCodeAt(place)) {
    case PERCENT:
      return read(text, place, PERCENT_OPEN, percentReadings);
    case BACKSLASH:
      return read(text, place, BACKSLASH_OPEN, backslashReadings);
    case AMPERSAND:
      return read(text, place, ENTITY_OPEN, entityReadings);
    case PLUS:
      return { readings: [{ text: " ", end: place + 1 }], isOpen: false };
    default:
      return NOTHING;
  }
}

const PERCENT = 0x25;
const BACKSLASH = 0x5c;
const AMPERSAND = 0x26;
const PLUS = 0x2b;

/** The characters that may begin an escape. */
const ESCAPES: readonly number[] = [PERCENT, BACKSLASH, AMPERSAND, PLUS];

export function beginsEscape(code: number): boolean {
  return ESCAPES.includes(code);
}

const NOTHING = Object.freeze({ readings: [], isOpen: false });

/** How often an escape may have been escaped again, so that an open one is short. */
const MOST = 4;
/** No open escape is longer. */
const LONGEST = 48;

/** What the rest of a text looks like that ends within such an escape. */
const PERCENT_OPEN = /^%(25)*(2|[0-9a-f])?$/i;
const BACKSLASH_OPEN = /^\\+(u[0-9a-f]{0,3}|x[0-9a-f]?)?$/i;
const ENTITY_OPEN = /^&(amp;)*(#\d*|#x[0-9a-f]*|[a-z]*)$/i;

function read(
  text: string,
  place: number,
  open: RegExp,
  readings: (text: string, place: number) => readonly Reading[],
): { readonly readings: readonly Reading[]; readonly isOpen: boolean } {
  const rest = text.length - place;
  return { readings: readings(text, place), isOpen: rest <= LONGEST && open.test(text.slice(place)) };
}

function percentReadings(text: string, place: number): readonly Reading[] {
  const readings: Reading[] = [];
  let at = place + 1;
  for (let times = 0; times <= MOST; times++) {
    const reading = percentEncoded(text, at);
    if (reading !== undefined) readings.push(reading);
    if (text.slice(at, at + 2) !== "25") break;
    at += 2;
  }
  return readings;
}

/** A character in UTF-8, from behind its first `%` on. */
function percentEncoded(text: string, place: number): Reading | undefined {
  const first = hexAt(text, place, 2);
  if (first === undefined) return undefined;
  if (first < 0x80) return { text: String.fromCharCode(first), end: place + 2 };
  const more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
  const end = place + 2 + more * 3;
  try {
    return { text: decodeURIComponent(text.slice(place - 1, end)), end };
  } catch {
    return undefined;
  }
}

function backslashReadings(text: string, place: number): readonly Reading[] {
  let at = place;
  while (at - place < MOST * 2 && text.charCodeAt(at) === BACKSLASH) at++;
  const readings: Reading[] = [];
  if (at - place >= 2) readings.push({ text: "\\", end: place + 2 });
  const kind = text[at];
  if (kind === undefined) return readings;
  const digits = kind === "u" ? 4 : kind === "x" ? 2 : 0;
  const code = digits === 0 ? undefined : hexAt(text, at + 1, digits);
  if (code !== undefined) readings.push({ text: String.fromCharCode(code), end: at + 1 + digits });
  const control = CONTROLS.get(kind);
  if (control !== undefined) readings.push({ text: control, end: at + 1 });
  readings.push({ text: kind, end: at + 1 });
  return readings;
}

/** What lines are broken with. */
const CONTROLS: ReadonlyMap<string, string> = new Map([
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);

function entityReadings(text: string, place: number): readonly Reading[] {
  const readings: Reading[] = [];
  let at = place + 1;
  for (let times = 0; times <= MOST; times++) {
    const reading = entity(text, at);
    if (reading !== undefined) readings.push(reading);
    if (text.slice(at, at + 4).toLowerCase() !== "amp;") break;
    at += 4;
  }
  return readings;
}

const ENTITY = /#x0*([0-9a-f]{1,6});?|#0*(\d{1,7});?|([a-z]{2,8});/iy;

/** From behind the `&` on. */
function entity(text: string, place: number): Reading | undefined {
  ENTITY.lastIndex = place;
  const [whole, hex, decimal, name = ""] = ENTITY.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const code = hex !== undefined ? Number.parseInt(hex, 16) : Number(decimal ?? Number.NaN);
  const character = code <= 0x10ffff ? String.fromCodePoint(code) : NAMED.get(name.toLowerCase());
  return character === undefined ? undefined : { text: character, end: place + whole.length };
}

/** Those for what stands in keys, tokens and passwords. (https://html.spec.whatwg.org/multipage/named-characters.html) */
const NAMED: ReadonlyMap<string, string> = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
  ["sol", "/"],
  ["bsol", "\\"],
  ["plus", "+"],
  ["equals", "="],
  ["lowbar", "_"],
  ["hyphen", "-"],
  ["dash", "-"],
  ["period", "."],
  ["comma", ","],
  ["colon", ":"],
  ["semi", ";"],
  ["excl", "!"],
  ["quest", "?"],
  ["num", "#"],
  ["dollar", "$"],
  ["percnt", "%"],
  ["commat", "@"],
  ["ast", "*"],
  ["lpar", "("],
  ["rpar", ")"],
  ["nbsp", " "],
  ["shy", "\u00ad"],
  ["newline", "\n"],
]);

function hexAt(text: string, place: number, digits: number): number | undefined {
  const hex = text.slice(place, place + digits);
  return hex.length === digits && /^[0-9a-f]+$/i.test(hex) ? Number.parseInt(hex, 16) : undefined;
}
