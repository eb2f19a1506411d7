import type { CallbackTimeoutError } from "../events/callback-timeout-error.ts";
import type { Delivery } from "./delivery.ts";
import type { LaneHost } from "./lane.ts";
import { Lane } from "./lane.ts";

/** How long a drain waits for a callback whose handlers have no time limit of their own. */
const DRAIN_MS = 30_000;
/** How long a guard has to notice its signal once the run was aborted. */
const GIVE_UP_MS = 100;

export interface DrainOptions {
  /** @default `Infinity` */
  readonly limitMs?: number;
  /** Guards of an aborted run are not waited for. @default false */
  readonly aborted?: boolean;
  /** Also for callbacks that work in the background. @default false */
  readonly background?: boolean;
}

interface Drain {
  readonly sinceMs: number;
  readonly limitMs: number;
  readonly background: boolean;
}

type Missed = (delivery: Delivery, error: CallbackTimeoutError, missed: number) => void;

/** The callbacks of one process that work asynchronously, and those who wait for them. */
export class Lanes {
  /** Undefined while no handler works asynchronously: the common case tests one field. */
  active: Map<object, Lane> | undefined;
  #waiters: (() => void)[] = [];
  #drain: Drain | undefined;

  open(host: LaneHost, callback: object): Lane {
    const lane = new Lane(host, callback);
    this.active ??= new Map();
    this.active.set(callback, lane);
    return lane;
  }

  /** Something to wait for while a callback has too many events waiting; undefined if there is room. */
  room(): Promise<void> | undefined {
    if (this.active === undefined || !this.#some((lane) => lane.full)) return undefined;
    return this.#change().then(() => this.room());
  }

  /**
   * Settles when every callback has heard every event so far, or has had its time: one `timeoutMs` in all, at most
   * `limitMs`. `missed` is told what went past those that are stalled.
   */
  async drain(
    { limitMs = Number.POSITIVE_INFINITY, aborted = false, background = false }: DrainOptions,
    missed: Missed,
  ) {
    if (this.active === undefined) return;
    const isWaitedFor = (lane: Lane) => background || lane.isAwaited;
    const sinceMs = performance.now();
    this.#drain = { sinceMs, limitMs, background };
    for (const lane of this.active.values()) {
      if (!isWaitedFor(lane)) continue;
      lane.limit(this.drainDueMs(lane.timeoutMs, background), sinceMs);
      if (aborted) lane.giveUpGuard(sinceMs + GIVE_UP_MS, sinceMs);
    }
    const isAtWork = (lane: Lane) => !lane.stalled && isWaitedFor(lane);
    while (this.#some(isAtWork)) await this.#change();
    for (const lane of this.active?.values() ?? []) {
      const went = isWaitedFor(lane) ? lane.takeMissed() : undefined;
      if (went !== undefined) missed(went.delivery, went.error, went.missed);
    }
    while (this.#some(isAtWork)) await this.#change();
    this.#drain = undefined;
  }

  /** Settles when all events so far were heard, however long that takes: false where one that is stalled missed some. */
  async heard(): Promise<boolean> {
    const heard = await Promise.all(Array.from(this.active?.values() ?? [], (lane) => lane.heard()));
    return heard.every(Boolean);
  }

  /** When a handler that begins now must be done, because the process waits for it. */
  drainDueMs(timeoutMs: number, background: boolean): number {
    if (this.#drain === undefined || (background && !this.#drain.background)) return Number.POSITIVE_INFINITY;
    const ownMs = timeoutMs === Number.POSITIVE_INFINITY ? DRAIN_MS : timeoutMs;
    return this.#drain.sinceMs + Math.min(ownMs, this.#drain.limitMs);
  }

  changed(lane: Lane): void {
    if (lane.idle && this.active?.delete(lane.callback) && this.active.size === 0) this.active = undefined;
    if (this.#waiters.length === 0) return;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  #some(is: (lane: Lane) => boolean): boolean {
    for (const lane of this.active?.values() ?? []) if (is(lane)) return true;
    return false;
  }
}
