import type { Ruling } from "../../dispatch/decision.ts";
import type { Occurrence } from "../../dispatch/occurrence.ts";
import type { Scope } from "../../dispatch/scope.ts";
import { told } from "../../dispatch/told.ts";
import { EVENTS } from "../../events/callback-event.ts";
import type { Facts } from "../../events/facts.ts";
import type { Message, ToolReply } from "../../events/message.ts";
import type { ConcludedReply, TurnSeed } from "../../events/seed.ts";
import type { ToolResult } from "../../events/tool-result.ts";
import type { JsonValue } from "../../json.ts";
import { deepFreeze } from "../../json.ts";
import { runOtherCalls, runToolCall, runToolCalls } from "../calls/tool-calls.ts";
import type { Reply, ToolCall } from "../contract/model.ts";
import { RunEnd } from "../contract/run-end.ts";
import { OpenTurn } from "../state/open-turn.ts";
import type { ProcessState } from "../state/process-state.ts";
import type { Run } from "../state/run.ts";
import { arrivedBefore, saysSomething } from "../talk/arrived.ts";
import { INTERRUPTED } from "../talk/tool-result.ts";
import { linesOf, whyNoCallRuns } from "../talk/unrun-reply.ts";
import { Attempt, BrokenReply, isRetry, tryAgain } from "./attempt.ts";
import { refusal } from "./refusal.ts";

const MOST_CUT_REPLIES_ASKED_AGAIN = 2;

