import { EVENTS } from "../events/callback-event.ts";
import { CallbackTimeoutError } from "../events/callback-timeout-error.ts";
import type { Then } from "../events/thenable.ts";
import { whenSettled } from "../events/thenable.ts";
import type { Deadlines, Timed } from "./deadlines.ts";
import type { Delivery } from "./delivery.ts";
import { isTried } from "./delivery.ts";
import type { Info } from "./info.ts";
import type { Party } from "./registration.ts";

/** What a lane needs of the dispatcher it belongs to. */
export interface LaneHost {
  readonly deadlines: Deadlines;
  /** Whether the callback is still registered. */
  stillHears(party: Party): boolean;
  /** Calls the handler; true if it goes on asynchronously, in this lane. */
  deliver(delivery: Delivery, lane: Lane): boolean;
  /** What a handler came to. These never throw. */
  returned(delivery: Delivery, value: unknown, info: Info): void;
  threw(delivery: Delivery, thrown: unknown, info: Info): void;
  /** A handler ran out of time; `missed` events went past it. */
  timedOut(delivery: Delivery, error: CallbackTimeoutError, missed: number): void;
  /** The lane has changed in what others wait for: it is empty, shorter or stalled. */
  laneChanged(lane: Lane): void;
  /** When the lane must be done, because the process waits for it to drain. */
  drainDueMs(timeoutMs: number, background: boolean): number;
}

interface UnderWay {
  readonly delivery: Delivery;
  readonly info: Info;
  readonly calledMs: number;
  dueMs: number;
}

interface Mark {
  readonly left: number;
  resolve(isHeard: boolean): void;
}

const NO_MARKS: readonly Mark[] = Object.freeze([]);

/** At so many waiting events the process waits for the callback. (Design, 2.3.3.) */
const FULL_LANE = 1024;

/**
 * What waits for one callback on one process while a handler of it works asynchronously: it hears one event at a
 * time, in order. A lane exists only as long as something is under way in it.
 */
export class Lane implements Timed {
  dueMs = Number.POSITIVE_INFINITY;
  readonly callback: object;
  readonly #host: LaneHost;
  /** Guards that wait their turn, with the time at which they count as having refused. */
  #guardDues: Map<Delivery, number> | undefined;
  #queue: Delivery[] = [];
  #head = 0;
  #current: UnderWay | undefined;
  #limitMs = Number.POSITIVE_INFINITY;
  #stalled: CallbackTimeoutError | undefined;
  #missed = 0;
  /** Who waits until so many more were heard. */
  #marks: readonly Mark[] = NO_MARKS;

  constructor(host: LaneHost, callback: object) {
    this.#host = host;
    this.callback = callback;
  }

  /** Its handler ran out of time and has not settled since. */
  get stalled(): boolean {
    return this.#stalled !== undefined;
  }

