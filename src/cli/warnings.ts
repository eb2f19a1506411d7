import process from "node:process";
import { stderrRows } from "./output.ts";

/**
 * Node prints warnings as they are, and they quote callbacks and tools, which quote models. From now on it prints them
 * without control sequences, and on a terminal in rows of ours. (It still decides by itself which ones.)
 */
export function tameWarnings(): void {
  const printers = process.listeners("warning");
  process.removeAllListeners("warning");
  for (const print of printers) process.on("warning", (warning) => print.call(process, tamed(warning)));
}

/** The same warning, for whoever reads its class and code, with other texts. */
function tamed(warning: Error & { detail?: unknown }): Error {
  const { stack, detail } = warning;
  return Object.create(warning, {
    toString: { value: () => indented(`${warning.name}: ${warning.message}`) },
    stack: { value: stack === undefined ? undefined : indented(stack) },
    detail: { value: typeof detail === "string" ? indented(detail) : undefined },
  }) as Error; // Object.create says any.
}

/** Below what Node puts before it on a terminal, behind it elsewhere; other lines a little to the right. */
function indented(text: string): string {
  const rows = stderrRows(text.trimEnd(), MARGIN.length);
  return (process.stderr.isTTY ? ["", ...rows] : rows).join(`\n${MARGIN}`);
}

const MARGIN = "  ";
