import process from "node:process";
import { describe, LLMProcError } from "../errors.ts";
import type { ObjectCallback } from "../events/callback.ts";
import { callbackFactory } from "../events/callback-factory.ts";
import type { EventInfo } from "../events/event-info.ts";
import type { Prompt } from "../events/message.ts";
import type { ProcessView } from "../events/process-view.ts";
import type { RunResult } from "../events/run-result.ts";
import type { TreeRun } from "../events/run-tree.ts";
import { outermostRun, RunTree } from "../events/run-tree.ts";
import type { ToolResult } from "../events/tool-result.ts";
import { Veto } from "../events/verdict.ts";
import type { JsonObject } from "../json.ts";
import { forTerminal } from "../text/terminal.ts";
import { Agreements } from "./approval/agreements.ts";
import type { AnswerStream } from "./approval/line-reader.ts";
import type { OpenTerminal } from "./approval/own-terminal.ts";
import { openOwnTerminal } from "./approval/own-terminal.ts";
import type { Settlement } from "./approval/questioner.ts";
import { Questioner } from "./approval/questioner.ts";
import type { Floor } from "./console/floor.ts";
import { floorOf } from "./console/floor.ts";
import type { ConsoleStream } from "./console/live-region.ts";
import { checkSpreadOptions } from "./factory-options.ts";

/** Which calls a person is to approve: those of the named tools, of all (`"*"`), or those that a function says. */
export type ApprovalTools =
  | "*"
  | readonly string[]
  | ((toolName: string, toolArgs: JsonObject, info: EventInfo) => boolean);

export interface ApprovalOptions {
  /** Tools by the names that the model calls them by; nobody can check here whether there are such tools. */
  readonly tools: ApprovalTools;
  /** Where answers are typed. @default the terminal that the process was started on */
  readonly input?: AnswerStream;
  /** Where questions are shown. @default the terminal that the process was started on */
  readonly output?: ConsoleStream;
  /** Colours. @default what the terminal can, and NO_COLOR allows */
  readonly color?: boolean;
  /**
   * Called when a call is refused because there is no terminal, once in the life of this callback.
   * @default writes to `output`, or stderr, what can be done about it
   */
  readonly onNoTerminal?: (toolName: string) => unknown;
}

const OPTIONS = ["tools", "input", "output", "color", "onNoTerminal"] as const satisfies (keyof ApprovalOptions)[];

/**
 * Asks a person on the terminal before a tool runs. A "no" is a `Veto` with the reason that was typed; "always" holds
 * for that tool in the whole tree of processes, as long as its root lives. One question stands at a time, over
 * parallel calls and forks; it is withdrawn when another guard denies the call or the run is ended. Where nobody can
 * answer, the call is refused. It has no time limit.
 *
 * @throws LLMProcError `callback_invalid`, at once, for `tools` that name nothing
 * @example
 * const proc = await program.start().addCallback(approval({ tools: ["write_file"] }));
 */
export function approval(options: ApprovalOptions): ObjectCallback {
  checkSpreadOptions(options, OPTIONS, "approval()");
  return new Approval(options);
}

callbackFactory(approval);

class Approval {
  readonly callbackOptions = { timeoutMs: Number.POSITIVE_INFINITY, name: "approval" };
  readonly #options: ApprovalOptions;
  readonly #isAsked: (toolName: string, toolArgs: JsonObject, info: EventInfo) => boolean;
  readonly #tree = new RunTree<EventInfo>();
  /** Runs that a person has stopped. */
  readonly #stopped = new WeakSet<TreeRun<EventInfo>>();
  /** Tools that always may, by the root of the tree. */
  readonly #always = new Map<string, ReadonlySet<string>>();
  #hasSaidWhy = false;

  constructor(options: ApprovalOptions) {
    this.#options = options;
    this.#isAsked = predicate(options.tools);
  }

  run_start(_process: ProcessView, _prompt: Prompt, info: EventInfo): void {
    this.#tree.hear(info);
  }

  run_end(_process: ProcessView, _runResult: RunResult, info: EventInfo): void {
    this.#tree.hear(info);
  }

  process_end({ id }: ProcessView, info: EventInfo): void {
    this.#always.delete(id);
    this.#tree.hear(info);
  }

