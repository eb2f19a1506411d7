/** One fenced block of a Markdown page. */
export interface FencedBlock {
  readonly page: string;
  /** Where its first line of code stands, from 1. */
  readonly line: number;
  readonly language: string;
  /** The words after the language, such as `fragment`. */
  readonly words: readonly string[];
  /** What `<!-- given: … -->` on the line above says; it compiles with the block and is not shown. */
  readonly given: string;
  readonly code: string;
}

/** The fenced blocks of a page, in order. Throws for a fence that is never closed. */
export function fencedBlocks(page: string, text: string): FencedBlock[] {
  const lines = text.split("\n");
  const blocks: FencedBlock[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const open = /^(\s*)(`{3,}|~{3,})(.*)$/.exec(lines[index] ?? "");
    if (!open) continue;
    const [, indent = "", fence = "", info = ""] = open;
    const end = lines.findIndex((line, at) => at > index && line.trim() === fence);
    if (end < 0) throw new Error(`${page}:${index + 1} opens a block that is never closed`);
    const [language = "", ...words] = info.trim().split(/\s+/);
    const code = lines
      .slice(index + 1, end)
      .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line));
    const given = /^\s*<!-- given: (.*) -->\s*$/.exec(lines[index - 1] ?? "")?.[1] ?? "";
    blocks.push({ page, line: index + 2, language, words, given, code: code.join("\n") });
    index = end;
  }
  return blocks;
}

/** The tables of a page whose first column has this heading: the `code` in their first cells. */
export function firstColumn(text: string, heading: string): string[] {
  const names: string[] = [];
  let inTable = false;
  for (const line of text.split("\n")) {
    const first = /^\s*\|([^|]*)\|/.exec(line)?.[1]?.trim();
    if (first === undefined) inTable = false;
    else if (inTable) names.push(...[...first.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name));
    else inTable = first.toLowerCase() === heading;
  }
  return names;
}
