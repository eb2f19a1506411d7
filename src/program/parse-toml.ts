import { createRequire } from "node:module";
import { toError } from "../errors.ts";
import { longDottedKey } from "./long-dotted-key.ts";
import type { Path } from "./path.ts";
import { plainData } from "./plain-data.ts";
import type { Position } from "./program-error.ts";
import type { Parsed } from "./source-document.ts";
import { MOST_LEVELS, positionAt } from "./source-document.ts";
import { pathKey, tomlPositions } from "./toml-positions.ts";

/** Reads TOML 1.0; `text` has no byte order mark. */
export function parseToml(text: string): Parsed {
  const long = longDottedKey(text);
  if (long !== undefined) {
    const message = `A key here has parts without end: it is nested more than ${MOST_LEVELS} levels deep.`;
    return { problem: { message, position: positionAt(text, long) } };
  }
  const { parse, TomlError } = smolToml();
  let raw: unknown;
  try {
    raw = parse(text, { maxDepth: MOST_LEVELS, integersAsBigInt: true });
  } catch (error) {
    const { line, column } = error instanceof TomlError ? error : { line: 1, column: 1 };
    const [summary = ""] = toError(error)
      .message.replace(/^Invalid TOML document: /, "")
      .split("\n");
    return { problem: { message: `This is not valid TOML: ${summary}.`, position: { line, column } }, cause: error };
  }
  // Positions cost a second pass: made when the first problem asks.
  let offsets: ReadonlyMap<string, number> | undefined;
  const locate = (path: Path): Position => {
    offsets ??= tomlPositions(text, (quoted) => Object.keys(parse(`${quoted} = 1`))[0] ?? quoted);
    for (let length = path.length; length > 0; length--) {
      const offset = offsets.get(pathKey(path.slice(0, length)));
      if (offset !== undefined) return positionAt(text, offset);
    }
    return { line: 1, column: 1 };
  };
  const plain = plainData(raw);
  if ("problem" in plain) {
    return { problem: { message: plain.problem.message, position: locate(plain.problem.path) } };
  }
  return { document: { data: plain.data, locate } };
}

/** Loaded when the first file is read, and synchronously, since `fromToml` is. */
function smolToml(): typeof import("smol-toml") {
  // What `require` returns is the package that the type names.
  return createRequire(import.meta.url)("smol-toml") as typeof import("smol-toml");
}
