import { styleText } from "node:util";
import type { EventInfo } from "../../events/event-info.ts";
import type { JsonObject, JsonValue } from "../../json.ts";
import { isJsonObject, toJson } from "../../json.ts";
import { countText } from "../../text/count-text.ts";
import { displayWidth, excerpt } from "../../text/excerpt.ts";
import { wrapped } from "../../text/wrapped.ts";
import { plural } from "../console/figures.ts";
import { lineText } from "../console/line.ts";

/** Longer rows are hard to read. */
export const MAX_COLUMNS = 110;

/** How a question is to look. */
export interface QuestionLook {
  /** Columns. */
  readonly width: number;
  /** Rows for the arguments; `Infinity` for all. */
  readonly maxRows: number;
  readonly color: boolean;
}

/** Who asks for which call: `? write_file  for demo.1 · depth 1 · process ID`. */
export function headerRow(toolName: string, { process }: EventInfo, { width, color }: QuestionLook): string {
  const { id, rootId, name, depth } = process;
  const detail = `for ${name}${id.slice(rootId.length)} · depth ${depth} · process ${id}`;
  return lineText({ mark: "ask", title: toolName, detail, tone: "strong" }, { width, color, timeMs: 0 });
}

export interface ArgsRows {
  readonly rows: readonly string[];
  /** There is more; the last row says how much. */
  readonly isCut: boolean;
}

/** Arguments as rows that a person can read: each key with its value, texts with their own line breaks. */
export function argsRows(args: JsonObject, { width, maxRows, color }: QuestionLook): ArgsRows {
  const margin = color ? `  ${styleText("dim", "│", { validateStream: false })} ` : "  │ ";
  const room = width - 4;
  const lines = argsLines(args);
  const rows: string[] = [];
  for (const [index, line] of lines.entries()) {
    // What is over the edge of a line goes on a little to the right: no value can look like a key.
    const [indent = ""] = /^ */.exec(line.slice(0, room / 2)) ?? [];
    let lead = "";
    for (const row of wrapped(line.slice(indent.length), room - indent.length - CONTINUED.length)) {
      if (rows.length === maxRows) {
        const note = missing(lines.slice(index), lead === "" ? 0 : 1);
        return { rows: [...rows, ...noteRows(note, width)], isCut: true };
      }
      rows.push(margin + indent + lead + row);
      lead = CONTINUED;
    }
  }
  return { rows: rows.length === 0 ? ["  (no arguments)"] : rows, isCut: false };
}

/** What may be typed, and what it does. */
export function choiceRows(toolName: string, isCut: boolean, { width }: QuestionLook): string[] {
  return [
    ...noteRows(`y yes · n no · s stop the run${isCut ? " · v view all" : ""}`, width),
    ...noteRows(`a yes, and to every ${excerpt(toolName, 64)} of this process tree`, width),
  ];
}

/** A line that is said about the question, below it. */
export function noteRows(text: string, width: number): string[] {
  if (displayWidth(text) <= width - 2) return [`  ${text}`];
  return Array.from(wrapped(text, width - CONTINUED.length), (row, index) => (index === 0 ? "  " : CONTINUED) + row);
}

const CONTINUED = "    ";

function argsLines(args: JsonObject): string[] {
  // Checked arguments may be anything that a schema makes of JSON: a Date, a Map.
  const plain = toJson(args);
  if (!isJsonObject(plain)) return valueLines(plain);
  return Object.entries(plain).flatMap(([key, value]) => {
    const [first = "", ...rest] = valueLines(value ?? null);
    const name = excerpt(key, 64);
    if (typeof value === "string" && rest.length > 0) return [`${name}:`, ...[first, ...rest].map(indented)];
    return [`${name}: ${first}`, ...rest.map(indented)];
  });
}

/** Texts stand there as they are; an empty or blank one could not be seen. */
function valueLines(value: JsonValue): string[] {
  if (typeof value !== "string") return JSON.stringify(value, null, 2).split("\n");
  return value.trim() === "" ? [JSON.stringify(value)] : value.split(/\r?\n/);
}

function indented(line: string): string {
  return `  ${line}`;
}

function missing(lines: readonly string[], begun: number): string {
  const characters = lines.reduce((sum, line) => sum + line.length, 0);
  const rest = lines.length - begun;
  const what = rest > 0 ? plural(rest, "more line") : "the rest of this line";
  return `… ${what}, ${countText(characters)} characters: v shows all`;
}
