import type { Scope } from "../dispatch/scope.ts";
import { LLMProcError } from "../errors.ts";
import type { LimitStates } from "../events/limit-state.ts";
import type { ToolReply } from "../events/message.ts";
import { callOverError, makeChild } from "./children.ts";
import { History } from "./history.ts";
import type { ToolCall } from "./model.ts";
import type { OpenTurn } from "./open-turn.ts";
import type { ProcessPromise } from "./process-promise.ts";
import { checkForkOptions } from "./start-options.ts";
import type { ChildOptions, ChildProcess, LinkedProgramInfo, ToolProcess } from "./tool.ts";

const IN_CHILD = "You are the child process. Go on with the task that you are given next.";
const IN_PARENT = "This call is answered in the parent process.";

/** The process as one of its tool calls sees it. */
export class ToolSide implements ToolProcess {
  readonly #turn: OpenTurn;
  readonly #call: ToolCall;
  readonly #scope: Scope;

  constructor(turn: OpenTurn, call: ToolCall, scope: Scope) {
    this.#turn = turn;
    this.#call = call;
    this.#scope = scope;
  }

  get id(): string {
    return this.#turn.process.id;
  }

  get name(): string {
    return this.#turn.process.name;
  }

  get linkedPrograms(): readonly LinkedProgramInfo[] {
    return this.#turn.process.program.linkedPrograms;
  }

  get limits(): LimitStates {
    return this.#turn.process.limits();
  }

  writeStderr(text: string): void {
    this.#turn.process.writeStderr(text, this.#scope);
  }

  readResult(reference: string): string {
    const { kept } = this.#turn.process;
    if (kept !== undefined) return kept.read(reference);
    throw new LLMProcError("result_missing", `${this.id} keeps no results: none of its tools says readsCutResults.`);
  }

  forkProcess(options: ChildOptions = {}): ProcessPromise<ChildProcess> {
    const { process, run } = this.#open();
    const { name, share } = checkForkOptions(options, "process.forkProcess()");
    const { kept } = process;
    const history = process.history.fork();
    history.append(this.#turn.message);
    history.append({ role: "tool", content: this.#turn.calls.map((call) => this.#answered(call)) });
    const { program } = process;
    return makeChild(process, {
      name,
      share,
      history,
      kept,
      ownerRun: run,
      program,
      forkOf: process,
      callId: this.#call.id,
    });
  }

  spawnProcess(program?: string, options: ChildOptions = {}): ProcessPromise<ChildProcess> {
    const { process, run } = this.#open();
    const { name, share } = checkForkOptions(options, "process.spawnProcess()");
    const loading = program === undefined ? process.program : process.program.loadLinked(program);
    return makeChild(process, {
      name,
      share,
      history: History.of([]),
      ownerRun: run,
      program: loading,
      callId: this.#call.id,
    });
  }

  #open(): OpenTurn {
    if (this.#turn.over) throw callOverError(this.#turn.process);
    return this.#turn;
  }

  #answered({ id, name }: ToolCall): ToolReply {
    return { callId: id, toolName: name, content: id === this.#call.id ? IN_CHILD : IN_PARENT, isError: false };
  }
}
