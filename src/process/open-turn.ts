import type { Scope } from "../dispatch/scope.ts";
import type { Message } from "../events/message.ts";
import type { ToolCall } from "./model.ts";
import type { ProcessState } from "./process-state.ts";
import type { Run } from "./run.ts";

/** A turn whose tool calls are under way: what they belong to, and what a child made by one of them is to see. */
export class OpenTurn {
  readonly process: ProcessState;
  readonly run: Run;
  readonly scope: Scope;
  /** The message that asked for the calls. */
  readonly message: Message;
  readonly calls: readonly ToolCall[];
  /** Why none of them may run, in words for the model, if that is so. */
  readonly notRun: string | undefined;
  /** All calls are answered: one that goes on regardless can make no children any more. */
  over = false;

  constructor(
    process: ProcessState,
    run: Run,
    scope: Scope,
    message: Message,
    calls: readonly ToolCall[],
    notRun: string | undefined,
  ) {
    this.process = process;
    this.run = run;
    this.scope = scope;
    this.message = message;
    this.calls = calls;
    this.notRun = notRun;
  }
}
