import type { Decision } from "./decision.ts";
import type { Occurrence } from "./occurrence.ts";
import type { Listener } from "./registration.ts";

/** One event on its way to one handler that could not be served, or did not finish, at once. */
export interface Delivery {
  readonly listener: Listener;
  /** Pieces of text that wait for the same handler are joined. */
  occurrence: Occurrence;
  /** The handler's place in the order of registration. */
  readonly place: number;
  /** Of a before-event. */
  readonly decision: Decision | undefined;
  /** The handler's answer counts in the decision. */
  readonly guard: boolean;
}
