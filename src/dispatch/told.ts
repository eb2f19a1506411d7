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
  told: readonly [scope: Scope, facts: Facts | undefined, a: unknown, b?: unknown, c?: unknown],
): Occurrence {
  // By their places: taking a list apart costs more.
  return new Occurrence(spec, told[0], seq, atMs, told[2], told[3], told[4], told[1]);
}
