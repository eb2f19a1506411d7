import { createRequire } from "node:module";
import type { Terminal } from "@xterm/headless";
import type { ConsoleStream } from "../../src/callbacks/console-log.ts";

// CommonJS only: its module build does not load in Node.
const xterm = createRequire(import.meta.url)("@xterm/headless") as { Terminal: typeof Terminal };

/** A real terminal emulator: what it shows is what the bytes draw. */
export interface Screen extends ConsoleStream {
  /** All that was written. */
  readonly bytes: string;
  /** The lines of the whole scrollback, from the first to the last that is not empty. */
  lines(): Promise<string[]>;
  text(): Promise<string>;
  /** The row and column of the cursor, from 0, in the whole scrollback. */
  cursor(): Promise<[row: number, column: number]>;
  resize(columns: number): Promise<void>;
  /** The rows that go on with the row above them, because that did not fit. */
  broken(): Promise<string[]>;
}

export interface ScreenOptions {
  readonly columns?: number;
  readonly rows?: number;
  /** A terminal that knows nothing of scripts: whatever is no ASCII takes two columns, marks and joiners among it. */
  readonly isAllWide?: boolean;
}

export function screen({ columns = 80, rows = 24, isAllWide = false }: ScreenOptions = {}): Screen {
  // A line break begins at the left, as the driver of a terminal makes it.
  const terminal = new xterm.Terminal({
    cols: columns,
    rows,
    scrollback: 20_000,
    allowProposedApi: true,
    convertEol: true,
  });
  if (isAllWide) {
    const wcwidth = (codePoint: number) => (codePoint < 0x80 ? 1 : 2);
    terminal.unicode.register({ version: "wide", wcwidth, charProperties: (codePoint) => wcwidth(codePoint) << 1 });
    terminal.unicode.activeVersion = "wide";
  }
  const drawn = () => new Promise<void>((resolve) => terminal.write("", resolve));
  let bytes = "";
  const self: Screen = {
    isTTY: true,
    get columns() {
      return terminal.cols;
    },
    rows,
    get bytes() {
      return bytes;
    },
    write(text) {
      bytes += text;
      terminal.write(text);
    },
    async lines() {
      await drawn();
      const { active } = terminal.buffer;
      const lines = Array.from(
        { length: active.length },
        (_, row) => active.getLine(row)?.translateToString(true) ?? "",
      );
      return lines.slice(0, lines.findLastIndex((line) => line !== "") + 1);
    },
    async text() {
      return (await self.lines()).join("\n");
    },
    async cursor() {
      await drawn();
      const { active } = terminal.buffer;
      return [active.baseY + active.cursorY, active.cursorX];
    },
    async broken() {
      await drawn();
      const { active } = terminal.buffer;
      const lines = Array.from({ length: active.length }, (_, row) => active.getLine(row));
      return lines.flatMap((line) => (line?.isWrapped === true ? [line.translateToString(true)] : []));
    },
    async resize(to) {
      await drawn();
      terminal.resize(to, rows);
    },
  };
  return self;
}