/** A turn that was under way elsewhere, and why it is to end, if that was known there. */
interface EarlierTurn extends TurnSeed {
  readonly end: RunEnd | undefined;
}

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
  /** A guard kept it from starting. */
  #denied: RunEnd | undefined;

  constructor(process: ProcessState, run: Run) {
    this.#process = process;
    this.#run = run;
    this.#scope = run.scope.within(performance.now(), { turn: run.turn });
  }

  /**
   * Returns why the run ends here, if it does.
   * @throws RunEnd
   */
  async run(seed?: EarlierTurn): Promise<RunEnd | undefined> {
    try {
      const waiting = seed === undefined || !isAllowed(seed) ? this.#askToStart() : undefined;
      if (waiting !== undefined) await waiting;
      if (this.#run.aborted) throw this.#run.abortEnd();
      if (this.#run.stopping) return new RunEnd("stopped");
      if (seed?.end !== undefined) throw this.#endBroken(seed.broken, seed.end);
      const attempt = new Attempt(this.#process, this.#run, this.#scope, seed?.attempt);
      const outcome = seed?.reply === undefined ? await attempt.outcome() : arrivedBefore(seed.reply);
      const arrived = isRetry(outcome) ? await tryAgain(attempt, outcome) : outcome;
      this.#run.said?.answered();
      if (arrived instanceof BrokenReply) throw this.#keepBroken(arrived);
      const { reply, texts, message } = arrived;
      this.#response = reply.response;
      this.#say(texts, seed?.reply?.told);
      for (const line of linesOf(reply)) if (seed?.reply?.noted.includes(line) !== true) this.#note(line);
      if (reply.toolCalls.length === 0) return this.#conclude(message, reply.stopReason);
      const notRun = whyNoCallRuns(reply);
      const { toolCalls } = reply;
      const turn = new OpenTurn(this.#process, this.#run, this.#scope, message, toolCalls, notRun, seed?.begun);
      const only = toolCalls[0];
      // Most replies ask for one call: it needs nobody who keeps an eye on several.
      if (toolCalls.length === 1 && only !== undefined && seed === undefined) {
        const result = runToolCall(turn, only);
        this.#keep(turn, [result instanceof Promise ? await result : result]);
      } else {
        this.#keep(turn, await (seed?.results === undefined ? runToolCalls(turn) : runOtherCalls(turn, seed.results)));
      }
      if (this.#run.aborted) throw this.#run.abortEnd();
      if (this.#run.stopping) return new RunEnd("stopped");
      return endAfterCalls(this.#run, reply.stopReason);
    } finally {
      this.#process.dispatcher.emitTold(EVENTS.turn_end, performance.now(), this, Turn.#tellEnd);
    }
  }

  static #tellEnd(turn: Turn): Occurrence {
    const results = turn.#results.filter((result) => result !== undefined);
    return told(
      EVENTS.turn_end,
      turn.#scope,
      turn.#endFacts(),
      turn.#process.view,
      deepFreeze(turn.#response),
      Object.freeze(results),
    );
  }

  static #tellStart(turn: Turn): Occurrence {
    return told(EVENTS.turn_start, turn.#scope, undefined, turn.#process.view, turn.#run.snapshot(turn.#scope.startMs));
  }

  #endFacts(): Facts | undefined {
    if (this.#replies !== undefined) return new ResultFacts(this.#replies);
    return this.#denied?.facts;
  }

  #askToStart(): Promise<void> | undefined {
    const { dispatcher } = this.#process;
    const asked = dispatcher.askTold(EVENTS.turn_start, this.#scope.startMs, this, Turn.#tellStart);
    if (asked === undefined) return undefined;
    return asked instanceof Promise
      ? this.#run.interruptible(asked).then((outcome) => this.#obey(outcome))
      : this.#obey(asked);
  }

  #obey(outcome: Ruling): undefined {
    if (outcome?.kind !== "deny") return;
    this.#denied = refusal(this.#process, "turn_start", outcome.by, outcome.thrown);
    throw this.#denied;
  }

  #endBroken(broken: TurnSeed["broken"], end: RunEnd): RunEnd {
    if (broken?.message.role !== "assistant") return end;
    return this.#keepBroken(new BrokenReply(broken.message, end), broken.told);
  }

  /** What arrived before the stream broke stays in the conversation, marked; its tool calls are dropped. */
  #keepBroken({ message, end }: BrokenReply, told = 0): RunEnd {
    this.#say([message.text].filter(saysSomething), told);
    this.#process.history.append(message);
    return end;
  }

  #note(line: string): void {
    this.#process.writeStderr(line, this.#scope);
  }

  /** Those from the place `told` on: the others have been said. */
  #say(texts: readonly string[], told = 0): void {
    for (let place = told; place < texts.length; place++) {
      const text = texts[place] ?? "";
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

  #keep({ message, calls }: OpenTurn, results: readonly (ToolResult | undefined)[]): void {
    const { history } = this.#process;
    this.#results = results;
    this.#replies = calls.map((call, place) => replyTo(call, results[place]));
    history.append(message);
    history.append({ role: "tool", content: this.#replies });
  }
}

/** What is said of results is frozen when somebody asks for it: most handlers do not. */
class ResultFacts implements Facts {
  readonly #results: readonly ToolReply[];

  constructor(results: readonly ToolReply[]) {
    this.#results = results;
  }

  get results(): readonly ToolReply[] {
    return deepFreeze(this.#results);
  }
}

/** Whether its guards have let a turn begin that was under way: then something of it had happened. */
function isAllowed({ attempt, reply, broken, end }: EarlierTurn): boolean {
  return attempt !== undefined || reply !== undefined || broken !== undefined || end !== undefined;
}

/** Why a run ends after a turn that is over, if it does. */
export function endAfterTurn(run: Run, { stopReason, hasCalls }: ConcludedReply): RunEnd | undefined {
  if (!hasCalls) return stopReason === "tool_use" ? undefined : new RunEnd(stopReason);
  // It has been counted.
  if (stopReason === "max_tokens") run.cutReplies--;
  return endAfterCalls(run, stopReason);
}

/** A model whose reply was cut in the midst of calls is asked again, but not for ever: it may never fit. */
function endAfterCalls(run: Run, stopReason: Reply["stopReason"]): RunEnd | undefined {
  if (stopReason === "refusal" || stopReason === "other") return new RunEnd(stopReason);
  run.cutReplies = stopReason === "max_tokens" ? run.cutReplies + 1 : 0;
  const isLastTurn = stopReason === "max_tokens" && run.turn >= run.maxTurns;
  return isLastTurn || run.cutReplies > MOST_CUT_REPLIES_ASKED_AGAIN ? new RunEnd("max_tokens") : undefined;
}

function replyTo({ id, name }: ToolCall, result: ToolResult = INTERRUPTED): ToolReply {
  return { callId: id, toolName: name, content: result.content, isError: result.isError };
}
