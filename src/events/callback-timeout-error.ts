import { LLMProcError } from "../errors.ts";
import type { EventName } from "./callback-event.ts";

/** A handler did not settle in time. A guard that takes too long counts as one that refused. */
export class CallbackTimeoutError extends LLMProcError {
  readonly callback: string;
  readonly event: EventName;
  readonly timeoutMs: number;

  /** `isBusy`: it was not called at all, for it had not settled an earlier event by then. */
  constructor(callback: string, event: EventName, timeoutMs: number, isBusy = false) {
    const what = isBusy
      ? `was still busy with an earlier event when its answer to ${event} was due, after ${timeoutMs} ms`
      : `did not settle its ${event} handler within ${timeoutMs} ms`;
    super(
      "callback_timeout",
      `Callback ${callback} ${what}. ` +
        "Let the handler settle (info.signal tells when to give up), or register it with a longer timeoutMs.",
    );
    this.callback = callback;
    this.event = event;
    this.timeoutMs = timeoutMs;
  }
}
