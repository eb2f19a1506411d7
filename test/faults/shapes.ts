import type { Callback, EventName } from "llmproc";

type Given = readonly unknown[];
type See = (given: Given) => void;

/** A way to write a handler. */
export interface Shape {
  readonly name: string;
  /** How many arguments it takes at most. */
  readonly takes: number;
  make(see: See): (...given: unknown[]) => unknown;
}

/** Any function may be registered; what its parameters are typed as is its own affair. */
const shape = (name: string, takes: number, make: (see: See) => (...given: never[]) => unknown): Shape => ({
  name,
  takes,
  // A border post: arguments of these handlers are looked at, not used.
  make: make as Shape["make"],
});

class Holder {
  readonly #see: See;
  static see: See | undefined;

  constructor(see: See) {
    this.#see = see;
  }

  handle(a: unknown, b: unknown): void {
    this.#see([a, b]);
  }
}

export const CALLABLE: readonly Shape[] = [
  shape("no parameters", 0, (see) => () => see([])),
  shape("one parameter", 1, (see) => (a) => see([a])),
  shape("two parameters", 2, (see) => (a, b) => see([a, b].slice(0, 2))),
  shape(
    "a rest parameter",
    9,
    (see) =>
      (...all) =>
        see(all),
  ),
  shape(
    "one and a rest",
    9,
    (see) =>
      (a, ...rest) =>
        see([a, ...rest]),
  ),
  shape(
    "a default",
    1,
    (see) =>
      (a = "unset" as never) =>
        see([a]),
  ),
  shape(
    "a default after one",
    2,
    (see) =>
      (a, b = "unset" as never) =>
        see([a, b]),
  ),
  shape(
    "arguments",
    9,
    (see) =>
      function handler(this: unknown) {
        // biome-ignore lint/complexity/noArguments: that it works, too, is the point
        see([...arguments]);
      },
  ),
  shape("async", 9, (see) => async (...all) => {
    await null;
    see(all);
  }),
  shape("bound", 9, (see) =>
    function bound(this: See, ...all: never[]) {
      this(all);
    }.bind(see),
  ),
  shape(
    "bound with an own argument",
    9,
    (see) => ((own: See, ...all: never[]) => own(all)).bind(undefined, see) as (...given: never[]) => unknown,
  ),
  shape("a Proxy of a function", 9, (see) => new Proxy((...all: never[]) => see(all), {})),
  shape(
    "a Proxy that answers apply",
    9,
    (see) => new Proxy(() => {}, { apply: (_target, _self, all: unknown[]) => see(all) }),
  ),
  shape("a method with private fields, bound", 2, (see) => {
    const holder = new Holder(see);
    return holder.handle.bind(holder);
  }),
  shape("a function without a prototype chain", 9, (see) => Object.setPrototypeOf((...all: never[]) => see(all), null)),
  shape("a function that returns a thenable", 9, (see) => (...all) => ({
    then(settle: () => void) {
      see(all);
      settle();
    },
  })),
  shape("a frozen function", 9, (see) => Object.freeze((...all: never[]) => see(all))),
];

class Deaf {
  readonly name = "deaf";
  static tool_start(): void {}
}

interface Method {
  readonly name: string;
  make(event: EventName, handler: (...given: unknown[]) => unknown): Callback;
}

/** Ways for an object to have a method. */
export const METHODS: readonly Method[] = [
  { name: "own", make: (event, handler) => ({ [event]: handler }) },
  { name: "null prototype", make: (event, handler) => Object.assign(Object.create(null), { [event]: handler }) },
  { name: "inherited", make: (event, handler) => Object.create(Object.create({ [event]: handler })) },
  {
    name: "getter",
    make: (event, handler) => Object.defineProperty({}, event, { get: () => handler }),
  },
  { name: "not enumerable", make: (event, handler) => Object.defineProperty({}, event, { value: handler }) },
  { name: "frozen", make: (event, handler) => Object.freeze({ [event]: handler }) },
  { name: "Proxy", make: (event, handler) => new Proxy({ [event]: handler }, {}) },
  {
    name: "Proxy without keys",
    make: (event, handler) => new Proxy({}, { get: (_target, key) => (key === event ? handler : undefined) }),
  },
  {
    name: "class with private state",
    make: (event, handler) => {
      class Listener {
        readonly #handler = handler;
        heard(given: unknown[]): unknown {
          return this.#handler(...given);
        }
      }
      Object.defineProperty(Listener.prototype, event, {
        value(this: Listener, ...given: unknown[]) {
          return this.heard(given);
        },
      });
      return new Listener() as Callback;
    },
  },
];

/** What can hear nothing. */
export const DEAF: readonly { readonly name: string; make(): unknown }[] = [
  { name: "undefined", make: () => undefined },
  { name: "null", make: () => null },
  { name: "a string", make: () => "tool_start" },
  { name: "a number", make: () => 1 },
  { name: "a bigint", make: () => 1n },
  { name: "a symbol", make: () => Symbol("tool_start") },
  { name: "an empty object", make: () => ({}) },
  { name: "an array", make: () => [() => {}] },
  { name: "an object whose methods are named otherwise", make: () => ({ unrelated() {} }) },
  { name: "an event that is no function", make: () => ({ tool_start: true }) },
  { name: "a null prototype", make: () => Object.create(null) },
  { name: "a Map of handlers", make: () => new Map([["tool_start", () => {}]]) },
  { name: "a promise", make: () => Promise.resolve() },
  { name: "options alone", make: () => ({ callbackOptions: { observe: true } }) },
  { name: "a generator function", make: () => function* deaf() {} },
  { name: "an async generator function", make: () => async function* deaf() {} },
  { name: "a bound generator function", make: () => function* deaf() {}.bind(undefined) },
  { name: "a generator method", make: () => ({ response() {}, *tool_start() {} }) },
  { name: "an async generator method", make: () => ({ async *tool_start() {} }) },
  {
    name: "a class",
    make: () =>
      class Listener {
        tool_start() {}
      },
  },
  {
    name: "a class that is frozen",
    make: () =>
      Object.freeze(
        class Listener {
          tool_start() {}
        },
      ),
  },
  { name: "a class for a handler", make: () => ({ tool_start: class Listener {} }) },
  { name: "an instance whose handler is static", make: () => new Deaf() },
];

/** Slips of the pen. */
export const SLIPS: readonly ((event: EventName) => string)[] = [
  (event) => event.replace(/_(\w)/g, (_all, letter: string) => letter.toUpperCase()),
  (event) => `on_${event}`,
  (event) => `on${event.replace(/(?:^|_)(\w)/g, (_all, letter: string) => letter.toUpperCase())}`,
  (event) => event.toUpperCase(),
  (event) => event.slice(0, -1),
  (event) => `${event}s`,
  (event) => `${event.slice(0, 2)}${event[3]}${event[2]}${event.slice(4)}`,
  (event) => event.replace("_", "-"),
];
