import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { FencedBlock } from "./fenced-blocks.ts";

/** What a block of a page may be. Anything else is a slip, and nothing slips by unchecked. */
const LANGUAGES = new Set(["ts", "toml", "yaml", "sh", "text", "json", "jsonl", "diff"]);

/**
 * A block as a file. Its lines stand where they stand in the page, so that the compiler's line is the page's.
 *
 * Words after the language: `continued` joins a `ts` block to the one before it on the page; `file=monitor.ts`
 * names the file, for others to import; `fragment` marks a piece of TOML or YAML that is no whole program.
 */
export interface DocFile {
  readonly path: string;
  readonly language: string;
  readonly code: string;
}

/** The blocks of one page that are to be compiled or loaded. Throws for blocks that cannot be checked. */
export function docFiles(blocks: readonly FencedBlock[]): DocFile[] {
  const files: DocFile[] = [];
  for (const block of blocks) {
    const place = `${block.page}:${block.line - 1}`;
    if (!LANGUAGES.has(block.language)) {
      throw new Error(`${place} is a block of "${block.language}". Known are: ${[...LANGUAGES].join(", ")}.`);
    }
    const checked = ["ts", "toml", "yaml"].includes(block.language);
    const known = block.language === "ts" ? /^(continued|file=[\w.-]+)$/ : /^(fragment|file=[\w.-]+)$/;
    const odd = block.words.find((word) => checked && !known.test(word));
    if (odd !== undefined) throw new Error(`${place} has the word "${odd}", which means nothing here.`);
    if (!checked || block.words.includes("fragment")) continue;
    addBlock(files, block, place);
  }
  return files;
}

function addBlock(files: DocFile[], block: FencedBlock, place: string): void {
  const named = block.words.find((word) => word.startsWith("file="))?.slice("file=".length);
  if (!block.words.includes("continued")) {
    const path = `${block.page}/${named ?? `line-${block.line}.${block.language}`}`;
    files.push({ path, language: block.language, code: atLine("", block) });
    return;
  }
  const index = files.findLastIndex((file) => file.language === "ts");
  const before = files[index];
  if (before === undefined) throw new Error(`${place} continues a block, and there is none before it.`);
  files[index] = { ...before, code: atLine(before.code, block) };
}

function atLine(before: string, { line, given, code, language }: FencedBlock): string {
  if (language !== "ts") return code;
  const padding = "\n".repeat(Math.max(1, line - before.split("\n").length - 1));
  return `${before}${before === "" ? "export {}; " : ""}${padding}${given}\n${code}`;
}

/** Writes the files below a folder and returns their paths. */
export function writeDocFiles(folder: string, files: readonly DocFile[]): string[] {
  return files.map(({ path, code }) => {
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, code);
    return target;
  });
}
