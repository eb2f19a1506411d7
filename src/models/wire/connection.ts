/**
 * One request's hold on the network: it lets go when the run is aborted, when nothing has come for too long, and
 * when it is closed, so that no socket stays open behind a failed request.
 */
export class Connection {
  readonly controller = new AbortController();
  readonly #run: AbortSignal;
  readonly #letGo = (): void => this.controller.abort();
  #timer: NodeJS.Timeout | undefined;
  #waitMs = Number.POSITIVE_INFINITY;
  #waiting = false;
  #timedOutAfterMs: number | undefined;

  constructor(run: AbortSignal) {
    this.#run = run;
    run.addEventListener("abort", this.#letGo, { once: true });
  }

  get runIsAborted(): boolean {
    return this.#run.aborted;
  }

  /** What the run was aborted with. */
  get abortReason(): unknown {
    return this.#run.reason;
  }

  /** How long nothing had come when the wait was given up, in milliseconds; undefined if it was not. */
  get timedOutAfterMs(): number | undefined {
    return this.#timedOutAfterMs;
  }

  /** From now on the vendor is to send something within `limitMs`. */
  waitFor(limitMs: number): void {
    this.#waiting = true;
    if (limitMs === this.#waitMs && this.#timer !== undefined) {
      this.#timer.refresh();
      return;
    }
    clearTimeout(this.#timer);
    this.#waitMs = limitMs;
    // A timer longer than this would fire at once.
    this.#timer = limitMs <= MAX_TIMER_MS ? setTimeout(() => this.#giveUp(), limitMs) : undefined;
  }

  /** Bytes came that are nothing yet, or only say that the vendor is alive: the wait begins anew. */
  alive(): void {
    if (this.#waiting) this.#timer?.refresh();
  }

  /** Something came: what happens until the next `waitFor` is not the vendor's delay. */
  received(): void {
    this.#waiting = false;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#run.removeEventListener("abort", this.#letGo);
    this.controller.abort();
  }

  #giveUp(): void {
    if (!this.#waiting) return;
    this.#timedOutAfterMs = this.#waitMs;
    this.controller.abort();
  }
}

const MAX_TIMER_MS = 2 ** 31 - 1;
