import type { CallbackOptions } from "../events/callback.ts";
import type { EventName, EventSpec } from "../events/callback-event.ts";
import { EVENT_NAMES } from "../events/callback-event.ts";
import type { Listener } from "./registration.ts";
import { Registration } from "./registration.ts";

/**
 * Who hears what, in order. Immutable: its identity is its version, so a process sees that nothing has changed by
 * comparing one reference, and processes with the same callbacks share one plan.
 */
export class Plan {
  static readonly empty = new Plan([]);

  readonly registrations: readonly Registration[];
  readonly #listeners: readonly (readonly Listener[] | undefined)[];
  readonly #extensions = new WeakMap<Registration, Plan>();
  readonly #reductions = new WeakMap<Registration, Plan>();
  #handedDown: Plan | undefined;

  private constructor(registrations: readonly Registration[]) {
    this.registrations = registrations;
    this.#listeners = EVENT_NAMES.map((_event, index) => {
      const listeners = registrations.flatMap((registration) => registration.listeners[index] ?? []);
      return listeners.length === 0 ? undefined : listeners;
    });
  }

  listeners(spec: EventSpec): readonly Listener[] | undefined {
    return this.#listeners[spec.index];
  }

  /** What the children of a process with this plan hear by inheritance. */
  get handedDown(): Plan {
    if (this.#handedDown === undefined) {
      const inherited = this.registrations.filter((registration) => registration.inherit);
      this.#handedDown = inherited.length === this.registrations.length ? this : new Plan(inherited);
    }
    return this.#handedDown;
  }

  has(registration: Registration): boolean {
    return this.registrations.some((one) => one.sameAs(registration));
  }

  /** With one more; the same plan where it is heard already: the outermost registration holds. */
  with(registration: Registration): Plan {
    if (this.has(registration)) return this;
    return remember(this.#extensions, registration, () => new Plan([...this.registrations, registration]));
  }

  without(registration: Registration): Plan {
    if (!this.has(registration)) return this;
    return remember(
      this.#reductions,
      registration,
      () => new Plan(this.registrations.filter((one) => !one.sameAs(registration))),
    );
  }
}

const registered = new WeakMap<object, Registration[]>();

/**
 * The registration of a callback, checked; the same one again where nothing about it has changed, so that plans
 * can be shared.
 * @throws LLMProcError `callback_invalid`
 */
export function register(callback: unknown, only: EventName | "*" | undefined, options: CallbackOptions): Registration {
  const key = callback as object;
  const known = isKey(callback) ? registered.get(callback) : undefined;
  const same = known?.find((registration) => registration.matches(only, options));
  if (same !== undefined) return same;
  const registration = new Registration(callback, only, options);
  registered.set(key, [...(known ?? []).filter((one) => one.only !== only), registration]);
  return registration;
}

function isKey(value: unknown): value is object {
  return typeof value === "function" || (typeof value === "object" && value !== null);
}

function remember<K extends object, V>(memory: WeakMap<K, V>, key: K, make: () => V): V {
  let value = memory.get(key);
  if (value === undefined) {
    value = make();
    memory.set(key, value);
  }
  return value;
}
