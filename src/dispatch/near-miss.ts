import type { EventName } from "../events/callback-event.ts";
import { EVENT_NAMES } from "../events/callback-event.ts";
import { editDistance } from "../text/did-you-mean.ts";

export interface NearMiss {
  readonly name: string;
  readonly event: EventName;
}

/**
 * Methods of a callback whose names nearly are an event's while the event itself has no method: `toolStart`,
 * `on_tool_start`, `tool_started`, `tool_strat`, `stderr`.
 */
export function nearMisses(callback: object, present: ReadonlySet<EventName>): readonly NearMiss[] {
  const absent = EVENT_NAMES.filter((event) => !present.has(event));
  const misses: NearMiss[] = [];
  for (const name of methodNames(callback)) {
    if (isEvent(name)) continue;
    const event = nearestEvent(name, absent);
    if (event !== undefined) misses.push({ name, event });
  }
  return misses;
}

/** The event that a name may have been meant for; undefined if none is near. */
export function nearestEvent(name: string, events: readonly EventName[] = EVENT_NAMES): EventName | undefined {
  if (name.length > 64) return undefined;
  const heard = wordsOf(name);
  const plain = heard.join("");
  const near = (event: EventName, distance: number) =>
    editDistance(name, event) <= distance || (plain.length > 4 && editDistance(plain, plainOf(event)) <= distance);
  return (
    events.find((event) => plain === plainOf(event)) ??
    events.find((event) => near(event, 1)) ??
    events.find((event) => flatForms(name).includes(plainOf(event))) ??
    onlyBeginning(heard, events)
  );
}

/** `ontoolstarted`, where nothing shows where a word ends. */
function flatForms(name: string): string[] {
  const flat = name.toLowerCase().replaceAll(/[^a-z\d]/g, "");
  const bare = [...PREFIXES].filter((prefix) => flat.startsWith(prefix)).map((prefix) => flat.slice(prefix.length));
  return [flat, ...bare].flatMap((form) => [form, form.replace(/(?:ed|ing|s)$/, "")]);
}

export function isEvent(name: unknown): name is EventName {
  return EVENT_NAMES.some((event) => event === name);
}

/** Of a name that lacks its end, `stderr`: the event, if there is only one that it could be the beginning of. */
function onlyBeginning(heard: readonly string[], events: readonly EventName[]): EventName | undefined {
  const [word, ...more] = heard;
  const begun = EVENT_NAMES.filter((event) => word !== undefined && event.split("_")[0] === word);
  const [event] = begun;
  if (more.length > 0 || begun.length !== 1 || event === undefined) return undefined;
  return events.includes(event) ? event : undefined;
}

function plainOf(event: EventName): string {
  return event.replaceAll("_", "");
}

/** `onToolStarted` says tool and start: its words as events would say them. */
function wordsOf(name: string): string[] {
  const words = name
    .replaceAll(/([a-z\d])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter((word) => word !== "");
  if (words.length > 1 && PREFIXES.has(words[0] ?? "")) words.shift();
  return words.map((word) => OTHER_FORMS[word] ?? word);
}

const PREFIXES: ReadonlySet<string> = new Set(["on", "handle", "before", "after"]);

/** What is said for a word of an event. */
const OTHER_FORMS: Readonly<Record<string, string | undefined>> = Object.assign(Object.create(null) as object, {
  started: "start",
  starts: "start",
  starting: "start",
  begin: "start",
  begins: "start",
  began: "start",
  begun: "start",
  ended: "end",
  ends: "end",
  ending: "end",
  finish: "end",
  finished: "end",
  complete: "end",
  completed: "end",
  done: "end",
  stop: "end",
  stopped: "end",
  requested: "request",
  responded: "response",
  errored: "error",
  failed: "error",
  failure: "error",
  wrote: "write",
  written: "write",
  chunk: "delta",
  piece: "delta",
  token: "delta",
});

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
