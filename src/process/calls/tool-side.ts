import { LLMProcError } from "../../errors.ts";
import { ORIGIN } from "../../events/facts.ts";
import type { LimitStates } from "../../events/limit-state.ts";
import type { ToolReply } from "../../events/message.ts";
import type { ToolCall } from "../contract/model.ts";
import type { ChildOptions, ChildProcess, LinkedProgramInfo, ToolProcess } from "../contract/tool.ts";
import type { OpenCall, OpenTurn } from "../state/open-turn.ts";
import { checkForkOptions } from "../state/start-options.ts";
import { callOverError, makeChild } from "../tree/make-child.ts";
import type { ProcessPromise } from "../tree/process-promise.ts";

const IN_CHILD = "You are the child process. Go on with the task that you are given next.";
const IN_PARENT = "This call is answered in the parent process.";

/** The process as one of its tool calls sees it. */
export class ToolSide implements ToolProcess {
  readonly #call: OpenCall;

  constructor(call: OpenCall) {
    this.#call = call;
  }

  get id(): string {
    return this.#call.turn.process.id;
  }

  get name(): string {
    return this.#call.turn.process.name;
  }

  get linkedPrograms(): readonly LinkedProgramInfo[] {
    return this.#call.turn.process.program.linkedPrograms;
  }

  get limits(): LimitStates {
    return this.#call.turn.process.limits();
  }

  writeStderr(text: string): void {
    this.#call.turn.process.writeStderr(text, this.#call.scope);
  }

  readResult(reference: string): string {
    const { kept } = this.#call.turn.process;
    if (kept !== undefined) return kept.read(reference);
    throw new LLMProcError("result_missing", `${this.id} keeps no results: none of its tools says readsCutResults.`);
  }

  forkProcess(options: ChildOptions = {}): ProcessPromise<ChildProcess> {
    const { process, message, calls } = this.#open();
    const { name, share } = checkForkOptions(options, "process.forkProcess()");
    const history = process.history.fork();
    const shared = history.length;
    history.append(message);
    history.append({ role: "tool", content: calls.map((call) => this.#answered(call)) });
    const { program, kept } = process;
    const seed = { ...process.forkSeed(history, shared), name };
    return makeChild(process, { program, seed, kept, share, call: this.#call });
  }

  spawnProcess(program?: string, options: ChildOptions = {}): ProcessPromise<ChildProcess> {
    const { process } = this.#open();
    const { name, share } = checkForkOptions(options, "process.spawnProcess()");
    const loading = program === undefined ? process.program : process.program.loadLinked(program);
    const seed = { name, messages: [], origin: { kind: ORIGIN.spawn, inheritedMessages: 0 } };
    return makeChild(process, { program: loading, seed, share, call: this.#call });
  }

  #open(): OpenTurn {
    const { over, turn } = this.#call;
    if (over) throw callOverError(turn.process);
    return turn;
  }

  #answered({ id, name }: ToolCall): ToolReply {
    return { callId: id, toolName: name, content: id === this.#call.call.id ? IN_CHILD : IN_PARENT, isError: false };
  }
}
