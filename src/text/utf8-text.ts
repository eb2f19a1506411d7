import { isUtf8 } from "node:buffer";

/** The text that bytes are; or what they are instead, and at which of them that shows. */
export type Utf8Text = { readonly text: string } | { readonly problem: string; readonly offset: number };

/**
 * Bytes as UTF-8 text, without its byte order mark. All else is refused, by name where it has one: decoded all the same,
 * it would have signs in it that nobody meant.
 */
export function utf8Text(bytes: Buffer): Utf8Text {
  const other = otherEncoding(bytes);
  if (other !== undefined) return { problem: `It is ${other} text, not UTF-8`, offset: 0 };
  if (!isUtf8(bytes)) return { problem: "It is not UTF-8 text", offset: validLength(bytes) };
  const nul = bytes.indexOf(0);
  if (nul !== -1) return { problem: "It has a NUL character", offset: nul };
  return { text: bytes.toString("utf8").replace(/^\uFEFF/, "") };
}

/** The longer marks begin with the shorter ones. */
const MARKS = [
  ["UTF-32LE", [0xff, 0xfe, 0, 0]],
  ["UTF-32BE", [0, 0, 0xfe, 0xff]],
  ["UTF-16LE", [0xff, 0xfe]],
  ["UTF-16BE", [0xfe, 0xff]],
] as const;
/** How much of a text without a mark is looked at. */
const SAMPLE_BYTES = 4096;

function otherEncoding(bytes: Buffer): string | undefined {
  const marked = MARKS.find(([, mark]) => mark.every((byte, index) => bytes[index] === byte));
  if (marked !== undefined) return marked[0];
  // Without a mark: every other byte of most texts in UTF-16 is zero.
  const zeros = [0, 0] as [even: number, odd: number];
  const sample = bytes.subarray(0, SAMPLE_BYTES);
  for (const [index, byte] of sample.entries()) if (byte === 0) zeros[index % 2 === 0 ? 0 : 1]++;
  const [even, odd] = zeros;
  if (Math.max(even, odd) <= sample.length / 4 || Math.min(even, odd) > sample.length / 50) return undefined;
  return odd > even ? "UTF-16LE" : "UTF-16BE";
}

/** How many bytes from the start are whole characters. */
function validLength(bytes: Buffer): number {
  let at = 0;
  for (let end = 0; end < bytes.length && isUtf8(bytes.subarray(at, end)); ) {
    at = end;
    end = bytes.indexOf("\n", at) + 1 || bytes.length;
  }
  while (at < bytes.length) {
    const length = lengthBy(bytes[at] ?? 0);
    if (!isUtf8(bytes.subarray(at, at + length))) break;
    at += length;
  }
  return at;
}

/** Of a character, by its first byte. */
function lengthBy(byte: number): number {
  if (byte < 0xc0) return 1;
  return byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}
