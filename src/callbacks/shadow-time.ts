import type { CallbackOptions } from "../events/callback.ts";
import { CallbackTimeoutError } from "../events/callback-timeout-error.ts";
import type { EventInfo } from "../events/event-info.ts";
import type { ProcessView } from "../events/process-view.ts";

const DEFAULT_TIMEOUT_MS = 30_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * The time limit of a guard on trial, kept as a process keeps it: a handler that takes longer has its signal aborted,
 * and the guard hears nothing of that process until it settles.
 */
export class ShadowTime {
  readonly #guard: string;
  readonly #timeoutMs: number;
  readonly #stalled = new WeakSet<ProcessView>();

  constructor(guard: string, { timeoutMs = DEFAULT_TIMEOUT_MS }: CallbackOptions) {
    this.#guard = guard;
    this.#timeoutMs = timeoutMs;
  }

  /** What the shadow itself needs, so that it is never the one that is late. */
  get shadowTimeoutMs(): number {
    return 2 * this.#timeoutMs;
  }

  isStalled({ process }: EventInfo): boolean {
    return this.#stalled.has(process);
  }

  errorAt({ event }: EventInfo): CallbackTimeoutError {
    return new CallbackTimeoutError(this.#guard, event, this.#timeoutMs);
  }

  /** What the handler comes to; rejects with a `CallbackTimeoutError` when its time is up. */
  limit(later: PromiseLike<unknown>, info: EventInfo, controller: AbortController): Promise<unknown> {
    const { process } = info;
    return new Promise((resolve, reject) => {
      const expire = () => {
        const error = this.errorAt(info);
        this.#stalled.add(process);
        reject(error);
        controller.abort(error);
      };
      // The process waits for the shadow, or does not: this timer holds nobody.
      const timer = setTimeout(expire, Math.min(this.#timeoutMs, LONGEST_TIMER_MS)).unref();
      const settled = () => {
        clearTimeout(timer);
        this.#stalled.delete(process);
      };
      void Promise.resolve(later).finally(settled).then(resolve, reject);
    });
  }
}

/** The same info, but its signal aborts with `own`, too. */
export function infoWithSignal(info: EventInfo, own: AbortSignal): EventInfo {
  let signal: AbortSignal | undefined;
  return new Proxy(info, {
    get(target, key) {
      if (key === "signal") {
        signal ??= AbortSignal.any([target.signal, own]);
        return signal;
      }
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}
