/**
 * One request's hold on the network: it lets go when the run is aborted, when nothing has come for too long, and
 * when it is closed, so that no socket stays open behind a failed request.
 */
export class Connection {
  readonly #run: AbortSignal;
  readonly #letGo: () => void;
  readonly #onAbort = (): void => this.#letGo();
  /** It is moved only to an earlier time: where signs of life come all the time, it looks now and then. */
  #timer: NodeJS.Timeout | undefined;
  #timerMs = Number.POSITIVE_INFINITY;
  #waitMs = Number.POSITIVE_INFINITY;
  /** When the wait is over; infinite while the vendor is not to send anything. */
  #endMs = Number.POSITIVE_INFINITY;
  /** Whether signs of life count. */
  #renews = true;
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
    if (this.#renews && this.#endMs < Number.POSITIVE_INFINITY) this.#endMs = performance.now() + this.#waitMs;
  }

  /** Something came: what happens until the next `waitFor` is not the vendor's delay. */
  received(): void {
    if (this.#renews) this.#endMs = Number.POSITIVE_INFINITY;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#endMs = Number.POSITIVE_INFINITY;
    this.#run.removeEventListener("abort", this.#onAbort);
    this.#letGo();
  }

  #start(limitMs: number): void {
    this.#waitMs = limitMs;
    this.#endMs = performance.now() + limitMs;
    if (this.#endMs < this.#timerMs) this.#setTimer(limitMs);
  }

  #setTimer(afterMs: number): void {
    clearTimeout(this.#timer);
    // A timer longer than this would fire at once.
    const ms = Math.min(Math.ceil(afterMs), MAX_TIMER_MS);
    this.#timerMs = performance.now() + ms;
    this.#timer = setTimeout(() => this.#look(), ms);
  }

  /** Where this process was busy, what came meanwhile is looked at first: then the vendor was not silent. */
  #look(): void {
    this.#timerMs = Number.POSITIVE_INFINITY;
    if (this.#endMs <= performance.now()) setImmediate(() => this.#giveUp());
    else if (this.#endMs < Number.POSITIVE_INFINITY) this.#setTimer(this.#endMs - performance.now());
  }

  #giveUp(): void {
    if (this.#endMs > performance.now()) {
      this.#look();
      return;
    }
    this.#timedOutAfterMs = this.#waitMs;
    this.#letGo();
  }
}

const MAX_TIMER_MS = 2 ** 31 - 1;
