import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { toError } from "../errors.ts";
import { utf8Text } from "../text/utf8-text.ts";
import type { ProgramProblem } from "./program-error.ts";
import { positionsIn } from "./source-document.ts";

/** In bytes. Larger files are no program and no prompt. */
const MOST_BYTES = 1_048_576;

export type ReadText = { readonly text: string } | { readonly problem: ProgramProblem; readonly cause?: unknown };

/**
 * Reads a small UTF-8 file, without its byte order mark. Never waits (a pipe is refused, not read) and never reads
 * more than `MOST_BYTES`.
 */
export function readTextFile(path: string): ReadText {
  const read = readSmallFile(path);
  if ("problem" in read) return { ...read, problem: { message: read.problem } };
  const decoded = utf8Text(read.bytes);
  if ("text" in decoded) return decoded;
  const { problem, offset } = decoded;
  const before = read.bytes.toString("utf8", 0, offset).replace(/^\uFEFF/, "");
  const message = read.bytes[offset] === 0 ? `${problem} here.` : `${problem}.`;
  return { problem: { message, position: positionsIn(before)(before.length) } };
}

/** The bytes of a small file; never waits. */
export function readSmallFile(
  path: string,
): { readonly bytes: Buffer } | { readonly problem: string; readonly cause?: unknown } {
  try {
    const read = readBytes(path);
    return typeof read === "string" ? { problem: read } : { bytes: read };
  } catch (error) {
    return { problem: reason(error), cause: error };
  }
}

/** The bytes, or what is wrong with the file. */
function readBytes(path: string): Buffer | string {
  // Without O_NONBLOCK, opening a pipe waits for a writer. (Windows has no such flag, and no such pipes.)
  const handle = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stats = fstatSync(handle);
    if (stats.isDirectory()) return "It is a directory, not a file.";
    if (!stats.isFile()) return "It is not a regular file.";
    const bytes = Buffer.alloc(MOST_BYTES + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read) {
      read = readSync(handle, bytes, length, bytes.length - length, null);
    }
    if (length <= MOST_BYTES) return bytes.subarray(0, length);
    return `The file has more than ${MOST_BYTES} bytes: too many for a program or a prompt.`;
  } finally {
    closeSync(handle);
  }
}

/** What the system said, in words where it is common. */
export function reason(error: unknown): string {
  const code: unknown = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT" || code === "ENOTDIR") return "There is no such file.";
  if (code === "EACCES" || code === "EPERM") return "There is no permission to read this file.";
  if (code === "ELOOP") return "It is a link that leads back to itself.";
  if (code === "ENAMETOOLONG") return "Its path is longer than this system allows.";
  return `It cannot be read: ${toError(error).message}.`;
}