  tool_start(toolName: string, toolArgs: JsonObject, info: EventInfo): Promise<void> | undefined {
    if (info.phase === "replay" || info.invalid !== undefined) return undefined;
    if (!this.#isAsked(toolName, toolArgs, info) || this.#mayAlways(toolName, info)) return undefined;
    return this.#decide(toolName, toolArgs, info);
  }

  tool_end(toolName: string, _result: ToolResult, info: EventInfo): void {
    this.#tree.hear(info);
    Agreements.at(this.#floor).delete(toolName, info);
  }

  get #floor(): Floor {
    return floorOf(this.#options.output ?? process.stderr);
  }

  async #decide(toolName: string, toolArgs: JsonObject, info: EventInfo): Promise<void> {
    const { signal } = info;
    const run = this.#tree.hearInRun(info);
    // Guards that were registered later have their say first.
    await Promise.resolve();
    if (signal.aborted) return;
    const floor = this.#floor;
    const agreements = Agreements.at(floor);
    const release = await floor.take(info);
    let terminal: OpenTerminal | undefined;
    try {
      // What was answered meanwhile counts for those who waited.
      if (signal.aborted || this.#mayAlways(toolName, info) || agreements.has(toolName, info, this)) return;
      if (this.#stopped.has(outermostRun(run))) throw new Veto(STOPPED);
      terminal = this.#open();
      if (terminal === undefined) throw this.#noTerminal(toolName);
      this.#obey(
        await Questioner.at(floor).ask({ toolName, toolArgs, info }, terminal, this.#options.color),
        toolName,
        run,
      );
      if (!signal.aborted) agreements.add(toolName, info, this);
    } finally {
      terminal?.close();
      release();
    }
  }

  /** What the person said. @throws Veto if that is no */
  #obey(outcome: Settlement, toolName: string, run: TreeRun<EventInfo>): void {
    const { rootId } = run.start.process;
    switch (outcome.kind) {
      case "yes":
      // It has been denied by another, or is interrupted with its run.
      case "withdrawn":
        return;
      case "always":
        this.#always.set(rootId, new Set([...(this.#always.get(rootId) ?? []), toolName]));
        return;
      case "no":
        throw new Veto(outcome.reason === undefined ? "The user said no." : `The user said no: ${outcome.reason}`);
      case "nobody":
        throw new Veto("This call needs the user's approval, and nobody could answer. It was not run.");
      case "stop": {
        // A person who stops a run means the outermost that it is a part of.
        const outermost = outermostRun(run);
        this.#stopped.add(outermost);
        outermost.start.process.stop("stopped by the user, who was asked for an approval");
        throw new Veto(STOPPED);
      }
    }
  }

  #mayAlways(toolName: string, { process }: EventInfo): boolean {
    return this.#always.get(process.rootId)?.has(toolName) === true;
  }

  #open(): OpenTerminal | undefined {
    const { input, output } = this.#options;
    if (input === undefined && output === undefined) return openOwnTerminal();
    const terminal = { input: input ?? process.stdin, output: output ?? process.stderr, close: () => {} };
    return terminal.input.isTTY === true && terminal.output.isTTY === true ? terminal : undefined;
  }

  #noTerminal(toolName: string): Veto {
    const { output = process.stderr, onNoTerminal = (name: string) => output.write(`${noTerminalText(name)}\n`) } =
      this.#options;
    if (!this.#hasSaidWhy) {
      this.#hasSaidWhy = true;
      onNoTerminal(toolName);
    }
    return new Veto("This call needs the user's approval, and there is no terminal to ask on. It was not run.");
  }
}

const STOPPED = "The user stopped the run.";

function noTerminalText(toolName: string): string {
  const name = forTerminal(toolName);
  return (
    `approval: ${name} was refused: it needs a person's approval, and there is no terminal to ask on. ` +
    `Start it on a terminal, or leave ${name} out of the tools that approval() asks for.`
  );
}

function predicate(tools: ApprovalTools): (toolName: string, toolArgs: JsonObject, info: EventInfo) => boolean {
  if (typeof tools === "function") return tools;
  const names: unknown = tools === "*" ? ["*"] : tools;
  if (!Array.isArray(names) || names.length === 0 || !names.every((name) => typeof name === "string" && name !== "")) {
    throw new LLMProcError(
      "callback_invalid",
      `approval({ tools }) takes a list of names of tools, "*" for all, or a function, not ${describe(tools)}.`,
    );
  }
  return names.includes("*") ? () => true : (toolName) => names.includes(toolName);
}
