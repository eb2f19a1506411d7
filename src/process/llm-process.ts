import { inspect } from "node:util";
import { registerCallback, registerHandler } from "../dispatch/register.ts";
import type { Registration } from "../dispatch/registration.ts";
import type { AddCallback, Callback, CallbackOptions, Off, On } from "../events/callback.ts";
import type { EventName } from "../events/callback-event.ts";
import { ORIGIN } from "../events/facts.ts";
import type { LimitStates } from "../events/limit-state.ts";
import type { Message, Prompt } from "../events/message.ts";
import type { ForkOptions } from "../events/process-view.ts";
import type { LifeUsage, RunResult } from "../events/run-result.ts";
import type { ProcessSeed } from "../events/seed.ts";
import type { ProcessProgram } from "./contract/process-program.ts";
import type { ChildProcess } from "./contract/tool.ts";
import { Tools } from "./contract/toolbox.ts";
import type { FlushOptions } from "./loop/flush.ts";
import { flush } from "./loop/flush.ts";
import { RecordStream } from "./loop/record-stream.ts";
import { runProcess } from "./loop/run-loop.ts";
import { sayTo } from "./loop/steering.ts";
import type { Account } from "./money/account.ts";
import { checkAccount } from "./money/run-limits.ts";
import type { Place } from "./state/process-state.ts";
import { ProcessState } from "./state/process-state.ts";
import type { RunOptions } from "./state/run-options.ts";
import type { StartSeed } from "./state/seed.ts";
import { checkForkOptions } from "./state/start-options.ts";
import { checkMessages } from "./talk/check-messages.ts";
import { makeChild } from "./tree/make-child.ts";
import type { ProcessPromise, Startable } from "./tree/process-promise.ts";

/** What a process begins with. */
export interface Beginning {
  readonly program: ProcessProgram;
  readonly from: ProcessSeed | NewProcess;
  readonly callbacks: readonly Registration[];
  /** What it shares with other processes. */
  readonly budget?: Account | undefined;
}

/** Of one that begins. */
export interface NewProcess {
  readonly name: string | undefined;
  /** A conversation to go on with, as it was given. */
  readonly messages: unknown;
}

/** A running program: its conversation, its callbacks, its children, its cost. Made by `program.start()`. */
export class LLMProcess implements ChildProcess {
  readonly #state: ProcessState;

  private constructor(seed: StartSeed, place: Place) {
    this.#state = new ProcessState(this, seed, place, LLMProcess.#make);
  }

