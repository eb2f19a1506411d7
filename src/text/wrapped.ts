import { stripVTControlCharacters } from "node:util";
import { clusters, standing } from "./clusters.ts";
import { forTerminal } from "./terminal.ts";

/**
 * One line of text, safe for a terminal, in rows that end at a space where there is one. No row takes more than
 * `maxWidth` columns (at least 2), whatever terminal shows it: they disagree on accents, emoji and signs, so each code
 * point counts as the most that any of them gives it. Made as they are asked for.
 */
export function* wrapped(line: string, maxWidth: number): Generator<string, void> {
  let row: string[] = [];
  let width = 0;
  for (const cell of cells(forTerminal(line), maxWidth)) {
    const columns = mostColumns(cell);
    while (width + columns > maxWidth && row.length > 0) {
      const end = rowEnd(row);
      yield row.slice(0, end).join("");
      row = row.slice(end);
      width = mostColumns(row.join(""));
    }
    row.push(cell);
    width += columns;
  }
  yield row.join("");
}

/**
 * Rows that are safe for a terminal, as text to write. One that says it has so many `columns` is kept from wrapping
 * where it might find a row wider than that: what stands at the start of a row must be ours.
 */
export function rowsText(rows: readonly string[], columns: number = 0): string {
  const text = rows.map((row) => `${row}\n`).join("");
  return rows.some((row) => mightBeWider(row, columns)) ? NO_WRAP + text + WRAP : text;
}

/** Line wrap of the terminal off and on: always within one write, so that whoever dies leaves it on. */
export const NO_WRAP = "\x1b[?7l";
export const WRAP = "\x1b[?7h";

/** What stays in one row: all of a character, if a row has room for it. */
function* cells(line: string, maxWidth: number): Generator<string, void> {
  for (const cluster of clusters(line)) {
    if (mostColumns(cluster) <= maxWidth) yield cluster;
    else for (const codePoint of cluster) yield standing(codePoint);
  }
}

function mostColumns(text: string): number {
  return columnsOf(text, NEVER_WIDE);
}

/**
 * ASCII, and letters, marks and digits of the scripts before the first East Asian ones. (There are terminals in which
 * all of Greek is wide: they are left to `rowsText`, or every Greek reader had rows half as long as they could be.)
 */
const NEVER_WIDE = /^(?:[ -~]|(?![\u1100-\u11ff\u2000-\u2bff\u2e80-\u{10ffff}])[\p{L}\p{M}\p{Nd}])$/u;
const ASCII = /^[ -~]$/;

function mightBeWider(row: string, columns: number): boolean {
  return !(columnsOf(stripVTControlCharacters(row), ASCII) <= columns);
}

function columnsOf(text: string, narrow: RegExp): number {
  let columns = 0;
  for (const character of text) columns += narrow.test(character) ? 1 : 2;
  return columns;
}

/** After the last space, if that is not too far from the edge. */
function rowEnd(row: readonly string[]): number {
  const space = row.lastIndexOf(" ");
  return space > row.length / 2 ? space + 1 : row.length;
}
