import { createContext, runInContext } from "node:vm";
import { answer, replaceArgs, Veto } from "llmproc";

/** What must follow. */
type Follows =
  /** It is a throw, of a guard a refusal. */
  | "throw"
  /** It means nothing, or settles: nothing follows. */
  | "nothing"
  /** It never settles: its time runs out. */
  | "timeout"
  /** In `tool_start` of a guard a refusal, elsewhere a warning at most. */
  | "verdict"
  /** The same, but as arguments that do not fit: the model is told of them, and nobody is at fault. */
  | "unfit";

/** Something that a handler throws or returns. */
export interface Hostile {
  readonly name: string;
  readonly follows: Follows;
  /** Not where it is returned by an async function: the language itself would go round with it for ever. */
  readonly onlySync?: boolean;
  /** The handler's body. */
  act(): unknown;
}

const refuse = (): never => {
  throw new TypeError("you may not look at this");
};

const throwing = (name: string, make: () => unknown): Hostile => ({
  name: `throws ${name}`,
  follows: "throw",
  act() {
    throw make();
  },
});

const returning = (name: string, follows: Follows, make: () => unknown, onlySync = false): Hostile => ({
  name: `returns ${name}`,
  follows,
  onlySync,
  act: make,
});

function withGetter(key: string, get: () => unknown, target: object = new Error("plain")): object {
  return Object.defineProperty(target, key, { get, configurable: true });
}

function revoked(target: object = {}): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

const TRAPS = ["get", "has", "getPrototypeOf", "ownKeys", "getOwnPropertyDescriptor", "isExtensible", "set"] as const;

/** Lets itself be looked at so many times, and then no more. */
function fickle(target: object, looks: number): object {
  let left = looks;
  const trap =
    (name: (typeof TRAPS)[number]) =>
    (...given: unknown[]) =>
      left-- > 0 ? (Reflect.apply(Reflect[name], undefined, given) as unknown) : refuse();
  return new Proxy(target, Object.fromEntries(TRAPS.map((name) => [name, trap(name)])));
}

/** Says `first` once, and then something else. */
function changing(first: unknown, then: () => unknown): () => unknown {
  let asked = false;
  return () => {
    if (asked) return then();
    asked = true;
    return first;
  };
}

const foreign = (code: string) => runInContext(code, createContext({})) as unknown;

const untouchable = () => ({
  toString: refuse,
  valueOf: refuse,
  toJSON: refuse,
  [Symbol.toPrimitive]: refuse,
  get [Symbol.toStringTag]() {
    return refuse();
  },
  get [Symbol.iterator]() {
    return refuse();
  },
  get [Symbol.asyncIterator]() {
    return refuse();
  },
  get constructor() {
    return refuse();
  },
});

const THROWN: readonly Hostile[] = [
  throwing("an error whose message cannot be read", () => withGetter("message", refuse)),
  throwing("an error whose name cannot be read", () => withGetter("name", refuse)),
  throwing("an error whose stack cannot be read", () => withGetter("stack", refuse)),
  throwing("an error whose cause cannot be read", () => withGetter("cause", refuse)),
  throwing("an error whose code cannot be read", () => withGetter("code", refuse)),
  throwing("an error whose message is a symbol", () => Object.assign(new Error(), { message: Symbol("m") })),
  throwing("an error whose name is a symbol", () => Object.assign(new Error("x"), { name: Symbol("n") })),
  throwing("an error whose message is no text", () => Object.assign(new Error(), { message: untouchable() })),
  throwing("an error whose message can be read once", () => withGetter("message", changing("fine", refuse))),
  throwing("an error whose message turns into a symbol", () => withGetter("message", changing("fine", Symbol))),
  throwing("an error whose class makes its message, once", () => {
    class Fickle extends Error {}
    withGetter("message", changing("fine", refuse), Fickle.prototype);
    const error = new Fickle("x");
    Reflect.deleteProperty(error, "message");
    return error;
  }),
  throwing("a revoked proxy", () => revoked()),
  throwing("a revoked proxy of an error", () => revoked(new Error("x"))),
  throwing("a revoked proxy of a function", () => revoked(() => {})),
  throwing("a proxy of an error that cannot be looked at", () => fickle(new Error("x"), 0)),
  throwing("a proxy that can be looked at once", () => fickle(new Error("x"), 1)),
  throwing("a proxy that can be looked at a few times", () => fickle(new Error("x"), 5)),
  throwing("an error whose prototype is a proxy", () => Object.setPrototypeOf(new Error("x"), fickle({}, 1)) as object),
  throwing("an error without a prototype", () => Object.setPrototypeOf(new Error("x"), null) as object),
  throwing("an object without a prototype", () => Object.create(null) as object),
  throwing("an error of another realm", () => foreign("new TypeError('from afar')")),
  throwing("an error of another realm that cannot be read", () =>
    foreign("Object.defineProperty(new Error('x'), 'message', { get() { throw new Error('no') } })"),
  ),
  throwing("a function", () => () => "thrown"),
  throwing("a function that cannot be shown", () => Object.assign(() => {}, { toString: refuse })),
  throwing("a class", () => class Thrown {}),
  throwing("a symbol", () => Symbol("thrown")),
  throwing("undefined", () => undefined),
  throwing("an object that cannot be touched", untouchable),
  throwing("a DOMException", () => new DOMException("aborted", "AbortError")),
  throwing(
    "an AggregateError of hostile errors",
    () => new AggregateError([revoked(), withGetter("message", refuse)], "many"),
  ),
  throwing("an error that is its own cause", () => {
    const error = new Error("round");
    return Object.assign(error, { cause: error });
  }),
  throwing("a frozen error", () => Object.freeze(new Error("cold"))),
  throwing("a Veto whose reason cannot be read", () => withGetter("reason", refuse, new Veto("no"))),
  throwing("a Veto whose reason is a symbol", () => Object.assign(new Veto("no"), { reason: Symbol("r") })),
  throwing("a proxy of a Veto", () => fickle(new Veto("no"), 1)),
  throwing("a long message of control characters", () => new Error("\u001b]52;c;eA==\u0007\n\u202e".repeat(20_000))),
  throwing("a promise that rejects", () => Promise.reject(new Error("late"))),
  throwing("all of the stack", () => {
    const deeper = (): unknown => deeper();
    return deeper();
  }),
];

