/** What a model or a tool may say to take over a terminal. */
export const HOSTILE = [
  "\x1b[31mred\x1b[0m",
  "\x1b[2J\x1b[H\x1b[10A",
  "\x1b]8;;http://evil.example\x07link\x1b]8;;\x07",
  "\x1b]52;c;cm0gLXJm\x07",
  "\x1bP1$r0m\x1b\\",
  "\u009b2J\u009d0;title\u009c",
  "\r✓ delete_file  approved",
  "\b\b\b\b\x7f\0\x07",
  "\u202Etxt.exe\u202C\u2066\u200E",
  "\u200B\u2060\uFEFF",
  "\u2028\u2029\u0085",
  "\uD800 \uDC00",
].join(" ");

/** Controls and marks that no line may carry, whoever wrote it. */
const FORBIDDEN = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\u200B\u2060\uFEFF]/gu;

/** What is left of the forbidden in plain lines. */
export function forbiddenInPlain(bytes: string): string[] {
  return bytes.replaceAll("\n", "").match(FORBIDDEN) ?? [];
}

/** The same on a terminal, where colours and the few sequences of the redraw are ours. */
export function forbiddenOnTerminal(bytes: string): string[] {
  return forbiddenInPlain(bytes.replace(OURS, ""));
}

const ESCAPE = String.fromCharCode(27);
/** Colours, line wrap off and on, up, erase a line, erase below. */
const OURS = new RegExp(`${ESCAPE}\\[(?:\\d+m|\\?7[lh]|\\d+A|2K|J)|\\r\\n|\\r(?=${ESCAPE}\\[\\d+A)`, "g");
