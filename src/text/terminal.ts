export interface TerminalOptions {
  /** Keep line breaks. @default false: they become spaces */
  readonly multiline?: boolean;
}

/**
 * Text of a model, a tool or an error as it may be shown on a terminal: whatever could move the cursor, colour,
 * reorder or hide text stands there as a visible sign instead, and a tab is a space.
 *
 * Each character is judged by itself and no escape sequence is ever parsed. So it makes no difference where a
 * stream cuts the text, and there is no sequence that the parser does not know.
 */
export function forTerminal(text: string, { multiline = false }: TerminalOptions = {}): string {
  return text.replace(UNSAFE, multiline ? shownInLines : shown);
}

export interface TerminalStream {
  /** The next piece, safe to write at once. */
  write(piece: string): string;
  /** What was kept back. */
  end(): string;
}

/** `forTerminal` for text that comes in pieces: a surrogate pair that was cut in two is put together again. */
export function terminalStream(options: TerminalOptions = {}): TerminalStream {
  let pending = "";
  return {
    write(piece) {
      const text = pending + piece;
      pending = HIGH_SURROGATE_AT_END.test(text) ? text.slice(-1) : "";
      return forTerminal(pending === "" ? text : text.slice(0, -1), options);
    },
    end() {
      const rest = forTerminal(pending, options);
      pending = "";
      return rest;
    },
  };
}

/**
 * Controls (C0, DEL, C1), line and paragraph separators, lone surrogates, interlinear annotations, and whatever
 * Unicode calls ignorable, the marks that turn the direction of text among it. Only joiners and variation
 * selectors pass: Persian, Indic scripts and emoji are written with them, and they hide nothing but themselves.
 */
const UNSAFE =
  /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u{FFF9}-\u{FFFB}]|(?!\u{200C}|\u{200D}|\p{Variation_Selector})\p{Default_Ignorable_Code_Point}/gu;

const HIGH_SURROGATE_AT_END = /[\uD800-\uDBFF]$/;
const CONTROL_PICTURES = 0x2400;
const DELETE = 0x7f;

function shownInLines(character: string): string {
  return character === "\n" ? character : shown(character);
}

function shown(character: string): string {
  if (character === "\n" || character === "\t") return " ";
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(CONTROL_PICTURES + code);
  return code === DELETE ? "␡" : "\uFFFD";
}
