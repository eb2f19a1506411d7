import type { CallbackEvents, EventName } from "./callback-event.ts";
import type { EventInfo } from "./event-info.ts";
import type { EventRecord } from "./event-record.ts";
import type { ShadowReport } from "./shadow-report.ts";

/** How a callback is to be treated. */
export interface CallbackOptions {
  /**
   * It only watches: nothing it throws can stop anything, and the process goes on while it works. `run()` settles when it has heard
   * everything, too. @default false
   */
  readonly observe?: boolean;
  /**
   * It only watches, and no run waits for it either, not even at its end: a slow webhook holds up no answer. `flush()` and `close()`
   * do wait. @default false
   */
  readonly background?: boolean;
  /**
   * It is on trial: what it would have denied, answered or replaced is reported, and nothing comes of it; the process never
   * waits for it. With `true` the other callbacks hear each report as a `callback_error`; a function is called with it
   * in place of that, and what it throws is a fault of this callback. It means nothing beside `observe`. @default false
   */
  readonly trial?: boolean | ((report: ShadowReport) => unknown);
  /** Children of the process speak to it too. @default true */
  readonly inherit?: boolean;
  /** How long a handler may take, in milliseconds; `Infinity` for a person's answer. @default 30_000 */
  readonly timeoutMs?: number;
  /** What errors and results call it. @default the name of its class or function */
  readonly name?: string;
  /** Do not complain of methods whose names are one slip from an event's. @default false */
  readonly allowUnknown?: boolean;
}

/** A handler of one event. It takes as many of the arguments as it names. */
export type Handler<E extends EventName> = (...args: [...CallbackEvents[E], info: EventInfo]) => unknown;

/** A handler of all events as records. */
export type RecordHandler = (record: EventRecord, info: EventInfo) => unknown;

/** An object or class instance with methods named after events. */
export type ObjectCallback = { readonly [E in EventName]?: Handler<E> } & {
  readonly callbackOptions?: CallbackOptions;
};

type Full<E extends EventName> = [event: E, ...args: CallbackEvents[E], info: EventInfo];
type At<T extends readonly unknown[], I extends string> = T extends Record<I, infer V> ? V : undefined;

type Call5 = { [E in EventName]: [E, At<Full<E>, "1">, At<Full<E>, "2">, At<Full<E>, "3">, At<Full<E>, "4">] };
type Call4 = { [E in EventName]: [E, At<Full<E>, "1">, At<Full<E>, "2">, At<Full<E>, "3">] };
type Call3 = { [E in EventName]: [E, At<Full<E>, "1">, At<Full<E>, "2">] };
type Call2 = { [E in EventName]: [E, At<Full<E>, "1">] };
type Call1 = { [E in EventName]: [E] };

/** One type for each number of parameters: a single union of tuples would refuse functions with fewer. */
type FunctionForm =
  | ((...call: Call5[EventName]) => unknown)
  | ((...call: Call4[EventName]) => unknown)
  | ((...call: Call3[EventName]) => unknown)
  | ((...call: Call2[EventName]) => unknown)
  | ((...call: Call1[EventName]) => unknown);

/**
 * A function that hears every event: `(event, first, second) => …` narrows on `event`.
 * (Specification, "Function-Based Callbacks".)
 */
export type FunctionCallback = FunctionForm & { readonly callbackOptions?: CallbackOptions };

/** Anything that can be registered. */
export type Callback = FunctionCallback | ObjectCallback;

/** The signatures of `addCallback`, and of whatever else takes a callback: the longest first, so that shorter functions still narrow. */
export interface AddCallback<Target, Options = CallbackOptions> {
  (callback: (...call: Call5[EventName]) => unknown, options?: Options): Target;
  (callback: (...call: Call4[EventName]) => unknown, options?: Options): Target;
  (callback: (...call: Call3[EventName]) => unknown, options?: Options): Target;
  (callback: (...call: Call2[EventName]) => unknown, options?: Options): Target;
  (callback: (event: EventName) => unknown, options?: Options): Target;
  (callback: Callback, options?: Options): Target;
}

/** The signatures of `on`. */
export interface On {
  <E extends EventName>(event: E, handler: Handler<E>, options?: CallbackOptions): Off;
  (event: "*", handler: RecordHandler, options?: CallbackOptions): Off;
}

/** Takes a handler off again; also at the end of a `using` block. */
export interface Off {
  (): void;
  [Symbol.dispose](): void;
}
