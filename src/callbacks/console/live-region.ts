import { stripVTControlCharacters } from "node:util";
import { displayWidth } from "../../text/excerpt.ts";
import { NO_WRAP, WRAP } from "../../text/wrapped.ts";

/** What the console writes to: `process.stderr`, or anything with a `write`. */
export interface ConsoleStream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

/**
 * Some lines at the bottom of a terminal that are drawn anew while finished lines scroll up above them.
 *
 * It never hides the cursor and turns line wrap on again within the same write, and the cursor rests below the
 * last line. So a process that dies at any moment leaves nothing to be restored, and no signal handler is needed
 * (that is why it is not `log-update`, which hides the cursor and installs one).
 */
export class LiveRegion {
  readonly #stream: ConsoleStream;
  #drawn: readonly Drawn[] = [];
  /** What the terminal said of itself when they were drawn. */
  #columns: number | undefined;

  constructor(stream: ConsoleStream) {
    this.#stream = stream;
  }

  /** Puts finished lines above the region, and draws the region, in one write. */
  update(finished: readonly string[], region: readonly string[]): void {
    const isSame = region.length === this.#drawn.length && region.every((line, i) => line === this.#drawn[i]?.line);
    if (finished.length === 0 && isSame) return;
    const up = this.#height();
    this.#stream.write(
      [
        NO_WRAP,
        up > 0 ? `\r\x1b[${up}A` : "",
        ...[...finished, ...region].map((line) => `${ERASE_LINE}${line}\r\n`),
        ERASE_BELOW,
        WRAP,
      ].join(""),
    );
    this.#columns = this.#stream.columns;
    this.#drawn = region.map((line) => ({ line, width: displayWidth(stripVTControlCharacters(line)) }));
  }

  /** Rows that the region takes now: a terminal that became narrower has broken its lines. */
  #height(): number {
    const { columns = 0 } = this.#stream;
    if (columns === this.#columns || !(columns >= 1)) return this.#drawn.length;
    return this.#drawn.reduce((rows, { width }) => rows + Math.max(1, Math.ceil(width / columns)), 0);
  }
}

interface Drawn {
  readonly line: string;
  readonly width: number;
}

/** Before the text: after it, it would take the last column of a full line with it. */
const ERASE_LINE = "\x1b[2K";
const ERASE_BELOW = "\x1b[J";
