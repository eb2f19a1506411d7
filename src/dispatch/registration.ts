import type { EventName, EventSpec } from "../events/callback-event.ts";
import { EVENT_NAMES, EVENTS } from "../events/callback-event.ts";
import type { ShadowReport } from "../events/shadow-report.ts";
import type { HeldOptions } from "./callback-options.ts";
import { OPTION_NAMES } from "./callback-options.ts";
import { refuseTheDeaf, refuseUncallable } from "./check-callback.ts";
import type { Info } from "./info.ts";

/** Calls one handler with an event's arguments, `info` last. */
type Invoke = (a: unknown, b: unknown, c: unknown, info: Info) => unknown;

/** One handler of one event. */
export interface Listener {
  readonly registration: Party;
  readonly invoke: Invoke;
}

/** A callback, or a handler of one event: all registrations of it are one, wherever they meet. */
export interface Hearer {
  readonly callback: object;
  /** The event of an `on`. */
  readonly only: EventName | "*" | undefined;
}

/** What a handler's answer is to the process: its decision, nothing, or a report of what it would have been. */
export type Mode = "guard" | "observer" | "trial";

/** Whoever is called, one event at a time: a callback, or who is told the reports of one on trial. */
export interface Party {
  readonly hearer: Hearer;
  readonly callback: object;
  /** What faults and denials call it. */
  readonly name: string;
  readonly mode: Mode;
  readonly timeoutMs: number;
  /** No run waits for it. */
  readonly background: boolean;
  /** Where the reports of one on trial go. */
  readonly trial: Trial | undefined;
  /** Events whose faults nobody heard and Node was told of. */
  readonly warned: Set<string>;
}

export interface Trial {
  /** The guard's own name. */
  readonly guard: string;
  /** Who is told the reports; undefined where they are faults that the other callbacks hear. */
  readonly reporter: Listener | undefined;
}

/** A callback with its options, checked once. */
export class Registration implements Party {
  readonly hearer: Hearer;
  readonly callback: object;
  readonly name: string;
  readonly mode: Mode;
  readonly trial: Trial | undefined;
  readonly inherit: boolean;
  readonly timeoutMs: number;
  readonly background: boolean;
  /** Its handler of each event, by the event's index. */
  readonly listeners: readonly (Listener | undefined)[];
  readonly warned = new Set<string>();
  readonly #options: HeldOptions;
  readonly #methods: readonly unknown[];

  /** @throws LLMProcError `callback_invalid` if it could never hear an event */
  constructor(hearer: Hearer, options: HeldOptions, methods: readonly unknown[]) {
    const { callback, only } = hearer;
    this.hearer = hearer;
    this.callback = callback;
    this.name = options.trial === false ? options.name : `shadow of ${options.name}`;
    this.mode = modeOf(options);
    this.inherit = options.inherit;
    this.timeoutMs = options.timeoutMs;
    this.background = options.background;
    this.trial = this.mode === "trial" ? trialOf(this, options) : undefined;
    this.#options = options;
    this.#methods = methods;
    refuseUncallable(this.name, [callback, ...methods]);
    this.listeners = EVENT_NAMES.map((event, index) => {
      const invoke = invokerOf(callback, only, EVENTS[event], methods[index]);
      return invoke && Object.freeze({ registration: this, invoke });
    });
    if (typeof callback === "object") refuseTheDeaf(callback, methods, options.allowUnknown);
  }

  /** Registering the same again with these would give just this one. */
  matches(options: HeldOptions, methods: readonly unknown[]): boolean {
    if (!OPTION_NAMES.every((name) => options[name] === this.#options[name])) return false;
    return methods.every((method, index) => method === this.#methods[index]);
  }
}

function modeOf({ observe, background, trial }: HeldOptions): Mode {
  if (observe || background) return "observer";
  return trial === false ? "guard" : "trial";
}

/** Reports are told one at a time like events, within a time limit of their own: it holds the guard up in nothing. */
function trialOf(of: Registration, { name: guard, trial: tell }: HeldOptions): Trial {
  if (typeof tell !== "function") return { guard, reporter: undefined };
  const { hearer, name, timeoutMs, background, warned } = of;
  const own = { mode: "observer", timeoutMs, background, trial: undefined, warned } as const;
  const registration: Party = { hearer, callback: tell, name, ...own };
  // A border post: it is called with nothing but reports.
  const invoke: Invoke = (report) => tell(report as ShadowReport);
  return { guard, reporter: Object.freeze({ registration, invoke }) };
}

/** The methods of an object by event; nothing for a function, which hears by being called. */
export function methodsOf(callback: object, only: unknown): readonly unknown[] {
  if (typeof callback === "function" || only !== undefined) return [];
  return EVENT_NAMES.map((event) => Reflect.get(callback, event));
}

function invokerOf(callback: object, only: unknown, spec: EventSpec, method: unknown): Invoke | undefined {
  if (typeof callback === "object") {
    return typeof method === "function" ? asMethod(callback, method as Plain, spec.args.length) : undefined;
  }
  if (only === "*") return (_a, _b, _c, info) => Reflect.apply(callback, undefined, [info.record, info]);
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
