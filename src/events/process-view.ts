import type { AddCallback, Callback, On } from "./callback.ts";
import type { LimitStates } from "./limit-state.ts";
import type { Message, Prompt } from "./message.ts";
import type { LifeUsage } from "./run-result.ts";

/** A process as callbacks see it. What they get is the process itself. */
export interface ProcessView {
  /** `ROOT` for a root (ids of roots sort by time), `ROOT.1`, `ROOT.1.2` for children. */
  readonly id: string;
  readonly name: string;
  readonly parentId: string | undefined;
  readonly rootId: string;
  /** 0 for a root, 1 for its children. */
  readonly depth: number;
  /** The conversation: complete turns only. Frozen. */
  readonly messages: readonly Message[];
  /** The text of the last message of the model; empty if there is none. */
  readonly lastMessage: string;
  readonly stderrLog: readonly string[];
  /** What this process used in its life, its descendants in it. */
  readonly usage: LifeUsage;
  /** How far the limits are used up that hold for it now: its own, those of its run, and those above it. */
  readonly limits: LimitStates;
  readonly addCallback: AddCallback<ProcessView>;
  readonly on: On;
  removeCallback(callback: Callback): void;
  /** Ends the run gently: calls already asked for are answered, no further request is sent. */
  stop(reason?: string): void;
  /**
   * Says something to a process that runs: the model reads it with its next request, behind the turn under way, and answers
   * it in the same run. Resolves to whether it did: false where the run ended first, and then the conversation lacks it.
   * @throws LLMProcError `not_running` where nothing will be asked any more; `run_invalid` as `run()`; `process_closed`
   */
  say(prompt: Prompt): Promise<boolean>;
  /** A child that sees the last complete turn. */
  forkProcess(options?: ForkOptions): PromiseLike<ProcessView>;
  close(): Promise<void>;
}

export interface ForkOptions {
  /** What the child is called. @default the name of the parent */
  readonly name?: string;
  /** What the child and its descendants may come to in its life; the limits above it hold, too. */
  readonly limits?: Share;
}

/** A part of a limit. It is a bound for the child, and not set aside for it: others may use it up before. */
export interface Share {
  /** In US dollars. */
  readonly usd?: number;
  /** Input and output. */
  readonly tokens?: number;
}
