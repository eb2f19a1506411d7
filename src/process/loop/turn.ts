import type { Outcome } from "../../dispatch/decision.ts";
import type { Scope } from "../../dispatch/scope.ts";
import { EVENTS } from "../../events/callback-event.ts";
import type { Message, ToolReply } from "../../events/message.ts";
import type { ToolResult } from "../../events/tool-result.ts";
import type { JsonValue } from "../../json.ts";
import { deepFreeze } from "../../json.ts";
import { runToolCall, runToolCalls } from "../calls/tool-calls.ts";
import type { Reply, ToolCall } from "../contract/model.ts";
import { RunEnd } from "../contract/run-end.ts";
import { OpenTurn } from "../state/open-turn.ts";
import type { ProcessState } from "../state/process-state.ts";
import type { Run } from "../state/run.ts";
import { saysSomething } from "../talk/arrived.ts";
import { INTERRUPTED } from "../talk/tool-result.ts";
import { complaintLine, stopLine, whyNoCallRuns } from "../talk/unrun-reply.ts";
import { BrokenReply, getReply } from "./attempt.ts";
import { refusal } from "./refusal.ts";

const MOST_CUT_REPLIES_ASKED_AGAIN = 2;

/** One reply of the model and the tool calls that it asks for, from `turn_start` to `turn_end`. */
export class Turn {
  readonly #process: ProcessState;
  readonly #run: Run;
  readonly #scope: Scope;
  #response: JsonValue | undefined;
  /** By the place of their call; undefined for calls that never started. */
  #results: readonly (ToolResult | undefined)[] = [];
  /** The same, as the conversation keeps them. */
  #replies: readonly ToolReply[] | undefined;

  constructor(process: ProcessState, run: Run) {
    this.#process = process;
    this.#run = run;
    this.#scope = run.scope.within(performance.now(), { turn: run.turn });
  }

  /**
   * Returns why the run ends here, if it does.
   * @throws RunEnd
   */
  async run(): Promise<RunEnd | undefined> {
    try {
      const waiting = this.#askToStart();
      if (waiting !== undefined) await waiting;
      if (this.#run.aborted) throw this.#run.abortEnd();
      if (this.#run.stopping) return new RunEnd("stopped");
      const arrived = await getReply(this.#process, this.#run, this.#scope);
      if (arrived instanceof BrokenReply) throw this.#keepBroken(arrived);
      const { reply, texts, message } = arrived;
      this.#response = reply.response;
      this.#say(texts);
      for (const line of [stopLine(reply), complaintLine(reply)]) {
        if (line !== undefined) this.#process.writeStderr(line, this.#scope);
      }
      if (reply.toolCalls.length === 0) return this.#conclude(message, reply.stopReason);
      const turn = new OpenTurn(this.#process, this.#run, this.#scope, message, reply.toolCalls, whyNoCallRuns(reply));
      const [only] = turn.calls;
      const isAlone = turn.calls.length === 1 && only !== undefined;
      const results = isAlone ? [await runToolCall(turn, only)] : await runToolCalls(turn);
      this.#keep(turn, results);
      if (this.#run.aborted) throw this.#run.abortEnd();
      if (this.#run.stopping) return new RunEnd("stopped");
      return this.#endAfter(reply.stopReason);
    } finally {
      const { dispatcher, view } = this.#process;
      const scope = () => this.#endScope();
      const response = () => deepFreeze(this.#response);
      const results = () => Object.freeze(this.#results.filter((result) => result !== undefined));
      dispatcher.emit(EVENTS.turn_end, scope, performance.now(), view, response, results);
    }
  }

  #endScope(): Scope {
    return this.#replies === undefined ? this.#scope : this.#scope.saying({ results: deepFreeze(this.#replies) });
  }

  #askToStart(): Promise<void> | undefined {
    const { dispatcher, view } = this.#process;
    const { startMs } = this.#scope;
    const soFar = () => this.#run.snapshot(startMs);
    const asked = dispatcher.ask(EVENTS.turn_start, this.#scope, startMs, view, soFar);
    const obey = (outcome: Outcome): undefined => {
      if (outcome?.kind === "deny") throw refusal(this.#process, "turn_start", outcome.by, outcome.thrown);
    };
    return asked instanceof Promise ? this.#run.interruptible(asked).then(obey) : obey(asked);
  }

  /** What arrived before the stream broke stays in the conversation, marked; its tool calls are dropped. */
  #keepBroken({ message, end }: BrokenReply): RunEnd {
    this.#say([message.text].filter(saysSomething));
    this.#process.history.append(message);
    return end;
  }

  #say(texts: readonly string[]): void {
    for (const text of texts) {
      this.#run.lastMessage = text;
      this.#process.dispatcher.emit(EVENTS.response, this.#scope, performance.now(), text);
    }
    if (texts.length > 1) this.#run.lastMessage = texts.join("\n");
  }

  /** A reply without calls is the last one, unless the provider only paused: then it is asked to go on. */
  #conclude(message: Message, stopReason: Reply["stopReason"]): RunEnd | undefined {
    this.#process.history.append(message);
    return stopReason === "tool_use" ? undefined : new RunEnd(stopReason);
  }

  /** A model whose reply was cut in the midst of calls is asked again, but not for ever: it may never fit. */
  #endAfter(stopReason: Reply["stopReason"]): RunEnd | undefined {
    const run = this.#run;
    if (stopReason === "refusal" || stopReason === "other") return new RunEnd(stopReason);
    run.cutReplies = stopReason === "max_tokens" ? run.cutReplies + 1 : 0;
    const isLastTurn = stopReason === "max_tokens" && run.turn >= run.maxTurns;
    return isLastTurn || run.cutReplies > MOST_CUT_REPLIES_ASKED_AGAIN ? new RunEnd("max_tokens") : undefined;
  }

  #keep({ message, calls }: OpenTurn, results: readonly (ToolResult | undefined)[]): void {
    const { history } = this.#process;
    this.#results = results;
    this.#replies = calls.map((call, place) => replyTo(call, results[place]));
    history.append(message);
    history.append({ role: "tool", content: this.#replies });
  }
}

function replyTo({ id, name }: ToolCall, result: ToolResult = INTERRUPTED): ToolReply {
  return { callId: id, toolName: name, content: result.content, isError: result.isError };
}
