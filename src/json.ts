/** Plain JSON data, read-only. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Freezes plain data in place, all the way down. What is frozen already is taken as frozen below, too. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  if (!Array.isArray(value) && !isPlain(value)) return value;
  Object.freeze(value);
  if (Array.isArray(value)) value.forEach(deepFreeze);
  else for (const key in value) if (Object.hasOwn(value, key)) deepFreeze((value as Record<string, unknown>)[key]);
  return value;
}

/**
 * A copy that shares nothing writable with the original. Plain data is copied here; dates, maps and the like by
 * `structuredClone`; what that refuses (functions, class instances with private state) stays itself.
 */
export function deepCopy<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(deepCopy) as T;
  if (isPlain(value)) {
    const copy: Record<string, unknown> = {};
    for (const key in value) {
      if (Object.hasOwn(value, key)) define(copy, key, deepCopy((value as Record<string, unknown>)[key]));
    }
    return copy as T;
  }
  try {
    return structuredClone(value);
  } catch {
    return value;
  }
}

/**
 * Plain data in which every text is well formed: half of a surrogate pair, with which vendors refuse a request, becomes
 * U+FFFD. The value itself where nothing is to be mended.
 */
export function wellFormed<T>(value: T): T {
  if (typeof value === "string") return value.toWellFormed() as T & string;
  if (typeof value !== "object" || value === null || isWellFormed(value)) return value;
  if (Array.isArray(value)) return value.map(wellFormed) as T;
  const copy: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) define(copy, key.toWellFormed(), wellFormed(item));
  return copy as T;
}

function isWellFormed(value: unknown): boolean {
  if (typeof value === "string") return value.isWellFormed();
  if (typeof value !== "object" || value === null) return true;
  if (Array.isArray(value)) return value.every(isWellFormed);
  if (!isPlain(value)) return true;
  for (const key in value) {
    if (!key.isWellFormed() || !isWellFormed((value as Record<string, unknown>)[key])) return false;
  }
  return true;
}

/**
 * Any value as frozen JSON data: plain data that is deeply frozen is returned as it is, everything else becomes
 * what `JSON.stringify` would make of it, and a text that says so where it would throw.
 */
export function toJson(value: unknown): JsonValue {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  try {
    if (typeof value === "object" && isPlainData(value)) return value as JsonValue;
    const text = JSON.stringify(value, (_key, item: unknown) => (typeof item === "bigint" ? item.toString() : item));
    return text === undefined ? null : deepFreeze(JSON.parse(text) as JsonValue);
  } catch {
    return "[not JSON]";
  }
}

function isPlainData(value: object): boolean {
  if (!Object.isFrozen(value) || !(Array.isArray(value) || isPlain(value))) return false;
  return Object.values(value).every((item: unknown) => {
    if (typeof item === "object" && item !== null) return isPlainData(item);
    return typeof item === "string" || typeof item === "boolean" || item === null || Number.isFinite(item);
  });
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Sets a key without ever running a setter: `__proto__` in JSON is data. */
function define(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === "__proto__") {
    Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    target[key] = value;
  }
}
