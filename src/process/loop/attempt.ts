import type { Ruling } from "../../dispatch/decision.ts";
import type { Occurrence } from "../../dispatch/occurrence.ts";
import type { Scope } from "../../dispatch/scope.ts";
import { told } from "../../dispatch/told.ts";
import { describe, lookable, toError } from "../../errors.ts";
import type { RequestBill } from "../../events/bill.ts";
import type { Retry } from "../../events/callback-event.ts";
import { EVENTS } from "../../events/callback-event.ts";
import type { Facts } from "../../events/facts.ts";
import type { Message } from "../../events/message.ts";
import { deepFreeze } from "../../json.ts";
import type { Conversation, ModelIO, Reply } from "../contract/model.ts";
import { ModelError } from "../contract/model.ts";
import { modelNameOf, requestFacts } from "../contract/program-identity.ts";
import { RunEnd } from "../contract/run-end.ts";
import type { Account } from "../money/account.ts";
import { NOTHING } from "../money/account.ts";
import type { SentRequest } from "../money/billing.ts";
import { billFailure, billReply, boundOf } from "../money/billing.ts";
import type { Payload } from "../money/payer.ts";
import { bodyOf } from "../money/payer.ts";
import type { Cover } from "../money/spending.ts";
import { coverRequest } from "../money/spending.ts";
import type { ProcessState } from "../state/process-state.ts";
import type { Run } from "../state/run.ts";
import type { Arrived } from "../talk/arrived.ts";
import { arrived, replyFacts } from "../talk/arrived.ts";
import { boundedReply } from "../talk/bounded-reply.ts";
import { CurrentConversation } from "../talk/conversation.ts";
import { mayBeCut } from "../talk/unrun-reply.ts";
import { refusal } from "./refusal.ts";
import { nextAttempt } from "./retry.ts";

/** A stream that broke after its first text, or was aborted then: what had arrived. */
export class BrokenReply {
  readonly message: BrokenMessage;
  readonly end: RunEnd;

  constructor(message: BrokenMessage, end: RunEnd) {
    this.message = message;
    this.end = end;
  }
}

type BrokenMessage = Extract<Message, { role: "assistant" }>;

/** What came of an attempt: a whole reply, what had arrived of one that broke, or that another attempt is to follow. */
type Outcome = Arrived | BrokenReply | Retry;

/**
 * Gets the reply after an attempt that failed in a way that may pass: by the next one, or one behind it.
 * @throws RunEnd
 */
export async function tryAgain(failed: Attempt, first: Retry): Promise<Arrived | BrokenReply> {
  let attempt = failed;
  let retry = first;
  for (;;) {
    attempt = await attempt.next(retry);
    const outcome = await attempt.outcome();
    if (!isRetry(outcome)) return outcome;
    retry = outcome;
  }
}

export function isRetry(outcome: Outcome): outcome is Retry {
  return "delayMs" in outcome;
}

interface Before {
  readonly conversation: Conversation;
  readonly spentMs: number;
}

/** One request, from the guards' answer to its one end. */
export class Attempt implements ModelIO {
  readonly signal: AbortSignal;
  /** What the attempts of the reply and the waits between them took, up to the failure of this one. */
  #spentMs: number;
  readonly #conversation: Conversation;
  readonly #process: ProcessState;
  readonly #run: Run;
  readonly #turn: Scope;
  readonly #number: number;
  /** Made when the request is asked for. */
  #scope: Scope | undefined;
  #over = false;
  /** Made when guards and ledger have let it go. */
  #sent: SentRequest | undefined;
  /** When it left: what guards and ledger wait for is no delay of the provider's. */
  #sentMs: number | undefined;
  /** What keeps the request from being sent, whatever the model makes of the throw. */
  #refusal: RunEnd | undefined;
  /** What it came to, once that is known. */
  #bill: RequestBill | undefined;
  /** From when it left to the first piece of text. */
  #firstTextMs: number | undefined;
  #text = "";

  /** `before` is what the attempts before it leave to it. */
  constructor(process: ProcessState, run: Run, turn: Scope, number = 1, before?: Before) {
    this.#conversation = before === undefined ? new CurrentConversation(process) : before.conversation;
    this.#spentMs = before === undefined ? 0 : before.spentMs;
    this.signal = run.signal;
    this.#process = process;
    this.#run = run;
    this.#turn = turn;
    this.#number = number;
  }

  /** Bound, as models may take it from its object. */
  readonly beforeSend = (payload: Payload): void | Promise<void> => {
    const deciding = this.#beforeSend(payload);
    // Whoever asked may have gone before it is answered.
    deciding?.catch(() => {});
    return deciding;
  };

