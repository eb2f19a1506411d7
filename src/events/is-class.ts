/** A class, which only `new` can call. The language makes `prototype` read-only on classes alone; freezing does it, too. */
export function isClass(value: unknown): value is new () => unknown {
  if (typeof value !== "function") return false;
  const { value: prototype, writable } = Object.getOwnPropertyDescriptor(value, "prototype") ?? {};
  if (writable !== false) return false;
  // A function that is frozen has nothing but its constructor in there.
  return !Object.isFrozen(value) || Object.getOwnPropertyNames(prototype).length > 1;
}
