import { styleText } from "node:util";
import { displayWidth, excerpt, excerptEnd } from "../../text/excerpt.ts";

/** One line of the live view, before it is cut to a width and coloured. Its texts may be anything. */
export interface Line {
  /** Whose line it is, where several speak. */
  readonly owner?: string | undefined;
  /** Branches of the tree and spaces: ours, shown as they are. */
  readonly indent?: string;
  readonly mark?: Mark;
  readonly title?: string;
  /** The columns that the title takes at least, so that details stand below each other. */
  readonly titleWidth?: number;
  readonly detail?: string | undefined;
  /** Where `detail` is too long, its end is shown. */
  readonly keepEnd?: boolean;
  /** Stands at the right edge. */
  readonly right?: string;
  readonly tone?: Tone;
}

export type Mark = keyof typeof MARKS;
type Tone = "plain" | "quiet" | "error" | "warning" | "strong";
type Style = Parameters<typeof styleText>[0];

const MARKS = {
  run: { sign: "▶", style: "cyan" },
  done: { sign: "✓", style: "green" },
  error: { sign: "✗", style: "red" },
  denied: { sign: "⊘", style: "yellow" },
  retry: { sign: "↻", style: "yellow" },
  warning: { sign: "!", style: "yellow" },
  text: { sign: "“", style: "dim" },
  stderr: { sign: "»", style: "magenta" },
  ask: { sign: "?", style: "yellow" },
  busy: { sign: "", style: "cyan" },
} as const satisfies Record<string, { sign: string; style: Style }>;

const DETAIL_STYLES: Readonly<Record<Tone, Style | undefined>> = {
  plain: undefined,
  strong: undefined,
  quiet: "dim",
  error: "red",
  warning: "yellow",
};

const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const FRAME_MS = 100;

/** The sign of something under way, at a time. */
function busySign(timeMs: number): string {
  return FRAMES[Math.floor(timeMs / FRAME_MS) % FRAMES.length] ?? "·";
}

export interface LineLook {
  /** Columns. */
  readonly width: number;
  readonly color: boolean;
  /** For `busySign`. */
  readonly timeMs: number;
}

/** A line as text for a terminal: never wider than `width`, no control sequence in it but our colours. */
export function lineText(line: Line, { width, color, timeMs }: LineLook): string {
  const paint = (style: Style | undefined, text: string) =>
    color && style !== undefined && text !== "" ? styleText(style, text, { validateStream: false }) : text;
  const tone = line.tone ?? "plain";
  const right = excerpt(line.right ?? "", 24);
  const owner = line.owner === undefined ? "" : `  ${excerpt(line.owner, Math.floor(width / 4))}`;
  const indent = (line.indent ?? "").slice(0, Math.floor(width / 2));
  const sign = line.mark === undefined ? "" : line.mark === "busy" ? busySign(timeMs) : MARKS[line.mark].sign;
  const lead = displayWidth(owner) + indent.length + (sign === "" ? 0 : 2);
  const room = Math.max(0, width - lead - (right === "" ? 0 : displayWidth(right) + 2));

  const name = excerpt(line.title ?? "", room);
  const title = name + " ".repeat(Math.max(0, Math.min(line.titleWidth ?? 0, room) - displayWidth(name)));
  const gap = title === "" || !line.detail ? "" : "  ";
  const cut = line.keepEnd === true ? excerptEnd : excerpt;
  const detail = cut(line.detail ?? "", room - displayWidth(title) - gap.length);
  const used = displayWidth(title) + (detail === "" ? 0 : gap.length + displayWidth(detail));
  const padding = right === "" ? "" : " ".repeat(room - used + 2);
  return [
    paint("dim", owner + indent),
    sign === "" ? "" : `${paint(line.mark && MARKS[line.mark].style, sign)} `,
    paint(tone === "strong" ? "bold" : tone === "quiet" ? "dim" : undefined, title),
    detail === "" ? "" : gap + paint(DETAIL_STYLES[tone === "plain" && title !== "" ? "quiet" : tone], detail),
    padding,
    paint("dim", right),
  ].join("");
}
