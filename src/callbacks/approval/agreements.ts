import type { EventInfo } from "../../events/event-info.ts";
import type { ProcessView } from "../../events/process-view.ts";
import type { Floor } from "../console/floor.ts";

/**
 * The calls under way that a person has said yes to: two callbacks that want the same call approved on the same
 * terminal, that of a program and that of one which starts it, ask once.
 */
export class Agreements {
  readonly #byProcess = new WeakMap<ProcessView, Map<string, object>>();

  /** Those of the person at a terminal. */
  static at(floor: Floor): Agreements {
    let agreements = known.get(floor);
    if (agreements === undefined) {
      agreements = new Agreements();
      known.set(floor, agreements);
    }
    return agreements;
  }

  /** `by` has asked. */
  add(toolName: string, info: EventInfo, by: object): void {
    const calls = this.#byProcess.get(info.process) ?? new Map<string, object>();
    this.#byProcess.set(info.process, calls.set(keyOf(toolName, info), by));
  }

  /** Whether somebody else has asked. (Oneself asks about each call: ids of calls may come twice.) */
  has(toolName: string, info: EventInfo, but: object): boolean {
    const by = this.#byProcess.get(info.process)?.get(keyOf(toolName, info));
    return by !== undefined && by !== but;
  }

  /** The call is over. */
  delete(toolName: string, info: EventInfo): void {
    this.#byProcess.get(info.process)?.delete(keyOf(toolName, info));
  }
}

const known = new WeakMap<Floor, Agreements>();

function keyOf(toolName: string, { runId, turn, callId }: EventInfo): string {
  return JSON.stringify([runId, turn, callId, toolName]);
}
