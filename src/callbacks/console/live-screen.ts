import type { Line } from "./line.ts";
import { lineText } from "./line.ts";
import type { ConsoleStream } from "./live-region.ts";
import { LiveRegion } from "./live-region.ts";

export interface LiveScreenOptions {
  readonly stream: ConsoleStream;
  readonly color: boolean;
  /** What goes on now, in at most so many lines; nothing if the list is empty. */
  readonly live: (maxLines: number, timeMs: number) => Line[];
}

const FRAME_MS = 100;
const MAX_COLUMNS = 110;
const MAX_LIVE_LINES = 16;

/** Draws the live lines ten times a second while there are any. Its timer keeps no process alive. */
export class LiveScreen {
  readonly #options: LiveScreenOptions;
  readonly #region: LiveRegion;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: LiveScreenOptions) {
    this.#options = options;
    this.#region = new LiveRegion(options.stream);
  }

  /** Finished lines: they are on the screen when this returns. */
  print(lines: readonly Line[]): void {
    this.#draw(lines);
  }

  /** Something has changed: shown with the next frame. */
  change(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(() => this.#draw([]), FRAME_MS);
    this.#timer.unref();
  }

  #draw(finished: readonly Line[]): void {
    const { stream, color, live } = this.#options;
    const timeMs = Date.now();
    const look = { width: Math.min(stream.columns ?? 80, MAX_COLUMNS), color, timeMs };
    const maxLines = Math.max(2, Math.min((stream.rows ?? 24) - 2, MAX_LIVE_LINES));
    const lines = live(maxLines, timeMs);
    const text = (line: Line) => lineText(line, look);
    this.#region.update(finished.map(text), lines.map(text));
    if (lines.length > 0) this.change();
    else this.#stop();
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
