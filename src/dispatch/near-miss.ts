import type { EventName } from "../events/callback-event.ts";
import { EVENT_NAMES } from "../events/callback-event.ts";

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
  return heard === wanted || heard === `on${wanted}` || oneEditApart(name, event);
}

/** One letter too many, too few, wrong, or two neighbours swapped. */
function oneEditApart(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  let endA = a.length;
  let endB = b.length;
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) {
    endA--;
    endB--;
  }
  if (endA - start <= 1 && endB - start <= 1) return true;
  const swapped = endA - start === 2 && endB - start === 2;
  return swapped && a[start] === b[start + 1] && a[start + 1] === b[start];
}
