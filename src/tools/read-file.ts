import type { FileHandle } from "node:fs/promises";
import { resolve } from "node:path";
import type { Tool } from "../process/contract/tool.ts";
import { openInside, shownPath } from "./inside-root.ts";
import { tool } from "./tool.ts";
import { ToolFailure } from "./tool-failure.ts";

/** The tool `read_file`: text files inside `root`, of each at most the first `maxBytes`. */
export function readFile(root: string, { maxBytes = 200_000 }: { maxBytes?: number } = {}): Tool {
  const folder = resolve(root);
  return tool({
    name: "read_file",
    description:
      "Reads a text file and returns its content. Only files inside the root folder can be read, " +
      `and of a large one only the first ${maxBytes} bytes.`,
    parameters: {
      type: "object",
      properties: {
        file_path: { type: "string", minLength: 1, description: "The file, relative to the root folder." },
      },
      required: ["file_path"],
      additionalProperties: false,
    },
    async execute({ file_path }, { signal }) {
      const { handle, stats } = await openInside(folder, file_path, "file");
      try {
        // One byte more than is shown tells whether there is more.
        const bytes = await readUpTo(handle, Math.min(stats.size, maxBytes) + 1, signal);
        return text(bytes, { maxBytes, size: Math.max(stats.size, bytes.length), path: file_path });
      } finally {
        await handle.close();
      }
    },
  });
}

async function readUpTo(handle: FileHandle, length: number, signal: AbortSignal): Promise<Uint8Array> {
  const buffer = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    signal.throwIfAborted();
    const { bytesRead } = await handle.read(buffer, filled, length - filled, filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

function text(bytes: Uint8Array, file: { maxBytes: number; size: number; path: string }): string {
  const whole = bytes.length <= file.maxBytes;
  const shown = bytes.subarray(0, file.maxBytes);
  let content: string;
  try {
    // As a stream, a character cut in two at the end is left out and not an error.
    content = new TextDecoder("utf-8", { fatal: true }).decode(shown, { stream: !whole });
  } catch (cause) {
    throw new ToolFailure(`${shownPath(file.path)} is not a text file in UTF-8.`, { cause });
  }
  if (content.includes("\0")) throw new ToolFailure(`${shownPath(file.path)} is not a text file: it has zero bytes.`);
  if (whole) return content;
  const missing = file.size - shown.length;
  return `${content}\n\n[Cut: these are the first ${shown.length} of ${file.size} bytes; ${missing} are missing.]`;
}
