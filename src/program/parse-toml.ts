import { createRequire } from "node:module";
import { toError } from "../errors.ts";
import type { Path } from "./path.ts";
import { plainData } from "./plain-data.ts";
import type { Position } from "./program-error.ts";
import type { Parsed } from "./source-document.ts";
import { MOST_LEVELS, MOST_TOKENS, positionsIn } from "./source-document.ts";
import { tomlPositions } from "./toml-positions.ts";

/** Reads TOML 1.0; `text` has no byte order mark. */
export function parseToml(text: string): Parsed {
  const { parse, TomlError } = smolToml();
  const positionAt = positionsIn(text);
  const positions = tomlPositions(text, (quoted) => keyOf(parse, quoted));
  if (positions.tooMany !== undefined) {
    const { offset, inOneKey } = positions.tooMany;
    const message = inOneKey
      ? `A key here has parts without end: it is nested more than ${MOST_LEVELS} levels deep.`
      : `The file has more than ${MOST_TOKENS} keys and values: too many for a program.`;
    return { problem: { message, position: positionAt(offset) } };
  }
  let raw: unknown;
  try {
    raw = parse(text, { maxDepth: MOST_LEVELS, integersAsBigInt: true });
  } catch (error) {
    const { line, column } = error instanceof TomlError ? error : { line: 1, column: 1 };
    const [summary = ""] = toError(error)
      .message.replace(/^Invalid TOML document: /, "")
      .split("\n", 1);
    // Without the parser's error as its cause: that repeats whole lines of the text, which may be all of it.
    return { problem: { message: `This is not valid TOML: ${summary}.`, position: { line, column } } };
  }
  const locate = (path: Path): Position => positionAt(positions.offsetOf(path));
  const plain = plainData(raw);
  if ("problem" in plain) {
    return { problem: { message: plain.problem.message, position: locate(plain.problem.path) } };
  }
  return { document: { data: plain.data, locate } };
}

type Parse = typeof import("smol-toml").parse;

/** The name that a quoted key with escapes stands for. */
function keyOf(parse: Parse, quoted: string): string {
  try {
    return Object.keys(parse(`${quoted} = 1`))[0] ?? quoted;
  } catch {
    // The parser will say what is wrong when it gets there.
    return quoted;
  }
}

/** Loaded when the first file is read, and synchronously, since `fromToml` is. */
function smolToml(): typeof import("smol-toml") {
  // What `require` returns is the package that the type names.
  return createRequire(import.meta.url)("smol-toml") as typeof import("smol-toml");
}
