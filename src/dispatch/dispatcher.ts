import { lookable, toError } from "../errors.ts";
import type { EventName, EventSpec } from "../events/callback-event.ts";
import { EVENTS } from "../events/callback-event.ts";
import type { CallbackFault } from "../events/callback-fault.ts";
import type { CallbackTimeoutError } from "../events/callback-timeout-error.ts";
import { NO_FACTS } from "../events/facts.ts";
import type { Then } from "../events/thenable.ts";
import { ownIfPromise, thenOf } from "../events/thenable.ts";
import { kindOfVerdict, ownVerdict, Verdict, Veto } from "../events/verdict.ts";
import { looksLikeCallback } from "./check-callback.ts";
import { Deadlines } from "./deadlines.ts";
import type { Ruling } from "./decision.ts";
import { Decision } from "./decision.ts";
import type { Delivery, Tried } from "./delivery.ts";
import { deliveryTo, isTried } from "./delivery.ts";
import { Info } from "./info.ts";
import type { Lane, LaneHost } from "./lane.ts";
import type { DrainOptions } from "./lanes.ts";
import { Lanes } from "./lanes.ts";
import { Occurrence } from "./occurrence.ts";
import type { Listener, Party, Registration } from "./registration.ts";
import { Roster } from "./roster.ts";
import type { Scope } from "./scope.ts";
import type { Arg, Tell } from "./told.ts";
import { told } from "./told.ts";
import { ranOutOnTrial, reportOf } from "./trial.ts";
import { warnOfFault, warnOfReturn } from "./warnings.ts";

/** Hands the events of one process to the callbacks that hear it. */
export class Dispatcher implements LaneHost, Tried {
  readonly deadlines: Deadlines;
  readonly #roster: Roster;
  #seq: number;
  #handing = false;
  #later: (() => void)[] | undefined;
  #laterDone = 0;
  readonly #lanes = new Lanes();
  readonly #parent: Dispatcher | undefined;
  /** Those of closed descendants, whose background callbacks are at work yet. Made for the first. */
  #retired: Set<Dispatcher> | undefined;
  /** Settles when it is through as well. */
  #over: Promise<void> | undefined;

  /** `events` is how many the process has raised before. */
  constructor(parent?: Dispatcher, events = 0) {
    this.#seq = events;
    this.#parent = parent;
    this.#roster = new Roster(parent === undefined ? undefined : parent.#roster);
    this.deadlines = parent === undefined ? new Deadlines() : parent.deadlines;
  }

  /** Registers a callback; a second registration of it replaces the first, in its place. */
  add(registration: Registration): void {
    this.#roster.add(registration);
  }

  /** Registers a handler. What this returns undoes just this registration: what was before it is again. */
  listen(registration: Registration): () => void {
    return this.#roster.listen(registration);
  }

  /** Takes every registration of a callback off, and mutes it for this process and below where it is inherited. */
  remove(callback: object): void {
    this.#roster.remove(callback);
  }

