import { createRequire } from "node:module";
import type { CST, Document, Node, Pair } from "yaml";
import { toError } from "../errors.ts";
import type { Path } from "./path.ts";
import { showKey } from "./path.ts";
import { plainData } from "./plain-data.ts";
import type { Position } from "./program-error.ts";
import type { Parsed } from "./source-document.ts";
import { MOST_LEVELS, positionAt } from "./source-document.ts";

type Yaml = typeof import("yaml");

/** Reads YAML 1.2 with merge keys; `text` has no byte order mark. */
export function parseYaml(text: string): Parsed {
  const yaml = loadYaml();
  const wrong = (offset: number, what: string, cause?: unknown): Parsed => ({
    problem: { message: `This is not valid YAML: ${what}`, position: positionAt(text, offset) },
    ...(cause === undefined ? {} : { cause }),
  });
  const tokens = tokenize(yaml, text);
  if ("tooBigAt" in tokens) return wrong(tokens.tooBigAt, tokens.why);
  const composer = new yaml.Composer(COMPOSER_OPTIONS);
  const [document, second] = composer.compose(tokens.tokens, true, text.length);
  if (document === undefined) return wrong(0, "there is nothing in it.");
  // A tag that is not known is only a warning of the parser, which would then drop it.
  const fault = document.errors[0] ?? document.warnings[0];
  if (fault !== undefined) return wrong(fault.pos[0], `${fault.message}.`, fault);
  if (second !== undefined) return wrong(second.range[0], "a second document starts here; a program is one.");
  const doubled = doubledKey(yaml, document.contents);
  if (doubled !== undefined) {
    return wrong(doubled.offset, `the key ${showKey(doubled.name)} is there twice in the same table.`);
  }
  return toData(yaml, text, document);
}

const COMPOSER_OPTIONS = {
  prettyErrors: false,
  stringKeys: true,
  merge: true,
  intAsBigInt: true,
  resolveKnownTags: false,
  logLevel: "silent",
  // The parser compares each key with each; `doubledKey` does it in one pass.
  uniqueKeys: false,
} as const;

/** More are a text made to be slow: composing them takes seconds. */
const MOST_TOKENS = 50_000;
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
  for (const token of parser.end()) tokens.push(token);
  return { tokens };
}

function doubledKey(yaml: Yaml, root: unknown): { name: string; offset: number } | undefined {
  let doubled: { name: string; offset: number } | undefined;
  yaml.visit(root as Node | null, {
    Map(_key, map) {
      const seen = new Set<string>();
      for (const pair of map.items) {
        const name = keyOf(yaml, pair);
        if (seen.has(name) && name !== "<<") {
          doubled = { name, offset: yaml.isNode(pair.key) ? (pair.key.range?.[0] ?? 0) : 0 };
          return yaml.visit.BREAK;
        }
        seen.add(name);
      }
      return undefined;
    },
  });
  return doubled;
}

function toData(yaml: Yaml, text: string, document: Document.Parsed): Parsed {
  const locate = (path: Path): Position => positionAt(text, offsetOf(yaml, document, path));
  let raw: unknown;
  try {
    raw = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    const position = { line: 1, column: 1 };
    return { problem: { message: `This YAML cannot be read: ${toError(error).message}.`, position }, cause: error };
  }
  const plain = plainData(raw);
  if ("problem" in plain) {
    return { problem: { message: plain.problem.message, position: locate(plain.problem.path) } };
  }
  return { document: { data: plain.data, locate } };
}

/** Of the key (or the item of a list) that `path` names, as far down as the text has it. */
function offsetOf(yaml: Yaml, document: Document.Parsed, path: Path): number {
  let offset = 0;
  let node: unknown = document.contents;
  for (const step of path) {
    if (yaml.isAlias(node)) node = node.resolve(document);
    if (yaml.isMap(node)) {
      const pair = node.items.find((item) => keyOf(yaml, item) === step);
      if (pair === undefined) break;
      if (yaml.isNode(pair.key)) offset = pair.key.range?.[0] ?? offset;
      node = pair.value;
    } else if (yaml.isSeq(node) && typeof step === "number") {
      node = node.items[step];
      if (yaml.isNode(node)) offset = node.range?.[0] ?? offset;
    } else break;
  }
  return offset;
}

function keyOf(yaml: Yaml, pair: Pair): string {
  return String(yaml.isScalar(pair.key) ? pair.key.value : pair.key);
}

/** Loaded when the first file is read, and synchronously, since `fromYaml` is. */
function loadYaml(): Yaml {
  // What `require` returns is the package that the type names.
  return createRequire(import.meta.url)("yaml") as Yaml;
}
