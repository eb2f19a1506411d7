import { fstatSync, readFileSync } from "node:fs";
import process from "node:process";
import { buffer } from "node:stream/consumers";
import { readSmallFile } from "../program/read-text-file.ts";
import { utf8Text } from "../text/utf8-text.ts";
import { writeNote } from "./output.ts";
import { UsageError } from "./usage-error.ts";

export interface PromptOptions {
  /** `-p` */
  readonly prompt?: string;
  /** `-f`; `-` is stdin. */
  readonly promptFile?: string;
  /** `-a`: after the program's own prompt, not in its place. */
  readonly append?: boolean;
  /** Ends the wait for stdin. */
  readonly signal?: AbortSignal;
}

/**
 * The prompt of a run: what `-p` or `-f` say, else what is piped in, else the program's own.
 * @throws UsageError if there is none; an error if the signal aborts
 */
export async function choosePrompt(
  own: string | undefined,
  { prompt, promptFile, append = false, signal }: PromptOptions,
): Promise<string> {
  if (prompt !== undefined && promptFile !== undefined) {
    throw new UsageError("-p and -f both give a prompt. Take one of them.");
  }
  if (prompt !== undefined) checkTyped(prompt);
  const given = prompt ?? (await promptOfFileOrStdin(promptFile, signal));
  const chosen = append ? joined(own, given) : (given ?? own ?? "");
  if (chosen.trim() !== "") return chosen;
  throw new UsageError(noPrompt(prompt, promptFile));
}

async function promptOfFileOrStdin(
  promptFile: string | undefined,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  if (promptFile === "-") return await readStdin(signal);
  if (promptFile !== undefined) return readPromptFile(promptFile);
  if (!isPiped()) return undefined;
  const piped = await readStdin(signal);
  return piped === "" ? undefined : piped;
}

/** As the original joins them. */
function joined(own = "", given = ""): string {
  return [own.trimEnd(), given.trimStart()].filter((part) => part !== "").join("\n");
}

function readPromptFile(path: string): string {
  const read = readSmallFile(path);
  if ("bytes" in read) return promptText(read.bytes, `file ${path}`);
  throw new UsageError(`The prompt file ${path} cannot be used: ${read.problem}`);
}

function promptText(bytes: Buffer, where: string): string {
  const decoded = utf8Text(bytes);
  if ("text" in decoded) return decoded.text;
  const { problem, offset } = decoded;
  const found = `see byte ${offset} (0x${bytes.toString("hex", offset, offset + 1).toUpperCase()})`;
  throw new UsageError(
    `The prompt ${where} cannot be used: ${problem}, ${found}. Convert it to UTF-8, with iconv for example.`,
  );
}

/**
 * Node decodes what is typed, and puts a replacement character for what it cannot. One that was really typed stands in
 * the command line as the system keeps it (where it tells).
 */
function checkTyped(prompt: string): void {
  if (!prompt.includes("\uFFFD")) return;
  let typed: Buffer;
  try {
    typed = readFileSync("/proc/self/cmdline");
  } catch {
    return;
  }
  if (typed.includes(prompt)) return;
  const place = prompt.indexOf("\uFFFD");
  throw new UsageError(`The prompt of -p cannot be used: It is not UTF-8 text, see character ${place}.`);
}

/** Whether something may be waiting there: a terminal is not read, and without stdin there is nothing. */
function isPiped(): boolean {
  if (process.stdin.isTTY) return false;
  try {
    const stats = fstatSync(0);
    return stats.isFIFO() || stats.isFile() || stats.isSocket();
  } catch {
    return false;
  }
}

const WAIT_BEFORE_NOTE_MS = 2000;

/** All of it, without the line break at its end. A pipe that nobody closes looks like a hang, so that is said. */
async function readStdin(signal: AbortSignal | undefined): Promise<string> {
  const note = setTimeout(
    () => writeNote("Waiting for the prompt on stdin (end it with Ctrl-D) …"),
    WAIT_BEFORE_NOTE_MS,
  );
  const leave = () => process.stdin.destroy(new Error("interrupted"));
  signal?.addEventListener("abort", leave);
  try {
    return promptText(await buffer(process.stdin), "on stdin").trimEnd();
  } finally {
    signal?.removeEventListener("abort", leave);
    clearTimeout(note);
  }
}

function noPrompt(prompt: string | undefined, promptFile: string | undefined): string {
  if (prompt !== undefined) return "The prompt of -p is empty.";
  if (promptFile !== undefined) return `The prompt ${promptFile === "-" ? "on stdin" : `in ${promptFile}`} is empty.`;
  return 'There is no prompt. Give one with -p "…", -f file or on stdin, or as `user` in the [prompt] section of the program.';
}
