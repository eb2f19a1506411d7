import { createRequire } from "node:module";
import { boundedClusters } from "./clusters.ts";
import { forTerminal } from "./terminal.ts";

/** How many columns of a terminal a text takes. Where terminals differ, the larger number. */
export function displayWidth(text: string): number {
  columnsOf ??= widthPackage().default;
  return columnsOf(text).width;
}

type WidthPackage = typeof import("fast-string-truncated-width");

let columnsOf: WidthPackage["default"] | undefined;

/** Loaded when the first width is asked for, and synchronously, since views draw as events come. */
function widthPackage(): WidthPackage {
  // What `require` returns is the package that the type names.
  return createRequire(import.meta.url)("fast-string-truncated-width") as WidthPackage;
}

/** The start of a text as one line, safe for a terminal, at most `maxWidth` columns wide; `…` stands for the rest. */
export function excerpt(text: string, maxWidth: number): string {
  const line = oneLine(text.slice(0, charactersFor(maxWidth)));
  if (text.length <= charactersFor(maxWidth) && displayWidth(line) <= maxWidth) return line;
  if (maxWidth < 1) return "";
  return `${fitting(graphemes(line), maxWidth - 1)
    .join("")
    .trimEnd()}…`;
}

/** The end of a text as one line, as `excerpt` is its start. */
export function excerptEnd(text: string, maxWidth: number): string {
  const line = oneLine(text.slice(-charactersFor(maxWidth)));
  if (text.length <= charactersFor(maxWidth) && displayWidth(line) <= maxWidth) return line;
  if (maxWidth < 1) return "";
  const kept = fitting(graphemes(line).reverse(), maxWidth - 1).reverse();
  return `…${kept.join("").trimStart()}`;
}

/** No more is looked at than can be shown, whatever the length of the text: a column is rarely over 8 characters. */
function charactersFor(maxWidth: number): number {
  return Math.max(0, Math.floor(maxWidth)) * 8 + 8;
}

function oneLine(text: string): string {
  return boundedClusters(forTerminal(text.trim().replace(/\s+/g, " ")));
}

function graphemes(line: string): string[] {
  return Array.from(new Intl.Segmenter().segment(line), ({ segment }) => segment);
}

/** As many of the first segments as fit. */
function fitting(segments: readonly string[], maxWidth: number): string[] {
  let width = 0;
  const end = segments.findIndex((segment) => {
    width += displayWidth(segment);
    return width > maxWidth;
  });
  return segments.slice(0, end === -1 ? segments.length : end);
}
