import type { Scope } from "../../dispatch/scope.ts";
import type { Message } from "../../events/message.ts";
import type { ToolCall } from "../contract/model.ts";
import type { Below } from "./above.ts";
import { Children } from "./children.ts";
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
  /** Of a turn that was under way elsewhere: the calls that had begun there. */
  readonly begun: ReadonlySet<string> | undefined;

  constructor(
    process: ProcessState,
    run: Run,
    scope: Scope,
    message: Message,
    calls: readonly ToolCall[],
    notRun: string | undefined,
    begun?: readonly string[],
  ) {
    this.process = process;
    this.run = run;
    this.scope = scope;
    this.message = message;
    this.calls = calls;
    this.notRun = notRun;
    this.begun = begun && new Set(begun);
  }
}

/** A call of it that is under way, and the children that it has made. */
export class OpenCall {
  readonly turn: OpenTurn;
  readonly call: ToolCall;
  readonly scope: Scope;
  #children: Children | undefined;
  /** It is answered: a tool that goes on regardless can make no children any more. */
  over = false;

  constructor(turn: OpenTurn, call: ToolCall, scope: Scope) {
    this.turn = turn;
    this.call = call;
    this.scope = scope;
  }

  /** Most calls make none, so that the set is made for the first. */
  get children(): Iterable<Below> {
    return this.#children ?? [];
  }

  get hasChildren(): boolean {
    return this.#children !== undefined;
  }

  addChild(child: Below): void {
    this.#children ??= new Children();
    this.#children.add(child);
  }
}
