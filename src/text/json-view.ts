import { types } from "node:util";
import { describe, toError } from "../errors.ts";
import { errorText } from "./error-text.ts";

/** Any object as JSON can say it: what a writer of JSON needs to know of it, looked at once. */
export type JsonView =
  /** To be read in order, from 0 on; never throws. */
  | { readonly kind: "list"; readonly size: number; read(place: number): unknown }
  | { readonly kind: "table"; readonly keys: readonly string[]; read(key: string): unknown }
  /** It comes to a text, a number, or nothing at all. */
  | { readonly kind: "plain"; readonly value: unknown }
  | UnreadableValue;

/** Stands for what cannot be read, or would say nothing if it were written out. */
export class UnreadableValue {
  readonly kind = "unreadable";
  /** Such as `a promise that was not awaited`. */
  readonly what: string;

  constructor(what: string) {
    this.what = what;
  }
}

/** How an object is to be written. Never throws: what does when it is looked at is unreadable. */
export function viewOf(value: object): JsonView {
  try {
    return look(value);
  } catch (thrown) {
    return unreadable(thrown);
  }
}

export function isError(value: object): boolean {
  try {
    return value instanceof Error;
  } catch {
    return false;
  }
}

/** An error's message in one short line, whatever its getters do. */
export function messageOf(thrown: unknown): string {
  return describe(errorText(toError(thrown)));
}

function unreadable(thrown: unknown): UnreadableValue {
  return new UnreadableValue(`something that cannot be read: ${messageOf(thrown)}`);
}

function look(value: object): JsonView {
  if (Array.isArray(value)) return list(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  const isPlain = prototype === Object.prototype || prototype === null;
  if (isPlain && typeof Reflect.get(value, "toJSON") !== "function") return table(value);
  if (value instanceof UnreadableValue) return value;
  return lookAtNative(value) ?? lookByItself(value);
}

/** What JavaScript itself provides, and JSON would write as `{}`. */
function lookAtNative(value: object): JsonView | undefined {
  if (value instanceof Error) return plain(`${String(value.name)}: ${value.message === "" ? "" : errorText(value)}`);
  if (types.isDate(value)) return plain(Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString());
  if (types.isMap(value)) return viewOfMap(value);
  if (types.isSet(value)) return sequence(value);
  if (types.isRegExp(value)) return plain(String(value));
  if (types.isBoxedPrimitive(value)) return plain(value.valueOf());
  if (Buffer.isBuffer(value)) return viewOfBytes(value);
  if (types.isTypedArray(value)) return list(value);
  if (types.isDataView(value)) return list(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  if (types.isAnyArrayBuffer(value)) return list(new Uint8Array(value));
  if (value instanceof URLSearchParams) return plain(String(value));
  // By the tag first: Node loads these classes when they are first named.
  if (tagOf(value) === "Headers" && value instanceof Headers) return viewOfEntries([...value]);
  return tagOf(value) === "FormData" && value instanceof FormData ? viewOfEntries([...value]) : undefined;
}

function lookByItself(value: object): JsonView {
  const toJSON: unknown = Reflect.get(value, "toJSON");
  if (typeof toJSON === "function") {
    const said: unknown = Reflect.apply(toJSON, value, [""]);
    if (typeof said !== "object" || said === null) return plain(said);
    // As in JSON, what it said is not asked again.
    return Array.isArray(said) ? list(said) : (lookAtNative(said) ?? table(said));
  }
  const unread = unreadKind(value);
  return unread === undefined ? table(value) : new UnreadableValue(unread);
}

function list(items: ArrayLike<unknown>): JsonView {
  return { kind: "list", size: Number(items.length) || 0, read: (place) => partOf(items, place) };
}

/** Not as a list of its own: of a large one, only the beginning may ever be read. */
function sequence(items: Iterable<unknown> & { readonly size: number }): JsonView {
  let rest: Iterator<unknown> | undefined;
  const read = (place: number): unknown => {
    if (rest === undefined || place === 0) rest = items[Symbol.iterator]();
    return rest.next().value;
  };
  return { kind: "list", size: items.size, read: (place) => tried(() => read(place)) };
}

function plain(value: unknown): JsonView {
  return { kind: "plain", value };
}

function table(value: object): JsonView {
  return { kind: "table", keys: Object.keys(value), read: (key) => partOf(value, key) };
}

function tried(read: () => unknown): unknown {
  try {
    return read();
  } catch (thrown) {
    return unreadable(thrown);
  }
}

/** What a getter or a proxy throws is unreadable. Without a function for each, as `tried` would need. */
function partOf(whole: object, key: string | number): unknown {
  try {
    // Any object may be asked for any key.
    return (whole as { readonly [key: string | number]: unknown })[key];
  } catch (thrown) {
    return unreadable(thrown);
  }
}

/** An object where all keys are texts, else a list of `[key, value]`. */
function viewOfMap(map: ReadonlyMap<unknown, unknown>): JsonView {
  const keys: string[] = [];
  for (const key of map.keys()) {
    if (typeof key !== "string") return sequence(map);
    keys.push(key);
  }
  return { kind: "table", keys, read: (key) => tried(() => map.get(key)) };
}

/** An object, unless a name occurs twice: then a list of `[name, value]`. */
function viewOfEntries(entries: readonly (readonly [string, unknown])[]): JsonView {
  const map = new Map(entries);
  return map.size === entries.length ? viewOfMap(map) : list(entries);
}

/** What was read from a file or a socket and not decoded: the text, if it is one. */
function viewOfBytes(bytes: Buffer): JsonView {
  try {
    return plain(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return list(bytes);
  }
}

function tagOf(value: object): string {
  return Object.prototype.toString.call(value).slice("[object ".length, -1);
}

/** What holds its content where nobody sees it unless it is read first. */
function unreadKind(value: object): string | undefined {
  const tag = tagOf(value);
  const has = (key: string | symbol) => typeof Reflect.get(value, key) === "function";
  if (types.isPromise(value)) return "a promise that was not awaited";
  if (types.isWeakMap(value) || types.isWeakSet(value) || tag === "WeakRef") return `a ${tag}, which cannot be listed`;
  if (["Response", "Request", "Blob", "File"].includes(tag)) {
    return `a ${tag} that was not read: return what its text() or json() resolves to`;
  }
  if (tag === "ReadableStream" || has("pipe")) return "a stream that was not read: return what it holds";
  const iterates = has("next") && (has(Symbol.iterator) || has(Symbol.asyncIterator));
  return iterates ? "an iterator that was not read: return a list of what it yields" : undefined;
}
