/** Something that must be over by a time on the monotonic clock. */
export interface Timed {
  readonly dueMs: number;
  /** Its time is up. It is not watched any more, unless it asks for it again. */
  expire(nowMs: number): void;
}

/** Sweeps are at least this far apart, so that many deadlines close together cost one. */
const SWEEP_GAP_MS = 20;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * The time limits of all handlers under way in a tree of processes: one timer for all of them. The timer holds the
 * event loop only while something is watched.
 */
export class Deadlines {
  readonly #watched = new Set<Timed>();
  #timer: NodeJS.Timeout | undefined;
  #timerDueMs = Number.POSITIVE_INFINITY;

  /** Watches it from now on; to be called again when its time has moved closer. */
  watch(timed: Timed, nowMs: number): void {
    this.#watched.add(timed);
    if (timed.dueMs < this.#timerDueMs) this.#arm(timed.dueMs, nowMs);
    else this.#timer?.ref();
  }

  forget(timed: Timed): void {
    this.#watched.delete(timed);
    if (this.#watched.size === 0) this.#timer?.unref();
  }

  /** Keeps no timer for nothing: to be called when a run or a process is over. */
  rest(): void {
    if (this.#watched.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerDueMs = Number.POSITIVE_INFINITY;
  }

  #arm(dueMs: number, nowMs: number): void {
    clearTimeout(this.#timer);
    this.#timerDueMs = dueMs;
    const delayMs = Math.min(Math.max(dueMs - nowMs, 0), LONGEST_TIMER_MS);
    this.#timer = setTimeout(() => this.#sweep(), Math.ceil(delayMs));
  }

  #sweep(): void {
    const nowMs = performance.now();
    this.#timer = undefined;
    this.#timerDueMs = Number.POSITIVE_INFINITY;
    let nextMs = Number.POSITIVE_INFINITY;
    for (const timed of [...this.#watched]) {
      if (timed.dueMs <= nowMs) {
        this.#watched.delete(timed);
        timed.expire(nowMs);
      } else if (timed.dueMs < nextMs) {
        nextMs = timed.dueMs;
      }
    }
    if (nextMs < this.#timerDueMs) this.#arm(Math.max(nextMs, nowMs + SWEEP_GAP_MS), nowMs);
  }
}
