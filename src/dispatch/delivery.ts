import type { Ruling } from "./decision.ts";
import { Decision } from "./decision.ts";
import type { Occurrence } from "./occurrence.ts";
import type { Listener } from "./registration.ts";

/** One event on its way to one handler that could not be served, or did not finish, at once. */
export interface Delivery {
  readonly listener: Listener;
  /** Pieces of text that wait for the same handler are joined. */
  occurrence: Occurrence;
  /** The handler's place in the order of registration. */
  readonly place: number;
  /** Of a before-event: what its guards come to. */
  readonly decision: Decision | undefined;
  /** Where the handler's answer counts: a guard's in `decision`, that of one on trial in one of its own, else nowhere. */
  readonly answersTo: Decision | undefined;
}

/** Who is told what came of a handler on trial. */
export interface Tried {
  tried(delivery: Delivery, outcome: Ruling): void;
}

export function deliveryTo(
  listener: Listener,
  occurrence: Occurrence,
  place: number,
  decision: Decision | undefined,
  host: Tried,
): Delivery {
  const { mode } = listener.registration;
  if (decision === undefined || mode === "observer") {
    return { listener, occurrence, place, decision, answersTo: undefined };
  }
  if (mode === "guard") return { listener, occurrence, place, decision, answersTo: decision };
  const answersTo = new Decision((outcome) => host.tried(delivery, outcome));
  const delivery: Delivery = { listener, occurrence, place, decision, answersTo };
  return delivery;
}

/** What its handler comes to is reported, and nothing comes of it. */
export function isTried({ answersTo, decision }: Delivery): boolean {
  return answersTo !== undefined && answersTo !== decision;
}
