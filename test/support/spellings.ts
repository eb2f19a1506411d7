/** How servers, gateways and formats write a text of ASCII that they repeat. */
export const SPELLINGS: Readonly<Record<string, (text: string) => string>> = {
  "as it is": (text) => text,
  "percent-encoded": (text) => encodeURIComponent(text),
  "percent-encoded in small letters": (text) => encodeURIComponent(text).replace(/%../g, (hex) => hex.toLowerCase()),
  "percent-encoded to the last letter": (text) => each(text, (code) => `%${hex(code, 2)}`),
  "percent-encoded twice": (text) => encodeURIComponent(each(text, (code) => `%${hex(code, 2)}`)),
  "in a form": (text) => new URLSearchParams({ "": text }).toString().slice(1),
  "in JSON": (text) => JSON.stringify(text).slice(1, -1),
  "in JSON with slashes escaped": (text) => JSON.stringify(text).slice(1, -1).replaceAll("/", "\\/"),
  "in JSON in JSON": (text) => JSON.stringify(JSON.stringify(text).slice(1, -1)).slice(1, -1),
  "in JSON by numbers": (text) => each(text, (code) => `\\u${hex(code, 4)}`),
  "in JSON by numbers, in JSON": (text) => each(text, (code) => `\\\\u${hex(code, 4).toUpperCase()}`),
  "in HTML": (text) =>
    text
      .replaceAll("&", "&amp;")
      .replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;")
      .replaceAll('"', "&quot;")
      .replaceAll("'", "&#39;"),
  "in HTML by numbers": (text) => each(text, (code) => `&#${code};`),
  "in HTML by numbers with zeros": (text) => each(text, (code) => `&#0${code};`),
  "in HTML by hexadecimal numbers": (text) => each(text, (code) => `&#x${hex(code, 2)};`),
  "in HTML in HTML": (text) => each(text, (code) => `&amp;#${code};`),
  "with escapes of Markdown": (text) => text.replaceAll(/[_*=+&<>-]/g, "\\$&"),
  "in base64": (text) => base64(text),
  "in base64 behind another text": (text) => base64(`user:${text}`),
  "in base64 behind and before others": (text) => base64(`id=${text}; and more`),
  "in base64 for addresses": (text) => Buffer.from(`ab${text}`).toString("base64url"),
};

/** What else becomes of one on its way: each is tried once, with one model. */
export const RARE_SPELLINGS: Readonly<Record<string, (text: string) => string>> = {
  "in capitals": (text) => text.toUpperCase(),
  "in hexadecimal": (text) => Buffer.from(text).toString("hex"),
  "in hexadecimal, byte for byte": (text) =>
    each(text, (code) => `${hex(code, 2)} `)
      .toUpperCase()
      .trim(),
  "broken over lines": (text) => text.replace(/.{5}/g, "$&\r\n  "),
  "broken over lines, in JSON": (text) => text.replace(/.{5}/g, "$&\\n"),
  "with hyphens that nobody sees": (text) => text.split("").join("\u00ad"),
  "with blanks that nobody sees": (text) => text.replace(/.{3}/g, "$&\u200b\u2060"),
  "with places to break in HTML": (text) => each(text, (code) => `&#${code};<wbr>`),
  "percent-encoded three times": (text) => each(text, (code) => `%2525${hex(code, 2)}`),
  "in base64 over several lines": (text) => base64(`user:${text}`).replace(/.{9}/g, "$&\n"),
};

/** The first characters of what a text is spelled as that nothing else is spelled as. */
export function tellTale(spelled: string): string {
  return spelled.slice(0, Math.max(12, Math.ceil(spelled.length / 3)));
}

function each(text: string, spell: (code: number) => string): string {
  return Array.from(text, (character) => spell(character.charCodeAt(0))).join("");
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, "0");
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
