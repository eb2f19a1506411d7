import type { CallbackEvents, EventName, EventSpec } from "../events/callback-event.ts";
import type { Facts } from "../events/facts.ts";
import { Occurrence } from "./occurrence.ts";
import type { Scope } from "./scope.ts";

/** An argument of an event, by its place. */
export type Arg<E extends EventName, I extends string> = CallbackEvents[E] extends Record<I, infer V> ? V : undefined;

/** Says what happened; called only if somebody hears it. */
export type Tell<Of> = (of: Of, atMs: number) => Occurrence;

/** An event as whoever raises it tells it: what it belongs to, what it says beyond its arguments, and those in order. */
export function told<E extends EventName>(
  spec: EventSpec<E>,
  scope: Scope,
  facts: Facts | undefined,
  a: Arg<E, "0">,
  b?: Arg<E, "1">,
  c?: Arg<E, "2">,
): Occurrence {
  return new Occurrence(spec, scope, facts, a, b, c);
}
