import { describe, LLMProcError } from "../errors.ts";
import type { CallbackOptions } from "../events/callback.ts";
import type { EventName, EventSpec } from "../events/callback-event.ts";
import { EVENT_NAMES, EVENTS } from "../events/callback-event.ts";
import { isGeneratorFunction } from "../events/generator-function.ts";
import { isClass } from "../events/is-class.ts";
import type { Info } from "./info.ts";
import { nearMisses } from "./near-miss.ts";

/** Calls one handler with an event's arguments, `info` last. */
type Invoke = (a: unknown, b: unknown, c: unknown, info: Info) => unknown;

/** One handler of one event. */
export interface Listener {
  readonly registration: Registration;
  readonly invoke: Invoke;
}

const DEFAULT_TIMEOUT_MS = 30_000;

/** A callback with its options, checked once; `only` is the event of an `on`. */
export class Registration {
  readonly callback: object;
  readonly only: EventName | "*" | undefined;
  readonly name: string;
  readonly observe: boolean;
  readonly inherit: boolean;
  readonly timeoutMs: number;
  /** Its handler of each event, by the event's index. */
  readonly listeners: readonly (Listener | undefined)[];
  /** Events whose faults nobody heard and Node was told of. */
  readonly warned = new Set<string>();
  readonly #given: CallbackOptions;
  readonly #methods: readonly unknown[];

  /** @throws LLMProcError `callback_invalid` if it could never hear an event */
  constructor(callback: unknown, only: EventName | "*" | undefined, given: CallbackOptions) {
    if (!isObject(callback)) {
      throw invalid(
        `A callback must be a function or an object with methods named after events, not ${describe(callback)}.`,
      );
    }
    refuseClass(callback, only);
    const options = { ...carriedOptions(callback, only), ...given };
    this.callback = callback;
    this.only = only;
    this.name = options.name ?? nameOf(callback);
    this.observe = options.observe ?? false;
    this.inherit = options.inherit ?? true;
    this.timeoutMs = checkTimeout(options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    this.#given = given;
    this.#methods = methodsOf(callback, only);
    refuseUncallable(this.name, [callback, ...this.#methods]);
    this.listeners = EVENT_NAMES.map((event, index) => {
      const invoke = invokerOf(callback, only, EVENTS[event], this.#methods[index]);
      return invoke && Object.freeze({ registration: this, invoke });
    });
    if (typeof callback === "object") refuseTheDeaf(callback, this.#methods, options.allowUnknown ?? false);
  }

  /** It is of the same callback: the two are one registration wherever they meet. */
  sameAs(other: Registration): boolean {
    return this.callback === other.callback && this.only === other.only;
  }

  /** Registering the same again with the same options would give just this one. */
  matches(only: EventName | "*" | undefined, given: CallbackOptions): boolean {
    if (only !== this.only) return false;
    const keys = ["name", "observe", "inherit", "timeoutMs", "allowUnknown"] as const;
    if (!keys.every((key) => given[key] === this.#given[key])) return false;
    return methodsOf(this.callback, only).every((method, index) => method === this.#methods[index]);
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "function" || (typeof value === "object" && value !== null);
}

function carriedOptions(callback: object, only: unknown): CallbackOptions {
  if (only !== undefined) return {};
  const carried: unknown = Reflect.get(callback, "callbackOptions");
  return isObject(carried) ? carried : {};
}

function checkTimeout(timeoutMs: number): number {
  if (typeof timeoutMs === "number" && timeoutMs > 0) return timeoutMs;
  throw invalid(`timeoutMs must be a number of milliseconds above 0, or Infinity, not ${describe(timeoutMs)}.`);
}

function nameOf(callback: object): string {
  const name: unknown = typeof callback === "function" ? callback.name : callback.constructor?.name;
  return typeof name === "string" && name !== "" && name !== "Object" ? name : "callback";
}

/** The methods of an object by event; nothing for a function, which hears by being called. */
function methodsOf(callback: object, only: unknown): readonly unknown[] {
  if (typeof callback === "function" || only !== undefined) return [];
  return EVENT_NAMES.map((event) => Reflect.get(callback, event));
}

function invokerOf(callback: object, only: unknown, spec: EventSpec, method: unknown): Invoke | undefined {
  if (typeof callback === "object") {
    return typeof method === "function" ? asMethod(callback, method as Plain, spec.args.length) : undefined;
  }
  if (only === "*") return (a, b, c, info) => Reflect.apply(callback, undefined, [info.recordOf([a, b, c]), info]);
  if (only === undefined) return asFunction(callback as Plain, spec.event, spec.args.length);
  return only === spec.event ? asMethod(undefined, callback as Plain, spec.args.length) : undefined;
}

type Plain = (...args: unknown[]) => unknown;

function asMethod(self: object | undefined, given: Plain, arity: number): Invoke {
  const method = callable(given);
  if (arity === 1) return (a, _b, _c, info) => method.call(self, a, info);
  if (arity === 2) return (a, b, _c, info) => method.call(self, a, b, info);
  return (a, b, c, info) => method.call(self, a, b, c, info);
}

/** Functions may lack `call`, or have one of their own. */
function callable(method: Plain): Plain {
  if (method.call === Function.prototype.call) return method;
  return function (this: unknown, ...args) {
    return Reflect.apply(method, this, args);
  };
}

function asFunction(callback: Plain, event: EventName, arity: number): Invoke {
  if (arity === 1) return (a, _b, _c, info) => callback(event, a, info);
  if (arity === 2) return (a, b, _c, info) => callback(event, a, b, info);
  return (a, b, c, info) => callback(event, a, b, c, info);
}

function refuseClass(callback: object, only: unknown): void {
  if (!isClass(callback)) return;
  const name = callback.name === "" ? "The callback" : nameOf(callback);
  throw invalid(
    `${name} is a class: give ${only === undefined ? `an instance, new ${callback.name}()` : "a function"}.`,
  );
}

function refuseUncallable(name: string, handlers: readonly unknown[]): void {
  if (handlers.some(isClass)) throw invalid(`Callback ${name} has a class for a handler: make it a function.`);
  if (!handlers.some(isGeneratorFunction)) return;
  throw invalid(
    `Callback ${name} has a generator function for a handler, which would hear nothing: make it a plain or async function.`,
  );
}

function refuseTheDeaf(callback: object, methods: readonly unknown[], allowUnknown: boolean): void {
  const present = new Set(EVENT_NAMES.filter((_event, index) => typeof methods[index] === "function"));
  if (!allowUnknown) {
    const [miss] = nearMisses(callback, present);
    if (miss !== undefined) {
      throw invalid(
        `Callback ${nameOf(callback)} has a method ${miss.name}, which is no event: did you mean ${miss.event}? ` +
          "(Pass { allowUnknown: true } if the name is meant.)",
      );
    }
  }
  if (present.size === 0) {
    throw invalid(
      `Callback ${nameOf(callback)} can hear nothing: it has no method named after an event (${EVENT_NAMES.join(", ")}).`,
    );
  }
}

function invalid(message: string): LLMProcError {
  return new LLMProcError("callback_invalid", message);
}
