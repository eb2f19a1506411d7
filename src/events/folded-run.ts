import type { Charge } from "./bill.ts";
import type { RecordOf } from "./event-record.ts";
import type { RunFailure } from "./facts.ts";
import type { Message, ToolReply } from "./message.ts";
import type { VetoRecord } from "./run-result.ts";
import { RunTally } from "./run-tally.ts";
import type { ConcludedReply, ReplySeed, RunSeed, TurnSeed } from "./seed.ts";

/** What a run under way has come to, as its records tell it. */
export class FoldedFigures {
  readonly start: RecordOf<"run_start">;
  /** When its last event was raised, in milliseconds since 1970. */
  lastMs: number;
  readonly tally: RunTally;
  retry: RecordOf<"api_error">["retry"];
  lastMessage = "";
  /** Children that it has made, and theirs. */
  descendants = 0;
  vetoes: readonly VetoRecord[] = [];
  charged: Charge = { usd: 0, tokens: 0 };
  #cutReplies = 0;
  /** Of the reply of this turn, as far as they were told. */
  #texts: readonly string[] = [];
  #reply: Omit<ReplySeed, "told" | "noted"> | undefined;
  #noted: readonly string[] = [];
  #results: readonly ToolReply[] = [];
  #broken: Message | undefined;
  #failure: RunFailure | undefined;
  #begun: readonly string[] = [];
  #lastReply: ConcludedReply | undefined;

  constructor(start: RecordOf<"run_start">) {
    this.start = start;
    this.lastMs = start.timeMs;
    this.tally = new RunTally(start.process);
  }

  say(text: string): void {
    this.#texts = [...this.#texts, text];
    this.lastMessage = this.#texts.join("\n");
  }

  charge({ usd, tokens }: Charge): void {
    this.charged = { usd: this.charged.usd + usd, tokens: this.charged.tokens + tokens };
  }

  reply(record: RecordOf<"api_response">): void {
    const { response, message, stopReason, stopDetail, complaint, unreadCalls } = record;
    if (message === undefined || stopReason === undefined) return;
    this.#reply = { response, message, stopReason, stopDetail, complaint, unreadCalls };
    this.#noted = [];
  }

  /** What is said about a reply stands before its calls; what tools write is theirs, and may be any number of lines. */
  note(text: string): void {
    if (this.#reply === undefined || this.#begun.length > 0 || this.#results.length > 0) return;
    this.#noted = [...this.#noted, text];
  }

  fail({ retry, message, failure }: RecordOf<"api_error">): void {
    this.retry = retry;
    this.#broken = message;
    this.#failure = failure;
  }

  /** Whether it is counted: one that was under way, and begins again, has been. */
  startCall({ callId = "" }: RecordOf<"tool_start">): boolean {
    if (this.#begun.includes(callId)) return false;
    this.#begun = [...this.#begun, callId];
    return true;
  }

  endCall({ callId = "", toolName, result }: RecordOf<"tool_end">): void {
    this.#begun = this.#begun.filter((begun) => begun !== callId);
    this.#results = [...this.#results, { callId, toolName, content: result.content, isError: result.isError }];
  }

  endTurn({ results, failure }: RecordOf<"turn_end">): void {
    this.#failure ??= failure;
    const hasCalls = results !== undefined;
    this.#lastReply = this.#reply && { stopReason: this.#reply.stopReason, hasCalls };
    if (hasCalls) this.#cutReplies = this.#reply?.stopReason === "max_tokens" ? this.#cutReplies + 1 : 0;
    this.#reply = undefined;
    this.#broken = undefined;
    this.#results = [];
    this.#texts = [];
  }

  seed(turn: number, isInTurn: boolean, attempt: number | undefined): RunSeed {
    const { start, tally, lastMessage, vetoes, descendants, charged } = this;
    const openTurn: TurnSeed = {
      attempt: attempt ?? this.retry?.attempt,
      reply: this.#reply && { ...this.#reply, told: this.#texts.length, noted: this.#noted },
      broken: this.#broken && { message: this.#broken, told: this.#texts.length },
      results: this.#results,
      begun: this.#begun,
    };
    return {
      runId: start.runId ?? "",
      prompt: start.prompt,
      metadata: start.metadata,
      bounds: start.bounds ?? { warnAt: 1 },
      elapsedMs: this.lastMs - start.timeMs,
      turn,
      openTurn: isInTurn ? openTurn : undefined,
      lastReply: this.#lastReply,
      failure: this.#failure,
      cutReplies: this.#cutReplies,
      lastMessage,
      vetoes,
      descendants,
      figures: tally.figures(),
      charged,
    };
  }
}
