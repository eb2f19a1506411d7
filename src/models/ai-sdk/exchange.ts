import { ModelError } from "../../process/model.ts";

/**
 * One attempt, from the call of the model object to the last part of the reply. Whatever ends it early, an abort of
 * the run, a refusal, silence, does so at once and lets go of the network, also where the package pays no attention.
 */
export class Exchange {
  /** What came first of all that ended it early. */
  failure: { readonly error: unknown } | undefined;
  /** Texts of the request that nobody may read in an error. */
  secrets: readonly string[] = [];
  readonly #provider: string;
  readonly #run: AbortSignal;
  readonly #controller = new AbortController();
  readonly #onAbort = (): void => this.fail(this.#run.reason);
  #reject: ((error: unknown) => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #waitMs = Number.POSITIVE_INFINITY;
  #waiting = false;

  constructor(provider: string, run: AbortSignal) {
    this.#provider = provider;
    this.#run = run;
    run.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** For the request: aborts when the exchange is closed, so that no socket stays open behind it. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Settles as `work` does, or rejects as soon as the exchange has failed. One at a time. */
  race<T>(work: PromiseLike<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#reject = reject;
      work.then(resolve, reject);
      if (this.failure !== undefined) reject(this.failure.error);
    });
  }

  fail(error: unknown): void {
    if (this.failure !== undefined) return;
    this.failure = { error };
    this.#reject?.(error);
  }

  /** From now on the provider is to send something within `limitMs`. */
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

  /** What happens until the next `waitFor` is not the provider's delay. */
  received(): void {
    this.#waiting = false;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#run.removeEventListener("abort", this.#onAbort);
    this.#reject = undefined;
    this.#controller.abort();
  }

  #giveUp(): void {
    if (!this.#waiting) return;
    this.fail(new ModelError(`${this.#provider} sent nothing for ${this.#waitMs / 1000} s.`, { connection: true }));
  }
}

const MAX_TIMER_MS = 2 ** 31 - 1;
