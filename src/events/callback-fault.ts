import type { EventName } from "./callback-event.ts";

/** What went wrong in a callback: the argument of `callback_error`. */
export interface CallbackFault {
  /** The name of the callback at fault. */
  readonly callback: string;
  /** The event whose handler failed. */
  readonly event: EventName;
  readonly reason: "throw" | "timeout";
  /** What was thrown, as an `Error`; a `CallbackTimeoutError` where `reason` is `"timeout"`. */
  readonly error: Error;
  /** How many events this callback did not hear because of it. */
  readonly missed: number;
}
