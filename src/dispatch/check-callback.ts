import { describe, describeGiven } from "../errors.ts";
import type { EventName } from "../events/callback-event.ts";
import { EVENT_NAMES } from "../events/callback-event.ts";
import { makesCallbacks } from "../events/callback-factory.ts";
import { isGeneratorFunction } from "../events/generator-function.ts";
import { isClass } from "../events/is-class.ts";
import { invalidCallback, nameOf } from "./callback-options.ts";
import { isEvent, nearestEvent, nearMisses } from "./near-miss.ts";

const A_CALLBACK = "A callback must be a function or an object with methods named after events";

/** @throws LLMProcError `callback_invalid` if it is no callback */
export function checkCallback(callback: unknown): asserts callback is object {
  if (typeof callback !== "function" && (typeof callback !== "object" || callback === null)) {
    const hint = isEvent(callback) ? ` Hear one event with on("${callback}", handler).` : "";
    throw invalidCallback(`${A_CALLBACK}, not ${describe(callback)}.${hint}`);
  }
  if (isClass(callback))
    throw invalidCallback(`${titleOf(callback)} is a class: give an instance, new ${callback.name}().`);
  refuseFactory(callback);
}

/** @throws LLMProcError `callback_invalid` if there is no such event, or the handler is no function */
export function checkHandler(event: unknown, handler: unknown): asserts handler is object {
  if (event !== "*" && !isEvent(event))
    throw invalidCallback(`on() was given ${quoted(event)}, which is no event. ${meant(event)}`);
  if (typeof handler !== "function") {
    throw invalidCallback(`on("${event}") takes a function that hears the event, not ${describe(handler)}.`);
  }
  if (isClass(handler)) throw invalidCallback(`${titleOf(handler)} is a class: give a function.`);
  refuseFactory(handler);
}

function titleOf(callback: object): string {
  return "name" in callback && callback.name === "" ? "The callback" : nameOf(callback);
}

function quoted(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : describe(value);
}

function meant(event: unknown): string {
  const near = typeof event === "string" ? nearestEvent(event) : undefined;
  return near === undefined ? `There are ${EVENT_NAMES.join(", ")}, and "*" for all.` : `Did you mean "${near}"?`;
}

function refuseFactory(callback: object): void {
  if (!makesCallbacks(callback)) return;
  const name = nameOf(callback);
  throw invalidCallback(`${name} is no callback, it makes one: call it, as in addCallback(${name}()).`);
}

/** @throws LLMProcError `callback_invalid` for handlers that would hear nothing when they are called */
export function refuseUncallable(name: string, handlers: readonly unknown[]): void {
  if (handlers.some(isClass)) throw invalidCallback(`Callback ${name} has a class for a handler: make it a function.`);
  if (!handlers.some(isGeneratorFunction)) return;
  throw invalidCallback(
    `Callback ${name} has a generator function for a handler, which would hear nothing: make it a plain or async function.`,
  );
}

/**
 * A guard whose handler is no function would let everything pass. `undefined` is a method left out.
 * @throws LLMProcError `callback_invalid` for an object that hears nothing, or not what it seems to want to hear
 */
export function refuseTheDeaf(callback: object, methods: readonly unknown[], allowUnknown: boolean): void {
  const uncallable = methods.findIndex((method) => method !== undefined && typeof method !== "function");
  if (uncallable >= 0) {
    throw invalidCallback(
      `The ${EVENT_NAMES[uncallable]} of callback ${nameOf(callback)} must be a function that hears the event, ` +
        `not ${describeGiven(methods[uncallable])}. A property that is no handler needs a name that is no event's.`,
    );
  }
  const present = new Set<EventName>(EVENT_NAMES.filter((_event, index) => typeof methods[index] === "function"));
  const [miss] = allowUnknown ? [] : nearMisses(callback, present);
  if (miss !== undefined) {
    throw invalidCallback(
      `Callback ${nameOf(callback)} has a method ${miss.name}, which is no event: did you mean ${miss.event}? ` +
        "(Pass { allowUnknown: true } if the name is meant.)",
    );
  }
  if (present.size === 0) {
    throw invalidCallback(
      `Callback ${nameOf(callback)} can hear nothing: it has no method named after an event (${EVENT_NAMES.join(", ")}).`,
    );
  }
}

/** May throw: it is somebody's object. */
export function looksLikeCallback(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return EVENT_NAMES.some((event) => typeof Reflect.get(value, event) === "function");
}
