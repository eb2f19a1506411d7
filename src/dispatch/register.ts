import type { EventName } from "../events/callback-event.ts";
import { heldOptions } from "./callback-options.ts";
import { checkCallback, checkHandler } from "./check-callback.ts";
import type { Hearer } from "./registration.ts";
import { methodsOf, Registration } from "./registration.ts";

/** The last registration of each callback, by the event of an `on`. */
const registered = new WeakMap<object, Map<EventName | "*" | undefined, Registration>>();

/** The registration of a callback that hears every event, or has methods. @throws LLMProcError `callback_invalid` */
export function registerCallback(callback: unknown, options?: unknown): Registration {
  checkCallback(callback);
  return register(callback, undefined, options);
}

/** The registration of a handler of one event, or of all as records. @throws LLMProcError `callback_invalid` */
export function registerHandler(event: EventName | "*", handler: unknown, options?: unknown): Registration {
  checkHandler(event, handler);
  return register(handler, event, options);
}

/** The same one again where nothing about it has changed, so that plans can be shared. */
function register(callback: object, only: EventName | "*" | undefined, given: unknown): Registration {
  // What it carries is read once: a getter may say otherwise the next time.
  const options = heldOptions(callback, only, given);
  const methods = methodsOf(callback, only);
  const known = registered.get(callback);
  const last = known?.get(only);
  if (last?.matches(options, methods) === true) return last;
  const registration = new Registration(last?.hearer ?? Object.freeze({ callback, only }), options, methods);
  if (known === undefined) registered.set(callback, new Map([[only, registration]]));
  else known.set(only, registration);
  return registration;
}

/** All that was ever registered of a callback: as a whole, or as handlers of single events. */
export function hearersOf(callback: object): readonly Hearer[] {
  return Array.from(registered.get(callback)?.values() ?? [], ({ hearer }) => hearer);
}
