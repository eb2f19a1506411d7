import type { LimitState, LimitStates } from "../../events/limit-state.ts";
import { Purse } from "./purse.ts";

/** US dollars and tokens: of one request, or of one share. */
export interface Amount {
  readonly usd: number;
  readonly tokens: number;
}

/** What an account may come to. */
export interface SpendLimits {
  readonly usd?: number | undefined;
  readonly tokens?: number | undefined;
  /** A part of the limit, from 0 to 1. */
  readonly warnAt: number;
}

export interface AccountOptions {
  /** Its limits hold, too. */
  readonly parent: Account | undefined;
  /** Whose limits they are, for messages: `"process ID"`. */
  readonly owner: string;
  /** What was spent of it before. */
  readonly spent?: Amount | undefined;
  /** Called once for each limit, when `warnAt` of it is spent. */
  readonly onWarn: (purse: Purse) => void;
}

/**
 * What the requests of a process, a run or a child's share come to, against its limits and those of all above it.
 * Nothing is sent before the most that it can cost was set aside in every one of them.
 */
export class Account {
  /** Its own, then those above it. */
  readonly purses: readonly Purse[];
  readonly #queue: Queue;

  constructor({ usd, tokens, warnAt }: SpendLimits, { parent, owner, onWarn, spent }: AccountOptions) {
    const own: Purse[] = [];
    if (usd !== undefined) own.push(new Purse("usd", usd, { warnAt, owner, onWarn, spent: spent?.usd }));
    if (tokens !== undefined) own.push(new Purse("tokens", tokens, { warnAt, owner, onWarn, spent: spent?.tokens }));
    this.purses = parent === undefined ? own : [...own, ...parent.purses];
    // Whoever shares a purse shares all those above it, and so the queue.
    this.#queue = parent === undefined ? new Queue() : parent.#queue;
  }

  /** Whether a limit of cost is among those that hold. */
  get limitsCost(): boolean {
    return this.purses.some(({ unit }) => unit === "usd");
  }

  /** Sets the amount aside, at once or when others have settled, in the order of those who ask. */
  reserve(amount: Amount): Reservation | Waiting {
    return this.#queue.reserve(this.purses, amount);
  }

  states(): LimitStates {
    const usd = stateOf(this.purses, "usd");
    const tokens = stateOf(this.purses, "tokens");
    return Object.freeze({ ...(usd && { usd }), ...(tokens && { tokens }) });
  }
}

/** What waiting rejects with where even all that comes back would not be enough. */
export class LimitReached {
  readonly purse: Purse;
  readonly needed: number;

  constructor(purse: Purse, needed: number) {
    this.purse = purse;
    this.needed = needed;
  }
}

/** An amount set aside for a request under way. */
export class Reservation {
  readonly amount: Amount;
  readonly #purses: readonly Purse[];
  readonly #queue: Queue;
  #settled = false;

  constructor(purses: readonly Purse[], amount: Amount, queue: Queue) {
    this.#purses = purses;
    this.amount = amount;
    this.#queue = queue;
    for (const purse of purses) purse.reserve(amount[purse.unit]);
  }

  /** Replaces what was set aside by what the request came to. Once. */
  settle(spent: Amount): void {
    if (this.#settled) return;
    this.#settled = true;
    for (const purse of this.#purses) purse.settle(this.amount[purse.unit], spent[purse.unit]);
    this.#queue.serve();
    // Only now: whoever hears it may end runs, and so take others out of the queue.
    for (const purse of this.#purses) purse.warn();
  }
}

/** One that waits until others have settled. */
export class Waiting {
  readonly purses: readonly Purse[];
  readonly amount: Amount;
  /** Rejects with `LimitReached` as soon as waiting is of no use. */
  readonly granted: Promise<Reservation>;
  readonly #queue: Queue;
  readonly #settle: PromiseWithResolvers<Reservation> = Promise.withResolvers();
  #reservation: Reservation | undefined;

  constructor(purses: readonly Purse[], amount: Amount, queue: Queue) {
    this.purses = purses;
    this.amount = amount;
    this.#queue = queue;
    this.granted = this.#settle.promise;
    // Who asks may have gone before it is answered.
    this.granted.catch(() => {});
  }

  grant(reservation: Reservation): void {
    this.#reservation = reservation;
    this.#settle.resolve(reservation);
  }

  refuse(reached: LimitReached): void {
    this.#settle.reject(reached);
  }

  /** Whoever asked does not want it any more, also if it was granted a moment ago. */
  cancel(): void {
    if (this.#reservation === undefined) this.#queue.leave(this);
    else this.#reservation.settle(NOTHING);
  }
}

export const NO_LIMITS: LimitStates = Object.freeze({});

export const NOTHING: Amount = Object.freeze({ usd: 0, tokens: 0 });

/**
 * Those who wait, in order. Nobody passes one that waits for the same purse, so that nobody starves; who needs none of
 * the purses that others wait for goes on.
 */
class Queue {
  #waiting: readonly Waiting[] = [];

  reserve(purses: readonly Purse[], amount: Amount): Reservation | Waiting {
    if (this.#waiting.length === 0 && purses.every((purse) => purse.fits(amount[purse.unit]))) {
      return new Reservation(purses, amount, this);
    }
    const waiting = new Waiting(purses, amount, this);
    this.#waiting = [...this.#waiting, waiting];
    this.serve();
    return waiting;
  }

  leave(waiting: Waiting): void {
    this.#waiting = this.#waiting.filter((one) => one !== waiting);
    this.serve();
  }

  /** Serves whoever can be served, and sends away those for whom there will never be enough. */
  serve(): void {
    if (this.#waiting.length === 0) return;
    const contended = new Set<Purse>();
    this.#waiting = this.#waiting.filter((waiting) => {
      const { purses, amount } = waiting;
      const hopeless = hopelessPurse(purses, amount);
      if (hopeless !== undefined) {
        waiting.refuse(new LimitReached(hopeless, amount[hopeless.unit]));
        return false;
      }
      if (purses.some((purse) => contended.has(purse))) return true;
      const short = purses.filter((purse) => !purse.fits(amount[purse.unit]));
      for (const purse of short) contended.add(purse);
      if (short.length === 0) waiting.grant(new Reservation(purses, amount, this));
      return short.length > 0;
    });
  }
}

function hopelessPurse(purses: readonly Purse[], amount: Amount): Purse | undefined {
  return purses.find((purse) => !purse.canEver(amount[purse.unit]));
}

/** Of the one with the least left; warned is whoever has one that was. */
function stateOf(purses: readonly Purse[], unit: keyof Amount): LimitState | undefined {
  const ofUnit = purses.filter((purse) => purse.unit === unit);
  const [first, ...others] = ofUnit;
  if (first === undefined) return undefined;
  const tightest = others.reduce((best, purse) => (best.left <= purse.left ? best : purse), first);
  return Object.freeze({ ...tightest.state(), warned: ofUnit.some((purse) => purse.state().warned) });
}
