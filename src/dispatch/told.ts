import type { CallbackEvents, EventName, EventSpec } from "../events/callback-event.ts";
import type { Facts } from "../events/facts.ts";
import { Occurrence } from "./occurrence.ts";
import type { Scope } from "./scope.ts";

/** An argument of an event, by its place. */
export type Arg<E extends EventName, I extends string> = CallbackEvents[E] extends Record<I, infer V> ? V : undefined;

/** What an event belongs to, what it says beyond its arguments, and those in order. */
export type Told<E extends EventName> = readonly [
  scope: Scope,
  facts: Facts | undefined,
  a: Arg<E, "0">,
  b?: Arg<E, "1">,
  c?: Arg<E, "2">,
];

export type Tell<E extends EventName, Of> = (of: Of, atMs: number) => Told<E>;

/** An event as whoever raises it tells it. */
export function occurrenceOf(
  spec: EventSpec,
  seq: number,
  atMs: number,
  [scope, facts, a, b, c]: readonly [scope: Scope, facts: Facts | undefined, a: unknown, b?: unknown, c?: unknown],
): Occurrence {
  return new Occurrence(spec, scope, seq, atMs, a, b, c, facts);
}