  static #make(seed: StartSeed, place: Place): ProcessState {
    return new LLMProcess(seed, place).#state;
  }

  /** Makes a process and hands it over before its first event. Programs come to it by `startProcess`. */
  static async begin(
    { program, from, callbacks, budget }: Beginning,
    adopt: (process: Startable) => void,
  ): Promise<LLMProcess> {
    const seed = "origin" in from ? from : { ...from, messages: checkMessages(from.messages), origin: ROOT };
    const opening = Tools.open(program.tools, program.toolboxes);
    const tools = opening instanceof Promise ? await opening : opening;
    const process = new LLMProcess(seed, { program, tools, ownsTools: true, budget });
    try {
      checkAccount(process.#state.account, program);
    } catch (thrown) {
      await tools.close();
      throw thrown;
    }
    const { dispatcher } = process.#state;
    for (const registration of callbacks) dispatcher.add(registration);
    adopt(dispatcher);
    return process;
  }

  get id(): string {
    return this.#state.id;
  }
  get name(): string {
    return this.#state.name;
  }
  get parentId(): string | undefined {
    return this.#state.above?.processId;
  }
  get rootId(): string {
    return this.#state.rootId;
  }
  get depth(): number {
    return this.#state.depth;
  }
  get messages(): readonly Message[] {
    return this.#state.history.messages;
  }
  get lastMessage(): string {
    const last = this.messages.findLast((message) => message.role === "assistant");
    return last?.role === "assistant" ? last.text : "";
  }
  get stderrLog(): readonly string[] {
    return Object.freeze([...this.#state.stderrLog]);
  }
  get usage(): LifeUsage {
    return this.#state.usage();
  }
  get limits(): LimitStates {
    return this.#state.limits();
  }

  /**
   * Registers a callback: a function that hears every event, or an object with methods named after events. Chains.
   * (Specification, "Registering Callbacks".)
   * @throws LLMProcError `callback_invalid` if it could never hear an event
   */
  get addCallback(): AddCallback<this> {
    return (callback: unknown, options?: CallbackOptions) => {
      this.#state.dispatcher.add(registerCallback(callback, options));
      return this;
    };
  }

  /**
   * Registers a handler of one event, or with `"*"` of all events as records. Returns what undoes it: the handler is
   * heard as if this had never been called.
   * @throws LLMProcError `callback_invalid`
   */
  get on(): On {
    return (event: EventName | "*", handler: unknown, options?: CallbackOptions): Off => {
      const off = this.#state.dispatcher.listen(registerHandler(event, handler, options));
      return Object.assign(off, { [Symbol.dispose]: off });
    };
  }

  /**
   * Takes a callback off, however often and in whatever form it was registered here. One that the process inherits is
   * muted for it and its descendants.
   */
  removeCallback(callback: Callback): void {
    this.#state.dispatcher.remove(callback);
  }

  /**
   * Runs a prompt: turns until the model is done. Settles when every callback has heard every event of the run.
   * @throws RunError if the run ends without an answer; LLMProcError `run_invalid`, `process_busy`, `process_closed`
   */
  run(prompt: Prompt, options: RunOptions = {}): Promise<RunResult> {
    return runProcess(this.#state, prompt, options);
  }

  /** Runs a prompt, its events as records to be pulled. Leaving the loop aborts the run, and waits for its end. */
  stream(prompt: Prompt, options: RunOptions = {}): RecordStream {
    return new RecordStream((watcher) => runProcess(this.#state, prompt, options, watcher));
  }

  /**
   * Says something to the run under way: the model reads it with its next request, behind the turn under way, and answers it
   * in the same run, also where it had been done. Resolves to whether it did: false where the run ended first, by an error, a limit,
   * `stop()` or `close()`; then the conversation lacks it.
   * @throws LLMProcError `not_running` where nothing will be asked any more: `run()` it; `run_invalid` as `run()`; `process_closed`
   */
  say(prompt: Prompt): Promise<boolean> {
    return sayTo(this.#state, prompt);
  }

  /** Ends the run under way gently: calls already asked for are answered, no further request is sent. */
  stop(reason = "stopped"): void {
    this.#state.run?.stop(reason);
  }

  /**
   * A child that sees the last complete turn. It belongs to no run: it lives until it or this process is closed.
   * @throws LLMProcError `run_invalid`, `child_limit`, `child_denied`, `process_closed`
   */
  forkProcess(options: ForkOptions = {}): ProcessPromise<LLMProcess> {
    const { program, kept } = this.#state;
    const { name = this.name, share } = checkForkOptions(options, "forkProcess()");
    const history = this.#state.completeHistory();
    const seed = { ...this.#state.forkSeed(history, history.length), name };
    return makeChild(this.#state, { program, seed, kept, share }) as ProcessPromise<LLMProcess>;
  }

  /**
   * Waits until every callback has heard every event so far, of this process and of all its descendants, those with
   * `background: true` among them: before a serverless function returns, say. Resolves to whether they have: false where that took longer
   * than `timeoutMs`, and where one that is stalled missed some. Not to be awaited in a handler, which would wait for itself.
   * @throws LLMProcError `run_invalid` for a `timeoutMs` that is no number above 0
   */
  flush(options: FlushOptions = {}): Promise<boolean> {
    return flush(this.#state, options);
  }

  /** Ends the process: a run under way is aborted, descendants are closed first. Takes 2 s at most. */
  close(): Promise<void> {
    return this.#state.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  toJSON(): object {
    const { id, parentId, rootId, depth, name } = this;
    return { id, parentId, rootId, depth, name };
  }

  [inspect.custom](): string {
    return `LLMProcess(${this.id} ${this.name})`;
  }
}

const ROOT = Object.freeze({ kind: ORIGIN.root, inheritedMessages: 0 });

// So that no handler can put its own method in front of the process's: what is inherited and frozen is not shadowed.
Object.freeze(LLMProcess.prototype);
