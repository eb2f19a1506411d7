/**
 * The signal of one handler or one call: it follows the run's, and aborts for reasons of its own. It stops following
 * when nobody works under it any more, so that nothing is left at the run's signal.
 */
export class OwnSignal {
  readonly #controller = new AbortController();
  #unlink: (() => void) | undefined;

  /** With a `reason` it is aborted from the start; `released`: nobody works under it, so that it follows nothing. */
  constructor(followed: AbortSignal | undefined, { reason, released }: { reason: unknown; released: boolean }) {
    if (reason !== undefined) this.#controller.abort(reason);
    else if (followed?.aborted) this.#controller.abort(followed.reason);
    else if (followed !== undefined && !released) this.#follow(followed);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason);
    this.release();
  }

  release(): void {
    this.#unlink?.();
    this.#unlink = undefined;
  }

  #follow(followed: AbortSignal): void {
    const onAbort = () => this.#controller.abort(followed.reason);
    followed.addEventListener("abort", onAbort, { once: true });
    this.#unlink = () => followed.removeEventListener("abort", onAbort);
  }
}
