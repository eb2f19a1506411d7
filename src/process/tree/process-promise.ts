import { registerCallback, registerHandler } from "../../dispatch/register.ts";
import type { Registration } from "../../dispatch/registration.ts";
import type { AddCallback, CallbackOptions, Off, On } from "../../events/callback.ts";
import type { EventName } from "../../events/callback-event.ts";

/** What a starting process takes over: the callbacks that were added before it was there. */
export interface Startable {
  add(registration: Registration): void;
  /** Returns what undoes it. */
  listen(registration: Registration): () => void;
}

/**
 * A process that is about to start. It starts on the next microtask, so a callback chained before the `await` hears
 * everything. (Specification, "Registering Callbacks": `await program.start().add_callback(my_callback)`.)
 */
export class ProcessPromise<P> implements PromiseLike<P> {
  readonly #process: Promise<P>;
  /** What to do with the process once it is there. */
  #waiting = new Set<(process: Startable) => void>();
  #started: Startable | undefined;

  /** `start` makes the process and takes the callbacks; `adopt` is to be called with it before its first event. */
  constructor(start: (adopt: (process: Startable) => void) => Promise<P>) {
    this.#process = Promise.resolve().then(() => start((process) => this.#adopt(process)));
  }

  #adopt(process: Startable): void {
    this.#started = process;
    for (const register of this.#waiting) register(process);
    this.#waiting.clear();
  }

  /** As on the process. @throws LLMProcError `callback_invalid` */
  readonly addCallback: AddCallback<this> = (callback: unknown, options?: CallbackOptions) => {
    const registration = registerCallback(callback, options);
    this.#do((process) => process.add(registration));
    return this;
  };

  /** As on the process. @throws LLMProcError `callback_invalid` */
  readonly on: On = (event: EventName | "*", handler: unknown, options?: CallbackOptions): Off => {
    const registration = registerHandler(event, handler, options);
    let undo: (() => void) | undefined;
    const listen = (process: Startable) => {
      undo = process.listen(registration);
    };
    this.#do(listen);
    const off = () => {
      this.#waiting.delete(listen);
      undo?.();
    };
    return Object.assign(off, { [Symbol.dispose]: off });
  };

  #do(register: (process: Startable) => void): void {
    if (this.#started === undefined) this.#waiting.add(register);
    else register(this.#started);
  }

  then<A = P, B = never>(
    fulfilled?: ((process: P) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#process.then(fulfilled, rejected);
  }

  catch<B = never>(rejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<P | B> {
    return this.#process.catch(rejected);
  }

  finally(settled?: (() => void) | null): Promise<P> {
    return this.#process.finally(settled);
  }
}
