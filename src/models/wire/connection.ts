/**
 * One request's hold on the network: it lets go when the run is aborted, when nothing has come for too long, and
 * when it is closed, so that no socket stays open behind a failed request.
 */
export class Connection {
  readonly #run: AbortSignal;
  readonly #letGo: () => void;
  readonly #onAbort = (): void => this.#letGo();
  #timer: NodeJS.Timeout | undefined;
  #waitMs = Number.POSITIVE_INFINITY;
  /** Whether the vendor is to send something; what happens in between is not its delay. */
  #waiting = false;
  /** Whether signs of life count. */
  #renews = true;
  /** Counted, to see whether anything came in between. */
  #signs = 0;
  #isClosed = false;
  #timedOutAfterMs: number | undefined;

  /** `letGo` is called once or more, whatever became of the request. */
  constructor(run: AbortSignal, letGo: () => void) {
    this.#run = run;
    this.#letGo = letGo;
    run.addEventListener("abort", this.#onAbort, { once: true });
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
    this.#renews = true;
    this.#start(limitMs);
  }

  /** Whatever still comes, it is over within `limitMs`: no sign of life makes it longer. */
  endWithin(limitMs: number): void {
    this.#renews = false;
    this.#start(limitMs);
  }

  /** Bytes came that are nothing yet, or only say that the vendor is alive: the wait begins anew. */
  alive(): void {
    this.#signs++;
    if (this.#waiting && this.#renews) this.#timer?.refresh();
  }

  /** Something came: what happens until the next `waitFor` is not the vendor's delay. */
  received(): void {
    if (this.#renews) this.#waiting = false;
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#run.removeEventListener("abort", this.#onAbort);
    this.#letGo();
  }

  #start(limitMs: number): void {
    this.#waiting = true;
    this.#signs++;
    if (limitMs === this.#waitMs && this.#timer !== undefined) {
      this.#timer.refresh();
      return;
    }
    clearTimeout(this.#timer);
    this.#waitMs = limitMs;
    // A timer longer than this would fire at once.
    this.#timer = limitMs <= MAX_TIMER_MS ? setTimeout(() => this.#timeIsUp(), limitMs) : undefined;
  }

  /** Where this process was busy, what came meanwhile is looked at first: the vendor was not silent. */
  #timeIsUp(): void {
    const signs = this.#signs;
    setImmediate(() => {
      if (!this.#renews || signs === this.#signs) this.#giveUp();
    });
  }

  #giveUp(): void {
    if (!this.#waiting || this.#isClosed) return;
    this.#timedOutAfterMs = this.#waitMs;
    this.#letGo();
  }
}

const MAX_TIMER_MS = 2 ** 31 - 1;
