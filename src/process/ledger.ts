import type { JsonObject } from "../json.ts";
import type { Model } from "./model.ts";

/** The body of a request, or what makes it. */
export type Payload = JsonObject | (() => JsonObject);

/**
 * Says whether the money for a request is there. The order of an attempt is: guards answer, the ledger reserves, the
 * request leaves. One ledger serves a whole tree of processes.
 */
export interface Ledger {
  /** Sets aside the most that the request can cost. */
  reserve(model: Model, payload: Payload): Reservation | Promise<Reservation>;
}

export interface Reservation {
  /** Replaces what was set aside by what the request cost, in US dollars; undefined where that is not known. */
  settle(usdCost: number | undefined): void;
}

const granted: Reservation = Object.freeze({ settle() {} });

/** A ledger without a limit. */
export const openLedger: Ledger = Object.freeze({ reserve: () => granted });
