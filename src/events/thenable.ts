import { types } from "node:util";

/** The `then` of a promise, or of whatever behaves like one. */
export type Then = (...args: unknown[]) => unknown;

/** Read once: what has one may say otherwise the next time. May throw, as any reading of somebody's object. */
export function thenOf(value: unknown): Then | undefined {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return undefined;
  const then: unknown = Reflect.get(value, "then");
  // Whoever has a function there is asked as `await` would ask.
  return typeof then === "function" ? (then as Then) : undefined;
}

/** A promise that was thrown, where an `await` was forgotten, must not end the program when it rejects. */
export function ownIfPromise(thrown: unknown): void {
  if (!types.isPromise(thrown)) return;
  try {
    void Reflect.apply(Promise.prototype.then, thrown, [undefined, () => {}]);
  } catch {
    // Its constructor is not what it should be. What it comes to is its own affair.
  }
}

type Tell = (came: unknown) => void;

/** A promise may come to another, and that to a third; what goes on like this comes to nothing. */
const LONGEST_CHAIN = 100;

/**
 * Tells what `value`, whose `then` this is, comes to: once and never at once, whatever it does. It may throw, settle
 * twice, or come to itself without end, for which `await` would wait for ever and let nothing else go on.
 */
export function whenSettled(value: unknown, then: Then, fulfilled: Tell, rejected: Tell, depth = 1): void {
  if (then !== Promise.prototype.then || !types.isPromise(value)) {
    queueMicrotask(() => ask(value, then, fulfilled, rejected, depth));
    return;
  }
  try {
    Reflect.apply(then, value, [fulfilled, rejected]);
  } catch (thrown) {
    // Its constructor is not what it should be: it has heard of nobody.
    queueMicrotask(() => rejected(thrown));
  }
}

/** Asks what is no promise of the language's own. */
function ask(value: unknown, then: Then, fulfilled: Tell, rejected: Tell, depth: number): void {
  let told = false;
  const once = (tell: Tell) => (came: unknown) => {
    if (told) return;
    told = true;
    tell(came);
  };
  const reject = once(rejected);
  try {
    Reflect.apply(then, value, [once((came) => follow(came, fulfilled, rejected, depth)), reject]);
  } catch (thrown) {
    reject(thrown);
  }
}

function follow(came: unknown, fulfilled: Tell, rejected: Tell, depth: number): void {
  let then: Then | undefined;
  try {
    then = thenOf(came);
  } catch (thrown) {
    rejected(thrown);
    return;
  }
  if (then === undefined) fulfilled(came);
  else if (depth < LONGEST_CHAIN) whenSettled(came, then, fulfilled, rejected, depth + 1);
  else rejected(new Error(`A promise came to another, and that to another, ${LONGEST_CHAIN} times.`));
}