  readonly onText = (text: string): void | Promise<void> => {
    if (this.#over || this.#scope === undefined || text === "") return undefined;
    this.#text += text;
    const nowMs = performance.now();
    this.#firstTextMs ??= nowMs - (this.#sentMs ?? nowMs);
    this.#process.dispatcher.emit(EVENTS.response_delta, this.#scope, nowMs, text);
    const room = this.#run.room();
    return room && this.#run.interruptible(room);
  };

  /** @throws RunEnd if there is neither a reply nor a part of one, and none is to be asked for again */
  outcome(): Promise<Outcome> {
    const room = this.#run.room();
    if (room !== undefined) return this.#run.interruptible(room).then(() => this.outcome());
    return this.#run.interruptible(this.#send()).then(
      (reply) => this.#arrive(reply),
      (thrown: unknown) => this.#fail(thrown),
    );
  }

  /** The attempt that follows this one, when it is time for it. @throws RunEnd if the run is over by then */
  async next({ attempt, delayMs }: Retry): Promise<Attempt> {
    await this.#run.sleep(delayMs);
    if (this.#run.aborted) throw this.#run.abortEnd();
    if (this.#run.stopping) throw new RunEnd("stopped");
    const before = { conversation: this.#conversation, spentMs: this.#spentMs + delayMs };
    return new Attempt(this.#process, this.#run, this.#turn, attempt, before);
  }

  #send(): Promise<Reply> {
    try {
      return this.#process.program.model.send(this.#conversation, this);
    } catch (thrown) {
      return Promise.reject(thrown);
    }
  }

  #arrive(reply: Reply): Outcome {
    try {
      return this.#succeed(reply);
    } catch (thrown) {
      return this.#fail(thrown);
    }
  }

  /** The whole reply, if the request was allowed. */
  #succeed(given: Reply): Arrived {
    if (this.#refusal !== undefined) throw this.#refusal;
    if (this.#scope === undefined) throw new ModelError("The model replied without calling beforeSend.");
    const sent = this.#sent;
    if (sent === undefined) throw new ModelError("The model replied without waiting for beforeSend.");
    const bill = billReply(this.#process, sent, given);
    this.#sent = undefined;
    this.#bill = bill;
    const bounded = boundedReply(given);
    checkCallIds(bounded);
    this.#over = true;
    const reply = mayBeCut(bounded) ? this.#asCut(bounded, sent) : bounded;
    const came = arrived(reply);
    const of = { attempt: this, came };
    this.#process.dispatcher.emitTold(EVENTS.api_response, performance.now(), of, Attempt.#tellReply);
    return came;
  }

  static #tellReply({ attempt, came }: { attempt: Attempt; came: Arrived }): Occurrence {
    const { reply, message } = came;
    const facts = attempt.#endFacts({ ...replyFacts(reply), message });
    return told(EVENTS.api_response, attempt.#place, facts, deepFreeze(reply.response));
  }

  static #tellRequest({ attempt, payload }: { attempt: Attempt; payload: Payload }): Occurrence {
    return told(
      EVENTS.api_request,
      attempt.#place,
      requestFacts(attempt.#process.program),
      deepFreeze(bodyOf(payload)),
    );
  }

  get #place(): Scope {
    return this.#scope ?? this.#turn;
  }

  /** What the end of the attempt has to say. */
  #endFacts(said: Facts): Facts {
    const facts: Facts = {
      model: modelNameOf(this.#process.program),
      ...(this.#bill && { bill: this.#bill }),
      ...(this.#firstTextMs !== undefined && { firstTextMs: this.#firstTextMs }),
      ...said,
    };
    return deepFreeze(facts);
  }

  #failedFacts(message: BrokenMessage | undefined, end: RunEnd | undefined): Facts {
    return this.#endFacts({ ...(message && { message }), ...end?.facts });
  }

  #asCut(reply: Reply, sent: SentRequest): Reply {
    const most = boundOf(this.#process, sent)?.maxOutputTokens ?? Number.POSITIVE_INFINITY;
    return (reply.usage?.outputTokens ?? 0) >= most ? { ...reply, stopReason: "max_tokens" } : reply;
  }

  /**
   * What to do instead: keep the text that had arrived, or try again.
   * @throws RunEnd if neither
   */
  #fail(given: unknown): BrokenReply | Retry {
    this.#over = true;
    const thrown = lookable(given);
    const error = thrown instanceof RunEnd ? thrown.toError() : toError(thrown);
    const partial = this.#text !== "" && this.#refusal === undefined;
    if (this.#sent !== undefined) this.#bill = billFailure(this.#process, this.#sent, thrown, partial);
    // It may have broken between the halves of a surrogate pair.
    const text = this.#text.toWellFormed();
    const message: BrokenMessage | undefined = partial
      ? { role: "assistant", content: [], text, interrupted: true }
      : undefined;
    const nowMs = performance.now();
    const next = this.#scope !== undefined && !partial ? this.#next(thrown, nowMs) : undefined;
    const retry = typeof next === "object" ? next : undefined;
    const why = typeof next === "string" ? next : undefined;
    // Asked again behind the event: its handlers may stop the run.
    const end = () => this.#refusal ?? (thrown instanceof RunEnd ? thrown : this.#failure(error, partial, why));
    if (this.#scope !== undefined) {
      const tell = () =>
        told(
          EVENTS.api_error,
          this.#place,
          this.#failedFacts(message, retry === undefined ? end() : undefined),
          error,
          retry,
        );
      this.#process.dispatcher.emitTold(EVENTS.api_error, nowMs, this, tell);
    }
    if (retry !== undefined) return retry;
    if (message !== undefined) return new BrokenReply(message, end());
    throw end();
  }

  /** A run that is to end does so as it was asked to, whatever became of its last request. */
  #failure(error: Error, partial: boolean, whyNoRetry: string | undefined): RunEnd {
    if (this.#run.aborted) return this.#run.abortEnd();
    if (this.#run.stopping) return new RunEnd("stopped");
    const more = partial ? "The text until then is kept in the conversation." : whyNoRetry;
    const message = more === undefined ? error.message : `${sentence(error.message)} ${more}`;
    return new RunEnd(partial ? "interrupted" : "api_error", message, error);
  }

  #beforeSend(payload: Payload): void | Promise<void> {
    if (this.#over || this.#scope !== undefined) {
      throw new ModelError("beforeSend was called twice, or after the attempt was over.");
    }
    const scope = this.#turn.within(performance.now(), { attempt: this.#number });
    this.#scope = scope;
    const of = { attempt: this, payload };
    const outcome = this.#process.dispatcher.askTold(EVENTS.api_request, scope.startMs, of, Attempt.#tellRequest);
    if (outcome instanceof Promise) {
      return this.#run.interruptible(outcome).then(
        (answer) => this.#reserve(payload, answer, performance.now()),
        (end: unknown) => this.#refuse(end),
      );
    }
    return this.#reserve(payload, outcome, scope.startMs);
  }

  #reserve(payload: Payload, outcome: Ruling, nowMs: number): void | Promise<void> {
    if (outcome?.kind === "deny") this.#refuse(refusal(this.#process, "api_request", outcome.by, outcome.thrown));
    const end = this.#whyNotSent();
    if (end !== undefined) this.#refuse(end);
    const { account } = this.#run;
    return account === undefined ? this.#leave(payload, undefined, nowMs) : this.#coverFrom(account, payload, nowMs);
  }

  #coverFrom(account: Account, payload: Payload, nowMs: number): void | Promise<void> {
    const body = bodyOf(payload);
    let cover: Cover | Promise<Cover>;
    try {
      cover = coverRequest(this.#process, this.#run, account, body);
    } catch (thrown) {
      return this.#refuse(thrown);
    }
    if (!(cover instanceof Promise)) return this.#leave(body, cover, nowMs);
    return cover.then(
      (granted) => this.#leave(body, granted, performance.now()),
      (end: unknown) => this.#refuse(end),
    );
  }

  /** Time has passed since it was asked for: an attempt that is over by now sends nothing, and holds nothing. */
  #leave(payload: Payload, cover: Cover | undefined, nowMs: number): void {
    const end = this.#whyNotSent();
    if (end !== undefined) {
      cover?.reservation.settle(NOTHING);
      this.#refuse(end);
    }
    this.#sent = { payload, cover };
    this.#sentMs = nowMs;
    this.#process.countRequest();
  }

  #whyNotSent(): RunEnd | undefined {
    if (this.#run.aborted) return this.#run.abortEnd();
    if (this.#run.stopping) return new RunEnd("stopped");
    if (!this.#over) return undefined;
    return new RunEnd("api_error", "The attempt was over before its request could be sent.");
  }

  #refuse(end: unknown): never {
    this.#refusal = end instanceof RunEnd ? end : new RunEnd("api_error", toError(end).message, end);
    throw this.#refusal;
  }

  /** The attempt to follow, or why there is none. */
  #next(thrown: unknown, nowMs: number): Retry | string | undefined {
    if (this.#refusal !== undefined || this.#run.aborted || this.#run.stopping) return undefined;
    this.#spentMs += nowMs - (this.#sentMs ?? nowMs);
    return nextAttempt(this.#process.program.retry, this.#number, this.#spentMs, thrown);
  }
}

function sentence(message: string): string {
  return /[.!?…]$/.test(message) ? message : `${message}.`;
}

/** Ids tie events and results to their calls, and no provider takes a message back in which two calls share one. */
function checkCallIds({ toolCalls, usage }: Reply): void {
  if (toolCalls.length < 2) return;
  const ids = new Set<string>();
  for (const { id } of toolCalls) {
    if (ids.has(id)) {
      throw new ModelError(`Two tool calls of the reply have the same id, ${describe(id)}.`, {
        connection: true,
        usage,
      });
    }
    ids.add(id);
  }
}
