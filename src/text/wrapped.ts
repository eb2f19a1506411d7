import { displayWidth } from "./excerpt.ts";
import { forTerminal } from "./terminal.ts";

/** One line of text, safe for a terminal, in rows of at most `maxWidth` columns. Made as they are asked for. */
export function* wrapped(line: string, maxWidth: number): Generator<string, void> {
  let row = "";
  let width = 0;
  for (const { segment } of new Intl.Segmenter().segment(forTerminal(line))) {
    const columns = displayWidth(segment);
    if (width + columns > maxWidth && row !== "") {
      yield row;
      row = "";
      width = 0;
    }
    row += segment;
    width += columns;
  }
  yield row;
}
