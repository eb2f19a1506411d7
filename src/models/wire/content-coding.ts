import type { IncomingMessage } from "node:http";
import type { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream";
import { Unreadable } from "./wire-format.ts";

/** Requests ask for none: texts come in small pieces, and are to come at once. */
export const ACCEPTED_CODING = "identity";

/**
 * The body of an answer as it was before it was compressed: some servers do so unasked. Only as much is unpacked as is
 * read, so that a small answer cannot become a large one unseen.
 * @throws Unreadable for a coding that is not known
 */
export async function decoded(answer: IncomingMessage): Promise<Readable> {
  const told = (answer.headers["content-encoding"] ?? "").toLowerCase().split(",");
  // What is zipped shows that by itself, whatever is told of it.
  const codings = told.map((coding) => coding.trim()).filter((coding) => !SEEN.has(coding));
  if (codings.length === 0) return answer;
  const coding = codings.join(", ");
  const zlib = await import("node:zlib");
  const decoders: Readonly<Record<string, () => Transform>> = {
    deflate: zlib.createInflate,
    br: zlib.createBrotliDecompress,
    zstd: zlib.createZstdDecompress,
  };
  const create = Object.hasOwn(decoders, coding) ? decoders[coding] : undefined;
  if (create === undefined) throw new Unreadable(`its content-encoding is ${coding}`, "");
  // Whoever reads hears what goes wrong.
  return pipeline(answer, create(), () => {});
}

const SEEN: ReadonlySet<string> = new Set(["", "identity", "gzip", "x-gzip"]);

/** By its first two bytes, with which no text begins. */
export function isGzip(first: Buffer): boolean {
  return first[0] === 0x1f && first[1] === 0x8b;
}

export function unzipped(body: Readable): Readable {
  return pipeline(body, process.getBuiltinModule("node:zlib").createGunzip(), () => {});
}
