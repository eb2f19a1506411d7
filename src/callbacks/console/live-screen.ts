import type { EventInfo } from "../../events/event-info.ts";
import { screenColumns, screenRows } from "../../text/screen-columns.ts";
import { plural } from "./figures.ts";
import type { Floor, View } from "./floor.ts";
import { floorOf } from "./floor.ts";
import type { Line } from "./line.ts";
import { lineText } from "./line.ts";
import type { ConsoleStream } from "./live-region.ts";
import { LiveRegion } from "./live-region.ts";

export interface LiveScreenOptions {
  readonly stream: ConsoleStream;
  readonly color: boolean;
  /** What goes on now, in at most so many lines; nothing if the list is empty. */
  readonly live: (maxLines: number, timeMs: number) => Line[];
  /** A call has waited for a person until now. */
  readonly waited: (info: EventInfo) => void;
}

const FRAME_MS = 100;
const MAX_COLUMNS = 110;
const MAX_LIVE_LINES = 16;
/** Lines that are kept while a person is asked: a question may stand for hours. */
const MAX_KEPT_LINES = 1000;

/**
 * Draws the live lines ten times a second while there are any. Its timer keeps no process alive. While a person is
 * asked something on the same terminal, it draws nothing: what was finished meanwhile is shown after that.
 */
export class LiveScreen implements View {
  readonly #options: LiveScreenOptions;
  readonly #region: LiveRegion;
  readonly #floor: Floor;
  #timer: NodeJS.Timeout | undefined;
  #kept: readonly Line[] = [];
  #dropped = 0;

  constructor(options: LiveScreenOptions) {
    this.#options = options;
    this.#region = new LiveRegion(options.stream);
    this.#floor = floorOf(options.stream);
  }

  /** Finished lines: they are on the screen when this returns, if nobody is being asked. */
  print(lines: readonly Line[]): void {
    if (this.#floor.taken) this.#keep(lines);
    else this.#draw(lines);
  }

  /** Something has changed: shown with the next frame. */
  change(): void {
    if (this.#timer !== undefined) return;
    this.#floor.join(this);
    if (this.#floor.taken) return;
    this.#timer = setInterval(() => this.#draw([]), FRAME_MS);
    this.#timer.unref();
  }

  standStill(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#region.update([], []);
  }

  waited(info: EventInfo): void {
    this.#options.waited(info);
  }

  goOn(): void {
    const missing =
      this.#dropped === 0 ? [] : [{ indent: "  ", detail: `… ${plural(this.#dropped, "line")} left out` }];
    const lines = [...missing, ...this.#kept];
    this.#kept = [];
    this.#dropped = 0;
    this.#draw(lines);
  }

  #keep(lines: readonly Line[]): void {
    const all = [...this.#kept, ...lines];
    this.#kept = all.slice(-MAX_KEPT_LINES);
    this.#dropped += all.length - this.#kept.length;
    this.#floor.join(this);
  }

  #draw(finished: readonly Line[]): void {
    const { stream, color, live } = this.#options;
    const timeMs = Date.now();
    const look = { width: screenColumns(stream.columns, MAX_COLUMNS), color, timeMs };
    const maxLines = Math.max(2, Math.min(screenRows(stream.rows) - 2, MAX_LIVE_LINES));
    const lines = live(maxLines, timeMs);
    const text = (line: Line) => lineText(line, look);
    this.#region.update(finished.map(text), lines.map(text));
    if (lines.length > 0) this.change();
    else this.#stop();
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#floor.leave(this);
  }
}
