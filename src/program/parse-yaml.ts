import { createRequire } from "node:module";
import type { CST } from "yaml";
import type { Path } from "./path.ts";
import { plainData } from "./plain-data.ts";
import type { Position } from "./program-error.ts";
import type { Parsed } from "./source-document.ts";
import { MOST_LEVELS, MOST_TOKENS, positionsIn } from "./source-document.ts";
import { yamlData } from "./yaml-data.ts";

type Yaml = typeof import("yaml");

/** Reads YAML 1.2 with merge keys; `text` has no byte order mark. */
export function parseYaml(text: string): Parsed {
  const yaml = loadYaml();
  const positionAt = positionsIn(text);
  const wrong = (offset: number, what: string): Parsed => ({
    problem: { message: `This is not valid YAML: ${what}`, position: positionAt(offset) },
  });
  const tokens = tokenize(yaml, text);
  if ("tooBigAt" in tokens) return wrong(tokens.tooBigAt, tokens.why);
  const composer = new yaml.Composer(COMPOSER_OPTIONS);
  const [document, second] = composer.compose(tokens.tokens, true, text.length);
  if (document === undefined) return wrong(0, "there is nothing in it.");
  // A tag that is not known is only a warning of the parser, which would then drop it.
  const fault = document.errors[0] ?? document.warnings[0];
  if (fault !== undefined) return wrong(fault.pos[0], `${short(fault.message)}.`);
  if (second !== undefined) return wrong(second.range[0], "a second document starts here; a program is one.");
  const read = yamlData(yaml, document.contents);
  if ("fault" in read) return wrong(read.offset, read.fault);
  const locate = (path: Path): Position => positionAt(read.offsetOf(path));
  const plain = plainData(read.data);
  if ("problem" in plain) {
    return { problem: { message: plain.problem.message, position: locate(plain.problem.path) } };
  }
  return { document: { data: plain.data, locate } };
}

const COMPOSER_OPTIONS = {
  prettyErrors: false,
  stringKeys: true,
  merge: true,
  intAsBigInt: true,
  resolveKnownTags: false,
  logLevel: "silent",
  // The parser compares each key with each; `yamlData` does it in one pass.
  uniqueKeys: false,
} as const;

/** A text of as many lines as it has characters is one token to the parser, but a piece to put together for each. */
const MOST_LINES = 100_000;
/** A level of data is up to three on the parser's stack. */
const MOST_STACKED = MOST_LEVELS * 3;

/** The flat half of parsing: it does not recurse, so depth and size can be refused before anything does. */
function tokenize(yaml: Yaml, text: string): { tokens: readonly CST.Token[] } | { tooBigAt: number; why: string } {
  const parser = new yaml.Parser();
  const tokens: CST.Token[] = [];
  let count = 0;
  for (const lexeme of new yaml.Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    if (++count > MOST_TOKENS) return { tooBigAt: parser.offset, why: `it has more than ${MOST_TOKENS} tokens.` };
    if (parser.stack.length > MOST_STACKED) {
      return { tooBigAt: parser.offset, why: `it is nested more than ${MOST_LEVELS} levels deep.` };
    }
  }
  const late = lineStart(text, MOST_LINES);
  if (late !== -1) return { tooBigAt: late, why: `it has more than ${MOST_LINES} lines.` };
  for (const token of parser.end()) tokens.push(token);
  return { tokens };
}

/** Where the line of this number (from 0) begins; -1 if there are fewer. */
function lineStart(text: string, number: number): number {
  let start = 0;
  for (let line = 0; line < number && start !== -1; line++) start = text.indexOf("\n", start) + 1 || -1;
  return start;
}

/** A message of the parser may repeat what it found, which may be all of the text. */
function short(message: string): string {
  return message.length > 300 ? `${message.slice(0, 300)}…` : message;
}

/** Loaded when the first file is read, and synchronously, since `fromYaml` is. */
function loadYaml(): Yaml {
  // What `require` returns is the package that the type names.
  return createRequire(import.meta.url)("yaml") as Yaml;
}
