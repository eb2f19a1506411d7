import type { EventInfo, EventName, LLMProcess } from "llmproc";
import type { Form } from "./cell.ts";
import { EVENTS } from "./cell.ts";

/** What a handler tried to change and could; and how much it tried. */
export interface Damage {
  readonly done: Set<string>;
  readonly heard: Set<EventName>;
  tried: number;
}

/** A callback in the given form that tries to change everything it is given, at every depth, in every event. */
export function addVandal(proc: LLMProcess, form: Form): Damage {
  const damage: Damage = { done: new Set(), heard: new Set(), tried: 0 };
  const hear = (given: readonly unknown[]) => {
    const { event } = given.at(-1) as EventInfo;
    damage.heard.add(event);
    given.forEach((value, place) => {
      vandalise(value, `${event}[${place}]`, damage, new Set());
    });
  };
  if (form === "on(event)") {
    for (const event of EVENTS) proc.on(event, (...given: unknown[]) => hear(given));
  } else if (form === 'on("*")') {
    proc.on("*", (...given) => hear(given));
  } else if (form === "function") {
    proc.addCallback((...given: unknown[]) => hear(given));
  } else {
    proc.addCallback(Object.fromEntries(EVENTS.map((event) => [event, (...given: unknown[]) => hear(given)])));
  }
  return damage;
}

/** Things that are not ours: the thrower's error, the platform's signal. */
function isForeign(value: object): boolean {
  return value instanceof Error || value instanceof AbortSignal;
}

function vandalise(value: unknown, path: string, damage: Damage, seen: Set<object>): void {
  if (typeof value !== "object" || value === null || seen.has(value) || isForeign(value)) return;
  seen.add(value);
  for (const key of keysOf(value)) {
    const inside: unknown = Reflect.get(value, key);
    overwrite(value, key, `${path}.${String(key)}`, damage);
    vandalise(inside, `${path}.${String(key)}`, damage, seen);
  }
  const isOurs = isInstance(value);
  // A property that nobody reads may be put on a process or an info; data is shut.
  if (!isOurs) overwrite(value, "vandal", `${path}.vandal`, damage);
  if (Array.isArray(value)) shuffle(value, path, damage);
  if (!isOurs && Reflect.setPrototypeOf(value, {})) damage.done.add(`${path}.__proto__`);
}

function overwrite(value: object, key: PropertyKey, path: string, damage: Damage): void {
  damage.tried++;
  const had = Object.hasOwn(value, key);
  const other = key === "length" ? 0 : "vandalised";
  if (Reflect.set(value, key, other) && Object.getOwnPropertyDescriptor(value, key)?.value === other) {
    if (!Array.isArray(value) || value.length > 0) damage.done.add(path);
  }
  if (had && Reflect.deleteProperty(value, key)) damage.done.add(`delete ${path}`);
  if (!isInstance(value) && key !== "length" && Reflect.defineProperty(value, key, { value: other })) {
    damage.done.add(`define ${path}`);
  }
}

function shuffle(list: unknown[], path: string, damage: Damage): void {
  for (const method of ["push", "pop", "shift", "reverse", "splice"] as const) {
    const before = Array.from(list);
    damage.tried++;
    try {
      Reflect.apply(Array.prototype[method], list, [0, 1]);
    } catch {
      continue;
    }
    if (list.length !== before.length || before.some((item, place) => item !== list[place])) {
      damage.done.add(`${path}.${method}()`);
    }
  }
}

/** A process or an info, not plain data. */
function isInstance(value: object): boolean {
  return !Array.isArray(value) && isInstanceLevel(value) && isInstanceLevel(Object.getPrototypeOf(value));
}

/** Its own keys; for a process or an info also those of its class: getters and methods. */
function keysOf(value: object): PropertyKey[] {
  const keys = new Set<PropertyKey>(Reflect.ownKeys(value));
  for (let level: unknown = value; isInstanceLevel(level); level = Object.getPrototypeOf(level)) {
    for (const key of Reflect.ownKeys(level)) keys.add(key);
  }
  keys.delete("constructor");
  return [...keys];
}

function isInstanceLevel(level: unknown): level is object {
  if (typeof level !== "object" || level === null || Array.isArray(level)) return false;
  return level !== Object.prototype && level !== Array.prototype;
}
