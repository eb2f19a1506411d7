import { closeSync, openSync } from "node:fs";
import process from "node:process";
import tty from "node:tty";
import type { ConsoleStream } from "../console/live-region.ts";
import type { AnswerStream } from "./line-reader.ts";

/** Where one question is asked and answered. */
export interface OpenTerminal {
  readonly input: AnswerStream;
  readonly output: ConsoleStream;
  /** Closes what was opened for the question. */
  close(): void;
}

/** Whether there is a terminal to ask on. */
export function hasOwnTerminal(): boolean {
  if (tty.isatty(STDIN) && tty.isatty(STDERR)) return true;
  const terminal = openDevice();
  if (terminal !== undefined) closeSync(terminal);
  return terminal !== undefined;
}

/**
 * The terminal that this process was started on: stdin and stderr where they are one, else its device, as ssh and git
 * do, so that a prompt may be piped in and a log redirected. Undefined if there is none.
 */
export function openOwnTerminal(): OpenTerminal | undefined {
  const opened: { destroy(): unknown }[] = [];
  const device = <S extends { destroy(): unknown }>(Stream: new (fd: number) => S): S | undefined => {
    const fd = openDevice();
    if (fd === undefined) return undefined;
    const stream = new Stream(fd);
    opened.push(stream);
    return stream;
  };
  const close = () => {
    for (const stream of opened) stream.destroy();
  };
  // After Ctrl-D, nothing comes from stdin any more.
  const hasInput = tty.isatty(STDIN) && !process.stdin.readableEnded && !process.stdin.destroyed;
  const input = hasInput ? process.stdin : device(tty.ReadStream);
  const output = tty.isatty(STDERR) ? process.stderr : device(tty.WriteStream);
  if (input !== undefined && output !== undefined) return { input, output, close };
  close();
  return undefined;
}

const STDIN = 0;
const STDERR = 2;

/** A process without a controlling terminal, and one on Windows, has no such device. */
function openDevice(): number | undefined {
  try {
    return openSync("/dev/tty", "r+");
  } catch {
    return undefined;
  }
}
