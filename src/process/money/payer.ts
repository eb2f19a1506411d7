import type { RequestBill } from "../../events/bill.ts";
import type { CountedRequest } from "../contract/model.ts";
import type { ProcessProgram } from "../contract/process-program.ts";

/** The body of a request, or what makes it. */
export type Payload = CountedRequest["payload"] | (() => CountedRequest["payload"]);

/** Makes it anew each time where it comes as a function. */
export function bodyOf(payload: Payload): CountedRequest["payload"] {
  return typeof payload === "function" ? payload() : payload;
}

/** A request that the provider has counted. */
export interface CountedSource extends Omit<CountedRequest, "payload"> {
  readonly payload: Payload;
}

/** Whose requests are paid for. */
export interface Payer {
  readonly program: ProcessProgram;
  /** The last request that the provider has counted. */
  counted(): CountedRequest | undefined;
  /** Undefined if the provider did not say, or said what cannot be. */
  noteCounted(counted: CountedSource | undefined): void;
  countBill(bill: RequestBill): void;
}

/** What waits for its turn to spend, unless it is to end. */
export interface Spender {
  /** @throws RunEnd if it is stopped or aborted first */
  unlessStopped<T>(promise: PromiseLike<T>): Promise<T>;
}
