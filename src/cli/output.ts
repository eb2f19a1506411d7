import process from "node:process";
import { styleText } from "node:util";
import { screenColumns } from "../text/screen-columns.ts";
import { forTerminal } from "../text/terminal.ts";
import { rowsText, wrapped } from "../text/wrapped.ts";

/**
 * An answer to stdout: on a terminal without its control sequences, in a pipe as it is.
 * @throws the system's error if it cannot be written; a reader that went away is none
 */
export async function writeAnswer(text: string): Promise<void> {
  if (text === "") return;
  const shown = process.stdout.isTTY ? forTerminal(text, { multiline: true }) : text;
  await write(process.stdout, shown.endsWith("\n") ? shown : `${shown}\n`);
}

/** One line of JSON to stdout. @throws as `writeAnswer` */
export async function writeJsonReport(value: unknown): Promise<void> {
  await write(process.stdout, `${safeJson(value)}\n`);
}

/** Lines to stderr, safe for a terminal. What cannot be written there is lost: there is nowhere else to say so. */
export function writeNote(text: string): void {
  process.stderr.write(`${stderrRows(text, 0).join("\n")}\n`);
}

/** `error: what`, its other lines below the first. */
export function writeError(message: string): void {
  writeLabelled("error", "red", message);
}

export function writeWarning(message: string): void {
  writeLabelled("warning", "yellow", message);
}

/**
 * Text for stderr behind a margin, safe for a terminal. There it comes in rows of our own: where a terminal breaks a long
 * line, what others have said would begin a row.
 */
export function stderrRows(text: string, margin: number): string[] {
  const lines = forTerminal(text, { multiline: true }).split("\n");
  const { isTTY, columns } = process.stderr;
  return isTTY ? lines.flatMap((line) => [...wrapped(line, screenColumns(columns) - margin)]) : lines;
}

/** A stream whose reader went away emits an error; without a listener that would end the process with a trace. */
export function survivePipesThatClose(): void {
  process.stdout.on("error", () => {});
  process.stderr.on("error", () => {});
}

/** Waits until all that was written is out: `process.exit` would cut it off. */
export async function flushOutput(): Promise<void> {
  const flushed = (stream: NodeJS.WriteStream) => new Promise<void>((resolve) => stream.write("", () => resolve()));
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
}

function writeLabelled(label: string, color: "red" | "yellow", message: string): void {
  const margin = " ".repeat(label.length + 2);
  const [first = "", ...others] = stderrRows(message.trimEnd(), margin.length);
  const lead = `${styleText([color, "bold"], `${label}:`, { stream: process.stderr })} `;
  const rows = [lead + first, ...others.map((row) => margin + row)];
  process.stderr.write(process.stderr.isTTY ? rowsText(rows, process.stderr.columns) : `${rows.join("\n")}\n`);
}

function write(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error: (Error & { code?: string }) | null | undefined) => {
      if (error && error.code !== "EPIPE") reject(error);
      else resolve();
    });
  });
}

/** JSON of which no terminal obeys a character: what `forTerminal` would replace is escaped, and nothing is lost. */
function safeJson(value: unknown): string {
  return JSON.stringify(value).replace(/[^\x20-\x7e]/gu, (character) => {
    return forTerminal(character) === character ? character : Array.from(character, escaped).join("");
  });
}

function escaped(character: string): string {
  let units = "";
  for (let index = 0; index < character.length; index++) {
    units += `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`;
  }
  return units;
}
