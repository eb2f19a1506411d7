import { Connection } from "../wire/connection.ts";

/**
 * One attempt, from the call of the model object to the last part of the reply. Whatever ends it early, an abort of
 * the run, a refusal, silence, does so at once, also where the package pays no attention.
 */
export class Exchange {
  readonly connection: Connection;
  readonly #controller = new AbortController();
  /** What came first of all that ended it early. */
  failure: { readonly error: unknown } | undefined;
  #reject: ((error: unknown) => void) | undefined;

  /** @param toSilence the error for a vendor that has said nothing for so many milliseconds */
  constructor(run: AbortSignal, toSilence: (afterMs: number) => Error) {
    this.connection = new Connection(run, () => this.#controller.abort());
    this.signal.addEventListener("abort", () => this.#letGo(toSilence), { once: true });
  }

  /** For the request: aborts when the exchange ends, however it ends. */
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

  #letGo(toSilence: (afterMs: number) => Error): void {
    const { runIsAborted, abortReason, timedOutAfterMs } = this.connection;
    if (runIsAborted) this.fail(abortReason);
    else if (timedOutAfterMs !== undefined) this.fail(toSilence(timedOutAfterMs));
  }
}