const RETURNED: readonly Hostile[] = [
  returning("a thenable that throws", "throw", () => ({ then: refuse })),
  returning("a thenable that cannot be asked", "throw", () => withGetter("then", refuse, {})),
  returning("a thenable that settles twice", "nothing", () => ({
    then(resolve: () => void, reject: (error: Error) => void) {
      resolve();
      reject(new Error("twice"));
      resolve();
    },
  })),
  returning("a thenable that settles and throws", "nothing", () => ({
    then(resolve: () => void) {
      resolve();
      refuse();
    },
  })),
  returning("a thenable that never settles", "timeout", () => ({ then() {} })),
  returning(
    "a thenable that comes to itself",
    "throw",
    () => {
      const self = { then: (resolve: (value: unknown) => void) => resolve(self) };
      return self;
    },
    true,
  ),
  returning("a thenable for one look", "nothing", () =>
    withGetter(
      "then",
      changing((resolve: () => void) => resolve(), refuse),
      {},
    ),
  ),
  returning("a thenable that comes to a revoked proxy", "throw", () => ({
    then: (resolve: (value: unknown) => void) => resolve(revoked()),
  })),
  returning("a promise that comes to a fickle proxy", "throw", () => Promise.resolve(fickle({}, 1))),
  returning("a promise whose constructor cannot be read", "throw", () =>
    withGetter("constructor", refuse, Promise.resolve()),
  ),
  returning("a promise that throws when it is asked", "throw", () =>
    Object.assign(Promise.resolve(), { then: refuse }),
  ),
  returning("a proxy of a promise", "throw", () => new Proxy(Promise.resolve(), {})),
  returning("a promise that rejects with a hostile error", "throw", () =>
    Promise.reject(withGetter("message", refuse) as Error),
  ),
  returning("a promise that rejects with a revoked proxy", "throw", () => Promise.reject(revoked() as Error)),
  returning("a revoked proxy", "throw", () => revoked()),
  returning("a generator", "nothing", () =>
    (function* () {
      yield 1;
    })(),
  ),
  returning("an async generator", "nothing", () =>
    (async function* () {
      yield 1;
    })(),
  ),
  returning("a class", "nothing", () => class Returned {}),
  returning("an object that cannot be touched", "nothing", untouchable),
  returning("a symbol", "nothing", () => Symbol("returned")),
  returning("an answer that cannot be read", "verdict", () => withGetter("content", refuse, answer("x"))),
  returning("a proxy of an answer", "verdict", () => fickle(answer("x"), 3)),
  returning("other arguments that cannot be read", "verdict", () => replaceArgs(revoked() as never)),
  returning("other arguments without end", "unfit", () => {
    const args: { self?: unknown } = {};
    args.self = args;
    return replaceArgs(args as never);
  }),
];

export const HOSTILE: readonly Hostile[] = [...THROWN, ...RETURNED];
