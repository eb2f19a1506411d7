import type { ConsoleStream } from "./live-region.ts";

/** Node's own judgement of a terminal: it knows NO_COLOR and the terminal's kind. */
export function canColor(stream: ConsoleStream & { getColorDepth?: unknown }): boolean {
  return typeof stream.getColorDepth !== "function" || Number(stream.getColorDepth()) > 2;
}
