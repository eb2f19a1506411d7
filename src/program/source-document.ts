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

/** A text with more keys and values than that is made to be slow: the parsers take seconds and hundreds of MB. */
export const MOST_TOKENS = 50_000;

/** Line and column of offsets; the lines are counted once, when the first position is asked for. */
export function positionsIn(text: string): (offset: number) => Position {
  let starts: readonly number[] | undefined;
  return (offset) => {
    starts ??= lineStarts(text);
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}
