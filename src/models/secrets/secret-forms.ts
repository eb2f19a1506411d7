/** How a secret may stand in a text, before anything of it is escaped. */
export interface SecretForm {
  /** Its characters as they are compared: folded, unless it must stand there exactly. */
  readonly text: string;
  /** Whether large and small letters are the same, and what nobody sees between them is passed over. */
  readonly isFolded: boolean;
  /** Whether bytes may stand apart. */
  readonly isHex: boolean;
  /** So many characters of it tell enough to be hidden. */
  readonly least: number;
  /** It is not in words of its own, so that no part of it is an ordinary word. */
  readonly isEncoded: boolean;
}

/** What is shorter is in many a text by chance: no secret, and no part of one. */
export const SHORTEST = 8;

/** Short ones open little; a password among them is hidden where no text is lost by that. */
const SHORTEST_IN_ERRORS = 4;

/** The values themselves, and what stands in base64 or in hexadecimal for them, whatever is encoded before and behind. */
export function longForms(values: readonly string[]): readonly SecretForm[] {
  const long = values.filter((value) => value.length >= SHORTEST);
  return unique(long.flatMap((value) => [plainForm(value), hexForm(value), ...inBase64(value).map(encodedForm)]));
}

/** Those that are too short to be told from ordinary words: they are found only as they are. */
export function shortForms(values: readonly string[]): readonly SecretForm[] {
  const short = values.filter((value) => value.length >= SHORTEST_IN_ERRORS && value.length < SHORTEST);
  return short.map((text) => ({ text, isFolded: false, isHex: false, least: SHORTEST, isEncoded: false }));
}

/** One letter for large and small ones, as long as the text was. */
export function folded(text: string): string {
  let small = "";
  for (let place = 0; place < text.length; place++) small += String.fromCharCode(foldedCode(text.charCodeAt(place)));
  return small;
}

export function foldedCode(code: number): number {
  if (code < 0x80) return code >= CAPITAL_A && code <= CAPITAL_Z ? code + 0x20 : code;
  const small = String.fromCharCode(code).toLowerCase();
  return small.length === 1 ? small.charCodeAt(0) : code;
}

const CAPITAL_A = 0x41;
const CAPITAL_Z = 0x5a;

function plainForm(value: string): SecretForm {
  return { text: folded(value), isFolded: true, isHex: false, least: SHORTEST, isEncoded: false };
}

function encodedForm(value: string): SecretForm {
  return { ...plainForm(value), isEncoded: true };
}

function hexForm(value: string): SecretForm {
  return { ...encodedForm(Buffer.from(value).toString("hex")), isHex: true, least: 2 * SHORTEST };
}

function inBase64(value: string): readonly string[] {
  const forms = [0, 1, 2].map((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(value)]);
    const text = bytes.toString("base64").replace(/=+$/, "");
    // The characters at the borders are made of the neighbours, too.
    return text.slice(before === 0 ? 0 : before + 1, bytes.length % 3 === 0 ? undefined : -1);
  });
  return [...forms, ...forms.map((form) => form.replaceAll("+", "-").replaceAll("/", "_"))];
}

function unique(forms: readonly SecretForm[]): readonly SecretForm[] {
  return [...new Map(forms.map((form) => [`${form.isHex} ${form.text}`, form])).values()];
}