  /** Whether a run waits for what is in it. */
  get isAwaited(): boolean {
    const isAwaited = ({ listener }: Delivery) => !listener.registration.background;
    return (
      (this.#current !== undefined && isAwaited(this.#current.delivery)) ||
      this.#queue.slice(this.#head).some(isAwaited)
    );
  }

  /** Settles when all that is in it now was heard: true, or goes past it: false. */
  heard(): Promise<boolean> {
    if (this.#current === undefined || this.stalled) return Promise.resolve(!this.stalled);
    const left = this.#queue.length - this.#head + 1;
    return new Promise((resolve) => {
      this.#marks = [...this.#marks, { left, resolve }];
    });
  }

  get idle(): boolean {
    return this.#current === undefined;
  }

  get full(): boolean {
    return this.#stalled === undefined && this.#queue.length - this.#head >= FULL_LANE;
  }

  /** A guard whose answer nobody waits for any more has until then; what comes after it has its usual time. */
  giveUpGuard(dueMs: number, nowMs: number): void {
    if (this.#current?.delivery.answersTo === undefined || this.#current.dueMs <= dueMs) return;
    this.#current.dueMs = dueMs;
    this.#watch(nowMs);
  }

  /** The time limit of the handler under way. */
  get timeoutMs(): number {
    return this.#current?.delivery.listener.registration.timeoutMs ?? 0;
  }

  /** The handler of `delivery` goes on; what comes next waits until what it returned, whose `then` this is, settles. */
  begin(delivery: Delivery, info: Info, came: unknown, then: Then): void {
    const nowMs = performance.now();
    const { timeoutMs, background } = delivery.listener.registration;
    const dueMs = Math.min(nowMs + timeoutMs, this.#host.drainDueMs(timeoutMs, background));
    const current: UnderWay = { delivery, info, calledMs: nowMs, dueMs };
    this.#current = current;
    delivery.answersTo?.wait(delivery.place);
    this.#watch(nowMs);
    whenSettled(
      came,
      then,
      (value) => this.#settled(current, value, false),
      (thrown) => this.#settled(current, thrown, true),
    );
  }

  enqueue(delivery: Delivery): void {
    if (this.#stalled !== undefined) {
      if (!isTried(delivery)) this.#missed++;
      deny(delivery, this.#stalled);
      return;
    }
    if (this.#joins(delivery)) return;
    this.#queue.push(delivery);
    if (delivery.answersTo !== undefined) {
      delivery.answersTo.wait(delivery.place);
      const nowMs = performance.now();
      this.#guardDues ??= new Map();
      this.#guardDues.set(delivery, nowMs + delivery.listener.registration.timeoutMs);
      this.#watch(nowMs);
    }
  }

  /** Everything in it is to be over by then. */
  limit(dueMs: number, nowMs: number): void {
    if (dueMs >= this.#limitMs) return;
    this.#limitMs = dueMs;
    this.#watch(nowMs);
  }

  /** How many events went past a stalled callback since this was last asked. */
  takeMissed():
    | { readonly delivery: Delivery; readonly error: CallbackTimeoutError; readonly missed: number }
    | undefined {
    if (this.#missed === 0 || this.#stalled === undefined || this.#current === undefined) return undefined;
    const missed = this.#missed;
    this.#missed = 0;
    return { delivery: this.#current.delivery, error: this.#stalled, missed };
  }

  expire(nowMs: number): void {
    const current = this.#current;
    // It denies all that wait behind it: they get no fault of their own.
    if (current !== undefined && Math.min(current.dueMs, this.#limitMs) <= nowMs) {
      this.#stall(current, nowMs);
      return;
    }
    for (const [delivery, dueMs] of this.#guardDues ?? []) {
      if (dueMs > nowMs) continue;
      this.#guardDues?.delete(delivery);
      const error = timeoutOf(delivery, delivery.listener.registration.timeoutMs, true);
      deny(delivery, error);
      this.#host.timedOut(delivery, error, 0);
    }
    if (current !== undefined) this.#watch(nowMs);
  }

  #joins(delivery: Delivery): boolean {
    // What stands before the head has been handed over already: nothing can be added to it.
    const last = this.#head < this.#queue.length ? this.#queue.at(-1) : undefined;
    if (last === undefined || last.listener !== delivery.listener) return false;
    const piece = delivery.occurrence;
    const { spec, scope } = last.occurrence;
    if (piece.spec !== EVENTS.response_delta || spec !== piece.spec || scope !== piece.scope) return false;
    last.occurrence = last.occurrence.joined(piece);
    return true;
  }

  #watch(nowMs: number): void {
    let dueMs = Math.min(this.#current?.dueMs ?? Number.POSITIVE_INFINITY, this.#limitMs);
    for (const guardDueMs of this.#guardDues?.values() ?? []) dueMs = Math.min(dueMs, guardDueMs);
    this.dueMs = dueMs;
    this.#host.deadlines.watch(this, nowMs);
  }

  #stall({ delivery, info, calledMs }: UnderWay, nowMs: number): void {
    const error = timeoutOf(delivery, nowMs - calledMs);
    this.#stalled = error;
    info.giveUp(error);
    const waiting = this.#queue.slice(this.#head);
    this.#empty();
    deny(delivery, error);
    this.#host.timedOut(delivery, error, waiting.filter((one) => !isTried(one)).length);
    for (const one of waiting) deny(one, error);
    this.#passMarks();
    this.#host.laneChanged(this);
  }

  #settled(current: UnderWay, came: unknown, threw: boolean): void {
    if (this.#current !== current) return;
    const { delivery, info } = current;
    info.release();
    delivery.decision?.unwatch(info);
    delivery.answersTo?.unwatch(info);
    if (this.#stalled === undefined) {
      if (threw) this.#host.threw(delivery, came, info);
      else this.#host.returned(delivery, came, info);
      delivery.answersTo?.done(delivery.place);
      this.#heardOne();
      this.#next();
      return;
    }
    const missed = this.takeMissed();
    this.#stalled = undefined;
    this.#finish();
    if (missed !== undefined) this.#host.timedOut(missed.delivery, missed.error, missed.missed);
  }

  #next(): void {
    while (this.#head < this.#queue.length) {
      const delivery = this.#queue[this.#head++] as Delivery;
      if (this.#head === FULL_LANE) {
        this.#queue = this.#queue.slice(this.#head);
        this.#head = 0;
        this.#host.laneChanged(this);
      }
      this.#guardDues?.delete(delivery);
      if (this.#host.stillHears(delivery.listener.registration)) {
        if (this.#host.deliver(delivery, this)) return;
      }
      delivery.answersTo?.done(delivery.place);
      this.#heardOne();
    }
    this.#finish();
  }

  #heardOne(): void {
    if (this.#marks === NO_MARKS) return;
    const marks = this.#marks.map(({ left, resolve }) => ({ left: left - 1, resolve }));
    for (const { left, resolve } of marks) if (left <= 0) resolve(true);
    const waiting = marks.filter(({ left }) => left > 0);
    this.#marks = waiting.length === 0 ? NO_MARKS : waiting;
  }

  #passMarks(): void {
    for (const { resolve } of this.#marks) resolve(false);
    this.#marks = NO_MARKS;
  }

  #finish(): void {
    this.#current = undefined;
    this.#passMarks();
    this.#empty();
    this.#host.deadlines.forget(this);
    this.#host.laneChanged(this);
  }

  #empty(): void {
    this.#queue = [];
    this.#head = 0;
    this.#guardDues = undefined;
  }
}

function deny({ answersTo, listener }: Delivery, error: CallbackTimeoutError): void {
  answersTo?.deny(listener.registration.name, error);
}

/** `hadMs` is less than the callback's own limit where the process could not wait that long. */
function timeoutOf(delivery: Delivery, hadMs: number, isBusy = false): CallbackTimeoutError {
  const { name, timeoutMs } = delivery.listener.registration;
  return new CallbackTimeoutError(name, delivery.occurrence.spec.event, Math.round(Math.min(timeoutMs, hadMs)), isBusy);
}
