/** Functions that make callbacks. Given to `addCallback` as they are, they would be called with every event, and do nothing. */
const factories = new WeakSet<object>();

/** Says of a function that it makes callbacks, and is none. */
export function callbackFactory(factory: object): void {
  factories.add(factory);
}

export function makesCallbacks(callback: object): boolean {
  return factories.has(callback);
}
