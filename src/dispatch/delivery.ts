import type { EventSpec } from "../events/callback-event.ts";
import type { Decision } from "./decision.ts";
import type { Listener } from "./registration.ts";
import type { Scope } from "./scope.ts";

/** One event on its way to one handler that could not be served, or did not finish, at once. */
export interface Delivery {
  readonly listener: Listener;
  readonly spec: EventSpec;
  readonly scope: Scope;
  /** The last piece's, where pieces of text were joined. */
  seq: number;
  atMs: number;
  a: unknown;
  readonly b: unknown;
  readonly c: unknown;
  /** The handler's place in the order of registration. */
  readonly place: number;
  /** Of a before-event. */
  readonly decision: Decision | undefined;
  /** The handler's answer counts in the decision. */
  readonly guard: boolean;
}
