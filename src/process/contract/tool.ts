import type { LimitStates } from "../../events/limit-state.ts";
import type { Prompt } from "../../events/message.ts";
import type { ForkOptions, ProcessView } from "../../events/process-view.ts";
import type { RunResult } from "../../events/run-result.ts";
import type { JsonObject } from "../../json.ts";
import type { ToolDescription } from "./model.ts";

/** What a model may call, as the loop sees it. Made by `tool()`. */
export interface Tool extends ToolDescription {
  /** Checks a model's arguments. Never throws for wrong arguments: it says which field is wrong. */
  check(args: JsonObject): CheckedArgs | Promise<CheckedArgs>;
  /** What it returns or throws becomes a `ToolResult`. `args` are its own copy of the checked ones. */
  execute(args: unknown, context: ToolContext): unknown;
  /** Milliseconds from the start of `execute`; `Infinity` for none. @default the program's */
  readonly timeoutMs?: number;
  /** The most that the model reads of a result; `Infinity` for all. @default the program's */
  readonly maxResultCharacters?: number;
  /** It reads on where results were cut, by `process.readResult`: so they are kept, and marks name them. @default false */
  readonly readsCutResults?: boolean;
}

export type CheckedArgs =
  | { readonly ok: true; readonly args: unknown }
  /** `problem` is for the model: it names the field. */
  | { readonly ok: false; readonly problem: string };

/** What a tool is given besides its arguments. */
export interface ToolContext {
  /** Aborts when the run is aborted, the process is closed, or the tool's time is up. */
  readonly signal: AbortSignal;
  readonly process: ToolProcess;
  readonly callId: string;
}

/** The process that a tool runs in. Children made here belong to the run: they are settled before it ends. */
export interface ToolProcess {
  readonly id: string;
  readonly name: string;
  /** Adds a line to the process's stderr log and raises `stderr_write`. */
  writeStderr(text: string): void;
  /**
   * A child that continues this conversation: it sees the message that asked, with every call of it answered.
   * @throws LLMProcError `child_limit`, `child_denied`, `call_over`
   */
  forkProcess(options?: ChildOptions): PromiseLike<ChildProcess>;
  /**
   * A child with a conversation of its own: of a linked program, or of this one where no name is given.
   * @throws LLMProcError as `forkProcess`; `program_invalid` if no such program is linked: the message lists those that are
   */
  spawnProcess(program?: string, options?: ChildOptions): PromiseLike<ChildProcess>;
  readonly linkedPrograms: readonly LinkedProgramInfo[];
  /**
   * The whole of a result that was cut, by the name in its marks: `"fd:1"`. They are kept for processes with a tool
   * that `readsCutResults`, up to 64 Mi characters in all; a fork has those that its parent had.
   * @throws LLMProcError `result_missing` if there is none, or it was dropped for later ones
   */
  readResult(reference: string): string;
  /** How far the limits are used up that hold for the process now. */
  readonly limits: LimitStates;
}

export interface LinkedProgramInfo {
  readonly name: string;
  readonly description: string;
}

export type ChildOptions = ForkOptions;

/** A child as a tool may use it. */
export interface ChildProcess extends ProcessView {
  run(prompt: Prompt): Promise<RunResult>;
}

/** Whether it is a tool, and not an entry that names one. */
export function isTool(value: unknown): value is Tool {
  return has(value, "execute", "function") && has(value, "check", "function") && has(value, "name", "string");
}

function has(value: unknown, key: keyof Tool, type: "function" | "string"): boolean {
  return typeof value === "object" && value !== null && typeof Reflect.get(value, key) === type;
}
