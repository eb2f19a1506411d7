/** Plain JSON data, read-only. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isRawNumber(value);
}

/**
 * A number with digits that JavaScript has no room for: `JSON.stringify` writes them out as they stand in it. It is
 * frozen, and any copy of it is only an object.
 */
export interface RawNumber {
  readonly rawJSON: string;
}

/** TypeScript does not know it yet. */
const RAW = JSON as unknown as { rawJSON(text: string): RawNumber; isRawJSON(value: unknown): boolean };

export function rawNumber(digits: string): RawNumber {
  return RAW.rawJSON(digits);
}

export function isRawNumber(value: unknown): value is RawNumber {
  return RAW.isRawJSON(value);
}

/** Freezes plain data in place, all the way down. What is frozen already is taken as frozen below, too. */
export function deepFreeze<T>(value: T): T {
  freezeBelow(value, 0);
  return value;
}

/** Far less deep than the stack reaches, and deeper than all that is not made to break something. */
const RECURSED_LEVELS = 30;

/** The hot path of what callbacks see: it makes nothing. */
function freezeBelow(value: unknown, level: number): void {
  if (!isOpen(value)) return;
  if (level === RECURSED_LEVELS) {
    freezeFarBelow(value);
    return;
  }
  Object.freeze(value);
  if (Array.isArray(value)) {
    for (let place = 0; place < value.length; place++) freezeBelow(value[place], level + 1);
    return;
  }
  for (const key in value) {
    const item = (value as Readonly<Record<string, unknown>>)[key];
    if (typeof item === "object" && Object.hasOwn(value, key)) freezeBelow(item, level + 1);
  }
}

/** Here, and elsewhere below, without recursion: what others give may be nested deeper than the stack is. */
function freezeFarBelow(value: object): void {
  for (const open = new Open(value); open.next(); ) {
    const { item } = open;
    if (!isOpen(item)) continue;
    Object.freeze(item);
    open.addAll(Object.values(item));
  }
}

function isOpen(value: unknown): value is object {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return false;
  return Array.isArray(value) || isPlain(value);
}

/**
 * A copy that shares nothing writable with the original. Plain data is copied here; dates, maps and the like by
 * `structuredClone`; what that refuses (functions, class instances with private state) stays itself.
 */
export function deepCopy<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  // Most arguments are flat, and are copied for each call.
  if (isPlain(value) && isFlat(value)) return { ...value };
  return copied(value, (text) => text, clone);
}

/**
 * Plain data in which every text is well formed: half of a surrogate pair, with which vendors refuse a request, becomes
 * U+FFFD. The value itself where nothing is to be mended.
 */
export function wellFormed<T>(value: T): T {
  if (isWellFormed(value)) return value;
  return copied(
    value,
    (text) => text.toWellFormed(),
    (item) => item,
  );
}

function isWellFormed(value: unknown): boolean {
  if (typeof value === "string") return value.isWellFormed();
  const seen = new Set<object>();
  for (const open = new Open(value); open.next(); ) {
    const { item } = open;
    if (seen.has(item) || !(Array.isArray(item) || isPlain(item))) continue;
    seen.add(item);
    const items: readonly unknown[] = Object.values(item);
    if (items.some((one) => typeof one === "string" && !one.isWellFormed())) return false;
    if (!Array.isArray(item) && !Object.keys(item).every((key) => key.isWellFormed())) return false;
    open.addAll(items);
  }
  return true;
}

/** The objects of a value that are still to be looked at. */
class Open {
  /** Valid once `next()` was true. */
  item: object = this;
  readonly #objects: object[] = [];

  constructor(value: unknown) {
    this.addAll([value]);
  }

  addAll(items: readonly unknown[]): void {
    for (const item of items) if (typeof item === "object" && item !== null) this.#objects.push(item);
  }

  next(): boolean {
    const item = this.#objects.pop();
    this.item = item ?? this;
    return item !== undefined;
  }
}

/** Without an object in it. */
function isFlat(value: object): boolean {
  for (const key in value) {
    const item = (value as Readonly<Record<string, unknown>>)[key];
    if (typeof item === "object" && item !== null) return false;
  }
  return true;
}

/** Objects that occur twice, within themselves for one, do so in the copy. */
function copied<T>(value: T, text: (given: string) => string, other: (given: object) => unknown): T {
  const copies = new Map<object, object>();
  const open: { readonly from: object; readonly to: object }[] = [];
  const copyOf = (from: unknown): unknown => {
    if (typeof from === "string") return text(from);
    if (typeof from !== "object" || from === null) return from;
    if (isRawNumber(from)) return from;
    if (!Array.isArray(from) && !isPlain(from)) return other(from);
    let to = copies.get(from);
    if (to === undefined) {
      to = Array.isArray(from) ? [] : {};
      copies.set(from, to);
      open.push({ from, to });
    }
    return to;
  };
  const copy = copyOf(value);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { from, to } = next;
    if (Array.isArray(from)) for (const item of from) (to as unknown[]).push(copyOf(item));
    else for (const key of Object.keys(from)) define(to, text(key), copyOf((from as Record<string, unknown>)[key]));
  }
  // A border post: a copy is of its original's kind.
  return copy as T;
}

function clone(value: object): unknown {
  try {
    return structuredClone(value);
  } catch {
    return value;
  }
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
  const seen = new Set<object>();
  for (const open = new Open(value); open.next(); ) {
    const { item } = open;
    if (seen.has(item)) continue;
    seen.add(item);
    if (!Object.isFrozen(item) || !(Array.isArray(item) || isPlain(item))) return false;
    const items: readonly unknown[] = Object.values(item);
    if (!items.every(isDatum)) return false;
    open.addAll(items);
  }
  return true;
}

function isDatum(value: unknown): boolean {
  return typeof value === "object" || typeof value === "string" || typeof value === "boolean" || Number.isFinite(value);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Sets a key without ever running a setter: `__proto__` in JSON is data. */
export function define(target: object, key: string, value: unknown): void {
  if (key === "__proto__") {
    Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    (target as Record<string, unknown>)[key] = value;
  }
}
