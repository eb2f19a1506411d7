import type { Path } from "./path.ts";
import type { Position, ProgramProblem } from "./program-error.ts";

/** A parsed file that still knows where everything stands in its text. */
export interface SourceDocument {
  /** Plain JSON data: nothing but what `plainData` lets through. */
  readonly data: unknown;
  /** Where the key at `path` stands, or the item of a list; where it is absent, the nearest thing around it. */
  locate(path: Path): Position;
}

export type Parsed =
  | { readonly document: SourceDocument }
  | { readonly problem: ProgramProblem; readonly cause?: unknown };

/** Deeper data is refused: whatever walks it later may recurse. */
export const MOST_LEVELS = 64;

/** Line and column of an offset. */
export function positionAt(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  let line = 1;
  for (let at = before.indexOf("\n"); at !== -1; at = before.indexOf("\n", at + 1)) line++;
  return { line, column: offset - lineStart + 1 };
}
