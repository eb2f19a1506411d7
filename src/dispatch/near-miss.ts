import type { EventName } from "../events/callback-event.ts";
import { EVENT_NAMES } from "../events/callback-event.ts";
import { editDistance } from "../text/did-you-mean.ts";

export interface NearMiss {
  readonly name: string;
  readonly event: EventName;
}

/**
 * Methods of a callback whose names are one slip from an event's while the event itself has no method:
 * `toolStart`, `on_tool_start`, `onToolStart`, `tool_strat`.
 */
export function nearMisses(callback: object, present: ReadonlySet<EventName>): readonly NearMiss[] {
  const misses: NearMiss[] = [];
  for (const name of methodNames(callback)) {
    const event = EVENT_NAMES.find((candidate) => !present.has(candidate) && isSlip(name, candidate));
    if (event !== undefined && !EVENT_NAMES.some((known) => known === name)) misses.push({ name, event });
  }
  return misses;
}

/** Own and inherited methods, without running a getter. */
function methodNames(callback: object): Set<string> {
  const names = new Set<string>();
  for (
    let level: object | null = callback;
    level !== null && level !== Object.prototype;
    level = Object.getPrototypeOf(level)
  ) {
    for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(level))) {
      if (typeof property.value === "function" && name !== "constructor") names.add(name);
    }
  }
  return names;
}

function isSlip(name: string, event: EventName): boolean {
  const plain = (text: string) => text.toLowerCase().replaceAll(/[_-]/g, "");
  const wanted = plain(event);
  const heard = plain(name);
  return heard === wanted || heard === `on${wanted}` || editDistance(name, event) <= 1;
}
