import { execFile, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { onTestFinished } from "vitest";
import type { Finish } from "./command.ts";
import { COMMAND, folder } from "./command.ts";

const run = promisify(execFile);
const HAVE_TMUX = spawnSync("tmux", ["-V"]).status === 0;
let count = 0;

/** A command in a real terminal. */
export interface Terminal {
  /** What is on the screen, without colours; the lines above it too. */
  screen(): Promise<string>;
  /** Every byte that was written to the terminal. */
  bytes(): string;
  /** Resolves with the screen when it matches. */
  shows(pattern: RegExp): Promise<string>;
  /** As tmux names keys: `C-c`. */
  press(key: string): Promise<void>;
  /** A line, with Enter at its end. */
  types(line: string): Promise<void>;
  /** Text at one go, as from the clipboard: a line break is Enter. */
  pastes(text: string): Promise<void>;
  /** Resolves when the command has ended. */
  exitCode(): Promise<number>;
  /** Whether cursor and line wrap are on, as they were at first. */
  modes(): Promise<{ cursor: string; wrap: string }>;
  /** Resolves when the command has ended: whether the settings of the terminal (echo, lines, signals) are as before. */
  isAsBefore(): Promise<boolean>;
}

export interface TerminalOptions {
  readonly cwd: string;
  readonly columns?: number;
  readonly rows?: number;
  /** What to run, where it is not `llmproc`. */
  readonly command?: readonly string[];
  /** Of the shell: `< prompt.txt`. */
  readonly redirect?: string;
  readonly finish?: Finish;
}

/**
 * Runs `llmproc` in a terminal of tmux, a server of its own for each. (The shell around it outlives Ctrl-C, and says
 * how it ended.)
 */
export async function inTerminal(
  args: readonly string[],
  { cwd, columns = 80, rows = 24, command = COMMAND, redirect = "", finish = onTestFinished }: TerminalOptions,
): Promise<Terminal> {
  if (!HAVE_TMUX) throw new Error("These tests need tmux: apt-get install tmux (or brew install tmux).");
  const scratch = folder({}, finish);
  const [recorded, code, stty] = [join(scratch, "bytes"), join(scratch, "code"), join(scratch, "stty")];
  const socket = `llmproc-test-${process.pid}-${++count}`;
  const env = { PATH: process.env.PATH ?? "", TERM: "xterm-256color", LANG: "C.UTF-8", HOME: scratch };
  const tmux = async (...given: readonly string[]) =>
    (await run("tmux", ["-L", socket, "-f", "/dev/null", ...given], { env, cwd })).stdout;
  const quoted = [...command, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  // Nothing is written before the recording has begun.
  const ended = `echo $? > '${code}.part'; stty -g > '${stty}.after'; mv '${code}.part' '${code}'`;
  const script = `trap : INT; read go; stty -g > '${stty}'; ${quoted} ${redirect}; ${ended}; sleep 600`;
  finish(async () => void (await tmux("kill-server").catch(() => "")));
  await tmux("new-session", "-d", "-x", String(columns), "-y", String(rows), "sh", "-c", script);
  await tmux("pipe-pane", "-o", `cat > '${recorded}'`);
  await until(() => existsSync(recorded));
  await tmux("send-keys", "Enter");

  const screen = () => tmux("capture-pane", "-p", "-S", "-1000");
  const ends = () =>
    until(
      () => existsSync(code),
      () => "the end of the command",
    );
  return {
    screen,
    bytes: () => readFileSync(recorded, "utf8"),
    async shows(pattern) {
      let last = "";
      await until(
        async () => {
          last = await screen();
          return pattern.test(last);
        },
        () => `${pattern} on the screen, which shows:\n${last}`,
      );
      return last;
    },
    press: async (key) => void (await tmux("send-keys", key)),
    async types(line) {
      await tmux("send-keys", "-l", line);
      await tmux("send-keys", "Enter");
    },
    async pastes(text) {
      await tmux("set-buffer", text);
      await tmux("paste-buffer");
    },
    async exitCode() {
      await ends();
      return Number(readFileSync(code, "utf8"));
    },
    async isAsBefore() {
      await ends();
      return readFileSync(stty, "utf8") === readFileSync(`${stty}.after`, "utf8");
    },
    async modes() {
      const [cursor = "", wrap = ""] = (await tmux("display-message", "-p", "#{cursor_flag} #{wrap_flag}"))
        .trim()
        .split(" ");
      return { cursor, wrap };
    },
  };
}

const ESCAPE = "\x1b";
const GIVE_UP_MS = 60_000;
const POLL_MS = 40;

async function until(holds: () => boolean | Promise<boolean>, what = () => "the terminal"): Promise<void> {
  const giveUpMs = Date.now() + GIVE_UP_MS;
  while (!(await holds())) {
    if (Date.now() > giveUpMs) throw new Error(`Waited in vain for ${what()}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** What is left of recorded bytes when the sequences of our own are taken out: text, and nothing that a terminal obeys. */
export function foreignSequences(bytes: string): string[] {
  const own = new RegExp(`${ESCAPE}\\[(?:\\?7[lh]|2K|J|\\d+A|[\\d;]*m)`, "g");
  return bytes.replace(own, "").match(/[^\P{C}\r\n\u{200c}\u{200d}]|[\p{Zl}\p{Zp}]/gu) ?? [];
}
