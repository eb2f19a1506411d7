import { StringDecoder } from "node:string_decoder";
import { describe } from "../../errors.ts";
import { Unreadable } from "./wire-format.ts";

/** Makes text of the next bytes of a body; without any, of what is left at its end. @throws Unreadable */
export type BodyText = (bytes?: Buffer) => string;

/**
 * How the bytes of a body are text: what they begin with decides, then what they are labelled as. A label is believed
 * only where the bytes are not UTF-8: many servers bear that of a default that nobody has set.
 */
export function bodyText(first: Buffer, contentType: string): BodyText {
  const wide = wideForm(first);
  if (wide !== undefined) return textIn(wide);
  const [, label] = /;\s*charset\s*=\s*["']?([^"';\s]+)/i.exec(contentType) ?? [];
  return label === undefined || /^utf-?8$|ascii$/i.test(label) ? utf8() : utf8Or(label);
}

function utf8(): BodyText {
  const decoder = new StringDecoder("utf8");
  return (bytes) => (bytes === undefined ? decoder.end() : decoder.write(bytes));
}

/** By the mark of the byte order, or by where the half of the first character is that is empty: it is one of ASCII. */
function wideForm([first = 1, second = 1]: Buffer): string | undefined {
  if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0)) return "utf-16le";
  return (first === 0xfe && second === 0xff) || (first === 0 && second !== 0) ? "utf-16be" : undefined;
}

function textIn(encoding: string): BodyText {
  const decoder = strict(encoding);
  return (bytes) => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined });
    } catch {
      throw new Unreadable(`its bytes are no text in ${encoding}`, "");
    }
  };
}

function strict(encoding: string): InstanceType<typeof TextDecoder> {
  try {
    return new TextDecoder(encoding, { fatal: true });
  } catch {
    throw new Unreadable(`its charset is ${describe(encoding)}`, "");
  }
}

/** The first character beyond ASCII decides. */
function utf8Or(label: string): BodyText {
  let decided: BodyText | undefined;
  let held = Buffer.alloc(0);
  return (bytes) => {
    if (decided !== undefined) return decided(bytes);
    const all = bytes === undefined ? held : Buffer.concat([held, bytes]);
    const place = all.findIndex((byte) => byte > 0x7f);
    const end = place === -1 ? all.length : place;
    held = all.subarray(end);
    const plain = all.toString("latin1", 0, end);
    if (held.length === 0 || (bytes !== undefined && held.length < LONGEST)) return plain;
    decided = textIn(isUtf8(held) ? "utf-8" : label);
    return plain + decided(held) + (bytes === undefined ? decided() : "");
  };
}

/** In bytes: of a character in UTF-8. */
const LONGEST = 4;

function isUtf8(bytes: Buffer): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}