  /** Nobody is told anything any more: a fault that shows from now on is a warning. */
  #end(): void {
    this.#roster.close();
  }

  /** Raises an event that comes after something. `atMs` is when, on the monotonic clock. */
  emit<E extends EventName>(
    spec: EventSpec<E>,
    scope: Scope,
    atMs: number,
    a: Arg<E, "0">,
    b?: Arg<E, "1">,
    c?: Arg<E, "2">,
  ): void {
    const seq = ++this.#seq;
    if (this.#roster.plan.listeners(spec) === undefined) return;
    this.#raise(told(spec, scope, undefined, a, b, c).raised(seq, atMs));
  }

  /** The same where what the event says costs something: `tell` says it of `of`, and only if somebody hears the event. */
  emitTold<Of>(spec: EventSpec, atMs: number, of: Of, tell: Tell<Of>): void {
    const seq = ++this.#seq;
    if (this.#roster.plan.listeners(spec) === undefined) return;
    this.#raise(tell(of, atMs).raised(seq, atMs));
  }

  /**
   * Raises an event that comes before something, and says what its guards answered: at once if all of them did,
   * undefined if none objects. What it says is told as for `emitTold`.
   */
  askTold<Of>(spec: EventSpec, atMs: number, of: Of, tell: Tell<Of>): Ruling | Promise<Ruling> {
    const seq = ++this.#seq;
    if (this.#roster.plan.listeners(spec) === undefined) return undefined;
    const occurrence = tell(of, atMs).raised(seq, atMs);
    if (!this.#handing) return this.#hand(occurrence)?.result();
    return new Promise((resolve) => {
      this.#defer(() => void resolve(this.#handOut(occurrence)?.result()));
    });
  }

  #raise(occurrence: Occurrence): void {
    if (this.#handing) this.#defer(() => void this.#handOut(occurrence));
    else this.#hand(occurrence);
  }

  /** Something to wait for while a callback has too many events waiting; undefined if there is room. */
  room(): Promise<void> | undefined {
    return this.#lanes.active === undefined ? undefined : this.#lanes.room();
  }

  /** Settles when every callback has heard every event so far, or has had its time. */
  async drain(options: DrainOptions = {}): Promise<void> {
    if (this.#lanes.active !== undefined) {
      await this.#lanes.drain(options, (delivery, error, missed) => this.timedOut(delivery, error, missed));
    }
    this.deadlines.rest();
  }

  /** Settles when all events so far were heard, those of closed children among them: false where some were missed. */
  async heard(): Promise<boolean> {
    const heard = await Promise.all(Array.from([this, ...(this.#retired ?? [])], (one) => one.#lanes.heard()));
    return heard.every(Boolean);
  }

  /**
   * The process is closed. What works in the background goes on, here and below: those above remember it until it is
   * through. The root is who waits for it, at most so long.
   */
  async retire(limitMs: number): Promise<void> {
    const below = [...(this.#retired ?? [])];
    if (this.#parent === undefined) {
      await Promise.all([this, ...below].map((one) => one.drain({ limitMs, background: true })));
      this.#end();
    } else if (this.#lanes.active === undefined && below.length === 0) this.#end();
    else this.#over = this.#endLater(below);
  }

  /** Those below hear by what is registered here. */
  async #endLater(below: readonly Dispatcher[]): Promise<void> {
    for (const above of this.#above()) {
      above.#retired ??= new Set();
      above.#retired.add(this);
    }
    await Promise.all([this.drain({ background: true }), ...below.map((one) => one.#over)]);
    for (const above of this.#above()) above.#retired?.delete(this);
    this.#end();
  }

  *#above(): Iterable<Dispatcher> {
    for (let above = this.#parent; above !== undefined; above = above.#parent) yield above;
  }

  #defer(raise: () => void): void {
    this.#later ??= [];
    this.#later.push(raise);
  }

  /** Hands one event out, and after it those that its handlers raised. Whatever escapes, the next one can be raised. */
  #hand(occurrence: Occurrence, except?: object): Decision | undefined {
    this.#handing = true;
    try {
      // Those of an event that was cut short, as where the stack was full.
      if (this.#later !== undefined) this.#handLater(this.#later);
      const decision = this.#handOut(occurrence, except);
      if (this.#later !== undefined) this.#handLater(this.#later);
      return decision;
    } finally {
      this.#handing = false;
    }
  }

  #handLater(later: readonly (() => void)[]): void {
    while (this.#laterDone < later.length) later[this.#laterDone++]?.();
    this.#later = undefined;
    this.#laterDone = 0;
  }

  /** The hot path. Nothing is made for a handler that returns nothing, but the info that all of them share. */
  #handOut(occurrence: Occurrence, except?: object): Decision | undefined {
    const { spec, a, b, c } = occurrence;
    const { plan } = this.#roster;
    let info: Info | undefined;
    let decision: Decision | undefined;
    let place = 0;
    for (const listener of plan.listeners(spec) ?? []) {
      place++;
      const { registration } = listener;
      if (registration.callback === except) continue;
      if (!this.#roster.isStill(plan) && !this.#roster.hears(registration.hearer)) continue;
      const lane = this.#lanes.active?.get(registration.callback);
      let returned: unknown;
      let thrown = false;
      if (lane === undefined) {
        info ??= new Info(occurrence, decision);
        try {
          returned = listener.invoke(a, b, c, info);
          if (saysNothing(spec, returned)) continue;
        } catch (error) {
          returned = error;
          thrown = true;
        }
      }
      if (spec.before) decision ??= new Decision();
      const delivery = deliveryTo(listener, occurrence, place, decision, this);
      if (lane !== undefined) lane.enqueue(delivery);
      else if (info !== undefined && !this.#take(delivery, returned, thrown, info)) {
        delivery.answersTo?.done(place);
        info.release();
      }
      info = undefined;
    }
    info?.release();
    return decision;
  }

  deliver(delivery: Delivery, lane?: Lane): boolean {
    const { listener, occurrence, decision } = delivery;
    const { a, b, c } = occurrence;
    const info = new Info(occurrence, decision);
    let came: unknown;
    let threw = false;
    try {
      came = listener.invoke(a, b, c, info);
    } catch (thrown) {
      came = thrown;
      threw = true;
    }
    const goesOn = this.#take(delivery, came, threw, info, lane);
    if (!goesOn) info.release();
    return goesOn;
  }

  /** Deals with what a handler returned or threw; true if it goes on asynchronously. */
  #take(delivery: Delivery, came: unknown, threw: boolean, info: Info, lane?: Lane): boolean {
    let then: Then | undefined;
    try {
      then = threw ? undefined : thenOf(came);
    } catch (thrown) {
      this.threw(delivery, thrown, info);
      return false;
    }
    if (then === undefined) {
      if (threw) this.threw(delivery, came, info);
      else this.returned(delivery, came, info);
      return false;
    }
    delivery.answersTo?.watch(info);
    delivery.decision?.watch(info);
    (lane ?? this.#lanes.open(this, delivery.listener.registration.callback)).begin(delivery, info, came, then);
    return true;
  }

  stillHears({ hearer }: Party): boolean {
    return this.#roster.hears(hearer);
  }

  returned(delivery: Delivery, value: unknown, info: Info): void {
    let misread: string | undefined;
    try {
      misread = this.#obey(delivery, value);
    } catch (thrown) {
      // Whoever gives something that cannot even be looked at has not allowed anything.
      this.threw(delivery, thrown, info);
      return;
    }
    if (misread !== undefined) warnOfReturn(delivery.listener.registration, delivery.occurrence.spec.event, misread);
  }

  /** Takes a verdict down; says what was wrong with something that only looks like one. */
  #obey({ occurrence: { spec, scope }, answersTo, place, listener }: Delivery, value: unknown): string | undefined {
    if (value instanceof Verdict) {
      const { maker, event } = kindOfVerdict(value);
      if (answersTo === undefined || event !== spec.event) {
        return `${maker} means something only in ${event} of a callback that does not merely observe`;
      }
      if (scope.facts.invalid === undefined) answersTo.answer(place, listener.registration.name, ownVerdict(value));
    } else if (answersTo !== undefined && spec.event in INSTEAD && isMeantFor(listener, spec, value)) {
      return INSTEAD[spec.event];
    } else if (hearsAll(listener) && looksLikeCallback(value)) {
      const { name } = listener.registration;
      return `it is a callback, so ${name} makes callbacks, and what it makes is to be added: addCallback(${name}())`;
    }
    return undefined;
  }

  threw(delivery: Delivery, given: unknown, info: Info): void {
    ownIfPromise(given);
    const thrown = lookable(given);
    const { answersTo } = delivery;
    const { spec, scope } = delivery.occurrence;
    const veto = thrown instanceof Veto;
    const gaveUp = thrown !== undefined && thrown === info.abortReason;
    if (answersTo === undefined) {
      this.#fault(delivery, "throw", thrown, 0);
    } else if (scope.facts.invalid !== undefined) {
      if (!veto) this.#fault(delivery, "throw", thrown, 0);
    } else if (gaveUp && isTried(delivery)) {
      return;
    } else if (answersTo.deny(delivery.listener.registration.name, thrown)) {
      if (isOfACall(spec) && !veto && !isTried(delivery)) this.#fault(delivery, "throw", thrown, 0);
    } else if (!gaveUp) {
      this.#fault(delivery, "throw", thrown, 0);
    }
  }

  tried(delivery: Delivery, outcome: Ruling): void {
    const { listener, occurrence } = delivery;
    const report = reportOf(delivery, outcome);
    if (report === undefined) return;
    const reporter = listener.registration.trial?.reporter;
    if (reporter === undefined) {
      this.#fault(delivery, "throw", report, 0);
      return;
    }
    const { spec, scope, seq, atMs } = occurrence;
    const reported = new Occurrence(spec, scope, undefined, report).raised(seq, atMs);
    const news = deliveryTo(reporter, reported, 0, undefined, this);
    const lane = this.#lanes.active?.get(reporter.registration.callback);
    if (lane === undefined) this.deliver(news);
    else lane.enqueue(news);
  }

  timedOut(delivery: Delivery, error: CallbackTimeoutError, missed: number): void {
    if (missed > 0 || !ranOutOnTrial(delivery)) this.#fault(delivery, "timeout", error, missed);
  }

  laneChanged(lane: Lane): void {
    this.#lanes.changed(lane);
  }

  drainDueMs(timeoutMs: number, background: boolean): number {
    return this.#lanes.drainDueMs(timeoutMs, background);
  }

  /** Tells the other callbacks of a fault, and Node where none of them listens for it. */
  #fault({ listener, occurrence }: Delivery, reason: "throw" | "timeout", thrown: unknown, missed: number): void {
    const { registration } = listener;
    const { spec, scope } = occurrence;
    const fault: CallbackFault = Object.freeze({
      callback: registration.name,
      event: spec.event,
      reason,
      error: toError(thrown),
      missed,
    });
    const inCallbackError = spec === EVENTS.callback_error;
    const listeners = this.#roster.plan.listeners(EVENTS.callback_error) ?? [];
    if (inCallbackError || !listeners.some((one) => this.#listensForFaults(one, registration))) {
      warnOfFault(registration, fault);
    }
    if (inCallbackError) return;
    const news = told(EVENTS.callback_error, scope, NO_FACTS, fault).raised(++this.#seq, performance.now());
    const except = registration.hearer.callback;
    if (this.#handing) this.#defer(() => void this.#handOut(news, except));
    else this.#hand(news, except);
  }

  /** A function that hears everything does not count: it need not know that there are faults. */
  #listensForFaults(listener: Listener, atFault: Party): boolean {
    const { callback } = listener.registration;
    if (callback === atFault.hearer.callback || hearsAll(listener)) return false;
    return this.#lanes.active?.get(callback)?.stalled !== true;
  }
}

/** What whoever returns a bare `{ content }` there may have meant, or a bare text in place of a result. */
const INSTEAD: Partial<Record<EventName, string>> = {
  tool_start: "to answer in the tool's place, return answer(content)",
  tool_result: "to change what the model reads, return replaceResult(content)",
};

/** Most handlers return nothing. A text is looked at only where it may be meant for the model. */
function saysNothing(spec: EventSpec, returned: unknown): boolean {
  if (returned === undefined || returned === null) return true;
  if (typeof returned === "string") return spec !== EVENTS.tool_result;
  return typeof returned !== "object" && typeof returned !== "function";
}

function isMeantFor(listener: Listener, spec: EventSpec, value: unknown): boolean {
  // A function that hears everything may return something for whatever it hears.
  if (typeof value === "string") return spec === EVENTS.tool_result && !hearsAll(listener);
  return typeof value === "object" && value !== null && "content" in value;
}

/** A guard's bug denies no more than a call, which nobody would notice otherwise. */
function isOfACall(spec: EventSpec): boolean {
  return spec === EVENTS.tool_start || spec === EVENTS.tool_result;
}

/** A function that was added as it is, without an event. */
function hearsAll({ registration: { callback, hearer } }: Listener): boolean {
  return typeof callback === "function" && hearer.only === undefined;
}
