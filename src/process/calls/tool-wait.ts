import { Scope } from "../../dispatch/scope.ts";
import type { Then } from "../../events/thenable.ts";
import { whenSettled } from "../../events/thenable.ts";
import { messageOf } from "../../text/json-view.ts";
import type { ToolCall } from "../contract/model.ts";
import type { OpenTurn } from "../state/open-turn.ts";

/** Who hears what became of a tool. */
type Hear = (failed: boolean, value: unknown) => void;

/**
 * What a tool that is under way comes to. Its promise may never settle, and be held by anything for ever; so it holds
 * no more than the one who is to hear of it, and once nobody waits any more that is neither the call nor its run.
 */
export class ToolWait {
  /** Settles like the tool; rejects when its time is up. */
  readonly outcome: Promise<unknown>;
  readonly #link: { hear: Hear | undefined };
  readonly #reject: (reason: Error) => void;

  /** Of what a tool returned, whose `then` this is. */
  constructor(returned: unknown, then: Then) {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const link: { hear: Hear | undefined } = {
      hear(failed, value) {
        link.hear = undefined;
        if (failed) reject(value);
        else resolve(value);
      },
    };
    this.outcome = promise;
    this.#link = link;
    this.#reject = reject;
    connect(returned, then, link);
  }

  /** Its time is up. */
  expire(error: Error, late: Hear): void {
    this.giveUp(late);
    this.#reject(error);
  }

  /** Nobody waits any more: `late` hears what comes, if the tool has not settled by now. */
  giveUp(late: Hear): void {
    if (this.#link.hear !== undefined) this.#link.hear = late;
  }
}

/** Apart from the class, so that these handlers close over nothing else. */
function connect(returned: unknown, then: Then, link: { readonly hear: Hear | undefined }): void {
  whenSettled(
    returned,
    then,
    (value) => link.hear?.(false, value),
    (error) => link.hear?.(true, error),
  );
}

/**
 * Notes in the process's stderr log that a tool settled after its time, and that what it came to is dropped. A tool
 * that ends because its signal aborted does as it should: that is not noted, nor is anything of a closed process.
 */
export function lateNote({ process, run, scope }: OpenTurn, call: ToolCall, after: string, reason: unknown): Hear {
  const open = new WeakRef(process);
  const place = { runId: run.id, turn: scope.turn, callId: call.id };
  const { startMs } = scope;
  const { name } = call;
  const sinceMs = performance.now();
  // An error holds on to the functions that were running when it was made, and so to the call.
  const abortedBy = typeof reason === "object" && reason !== null ? new WeakRef(reason) : undefined;
  return (failed, value) => {
    const still = open.deref();
    if (still === undefined || still.closed || (failed && isAnswerTo(abortedBy?.deref(), value))) return;
    const delay = `${((performance.now() - sinceMs) / 1000).toFixed(1)} s after ${after}`;
    const what = failed ? `failed ${delay}: ${messageOf(value)}` : `returned ${delay}; its result was dropped.`;
    still.writeStderr(`The tool ${name} ${what}`, Scope.of(still.view, startMs, place));
  };
}

/** Whether an error is what a signal that aborted for `reason` makes of what listens to it. */
function isAnswerTo(reason: object | undefined, error: unknown): boolean {
  try {
    if (error instanceof Error && error.name === "AbortError") return true;
    return reason !== undefined && (error === reason || (error instanceof Error && error.cause === reason));
  } catch {
    return false;
  }
}
