import type { Dirent } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Tool } from "../process/contract/tool.ts";
import { openInside, shownPath } from "./inside-root.ts";
import { tool } from "./tool.ts";

/** The tool `list_dir`: what is in the folders inside `root`, of each at most `maxEntries`. */
export function listDir(root: string, { maxEntries = 1_000 }: { maxEntries?: number } = {}): Tool {
  const folder = resolve(root);
  return tool({
    name: "list_dir",
    description:
      "Lists what is in a folder, folders first. Each line has a kind (d folder, f file, l link, o other) and a name. " +
      "Only folders inside the root folder can be listed.",
    parameters: {
      type: "object",
      properties: {
        directory_path: {
          type: "string",
          default: ".",
          description: "The folder, relative to the root folder. The root folder itself if left out.",
        },
        show_hidden: { type: "boolean", default: false, description: "Also what has a name that starts with a dot." },
        detailed: { type: "boolean", default: false, description: "Also the size and the time of the last change." },
      },
      additionalProperties: false,
    },
    async execute({ directory_path = ".", show_hidden = false, detailed = false }, { signal }) {
      const path = directory_path === "" ? "." : directory_path;
      const { handle, path: opened } = await openInside(folder, path, "folder");
      try {
        const entries = (await readdir(opened, { withFileTypes: true }))
          .filter((entry) => show_hidden || !entry.name.startsWith("."))
          .sort(byKindAndName);
        const shown = entries.slice(0, maxEntries);
        const lines: string[] = [];
        for (const entry of shown) {
          signal.throwIfAborted();
          lines.push(`${kindOf(entry)} ${shownName(entry.name)}${detailed ? await details(opened, entry.name) : ""}`);
        }
        return listing(path, lines, entries.length - shown.length);
      } finally {
        await handle.close();
      }
    },
  });
}

function listing(path: string, lines: readonly string[], missing: number): string {
  if (lines.length === 0) return `${shownPath(path)} is empty.`;
  const more = missing > 0 ? `\n[Cut: ${missing} more entries are not shown.]` : "";
  return `${lines.join("\n")}${more}`;
}

function kindOf(entry: Dirent): "d" | "f" | "l" | "o" {
  if (entry.isDirectory()) return "d";
  if (entry.isFile()) return "f";
  return entry.isSymbolicLink() ? "l" : "o";
}

/** By code points, so that the order is the same everywhere. */
function byKindAndName(a: Dirent, b: Dirent): number {
  const folders = Number(b.isDirectory()) - Number(a.isDirectory());
  return folders !== 0 ? folders : Number(a.name > b.name) - Number(a.name < b.name);
}

/** A name may hold line breaks; quoted, it cannot pass for other lines. */
function shownName(name: string): string {
  return /[\p{Cc}\p{Zl}\p{Zp}]/u.test(name) ? JSON.stringify(name) : name;
}

/** Of a link its own, never those of what it leads to. */
async function details(folder: string, name: string): Promise<string> {
  try {
    const { size, mtime } = await lstat(join(folder, name));
    return ` (${size} bytes, changed ${mtime.toISOString()})`;
  } catch {
    return " (gone)";
  }
}
