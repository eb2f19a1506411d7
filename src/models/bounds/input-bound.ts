import type { JsonObject, JsonValue } from "../../json.ts";
import { isJsonObject } from "../../json.ts";
import type { CountedRequest } from "../../process/contract/model.ts";

export interface InputBoundOptions {
  /** The key of the payload that holds the conversation: what is added to a request is added at its end. */
  readonly list: string;
  /** The most tokens that the provider adds to a request unseen: the prompt that explains the tools, and the like. */
  readonly unseenTokens: number;
  /** The provider leaves out parts of long conversations, so that an earlier count says nothing about this one. */
  readonly isCut: boolean;
}

export interface InputBound {
  readonly inputTokens: number;
  readonly countedTokens: number;
  readonly cachesForAnHour: boolean;
  /** The entries of the list that no count has in it. */
  readonly fresh: readonly JsonValue[];
}

/**
 * The most tokens that a payload can have.
 *
 * Why it is a bound: tokenisers of today's models work on bytes, and every token stands for one byte at least. All
 * that a model reads of a request is in its JSON (what is not is in `unseenTokens`), where escapes only make it longer.
 * Providers write parts of it in a way of their own: what may become an escape there (`ä` as `\u00e4`) counts as one,
 * and what they put around a message, a block or an argument (`<parameter name="…">`) is paid by its keys: each counts
 * `KEY_TOKENS` more than its bytes. Texts that are not in plain sight (thinking that is sealed in a signature) are
 * longer sealed than they were, and were counted as output.
 *
 * What the provider has counted once it counts the same again: where an earlier request is the beginning of this one,
 * its count and that of its reply stand for that part. It is the beginning only if all else in the payload is equal.
 */
export function inputBound(
  payload: JsonObject,
  counted: CountedRequest | undefined,
  { list, unseenTokens, isCut }: InputBoundOptions,
): InputBound {
  const entries = listIn(payload, list);
  const rest = sizeOf(entries.length === 0 ? payload : { ...payload, [list]: undefined });
  const sizes = entries.map(entrySize);
  const cachesForAnHour = rest.saysAnHour || sizes.some(({ saysAnHour }) => saysAnHour);
  const known = counted === undefined || isCut ? undefined : knownPart(counted, payload, list);
  const { length = 0, tokens: countedTokens = 0 } = known ?? {};
  const freshTokens = sizes.slice(length).reduce((sum, { tokens }) => sum + tokens, 0);
  return {
    inputTokens: (known === undefined ? rest.tokens : countedTokens) + freshTokens + unseenTokens,
    countedTokens,
    cachesForAnHour,
    fresh: entries.slice(length),
  };
}

/** How many entries the earlier request had, and what it came to, if it is the beginning of this one. */
function knownPart(
  { payload: earlier, inputTokens, outputTokens }: CountedRequest,
  payload: JsonObject,
  list: string,
): { readonly length: number; readonly tokens: number } | undefined {
  const before = listIn(earlier, list);
  const now = listIn(payload, list);
  const keys = new Set([...Object.keys(earlier), ...Object.keys(payload)]);
  keys.delete(list);
  const isBeginning =
    before.length <= now.length &&
    before.every((entry, place) => isSame(entry, now[place])) &&
    [...keys].every((key) => isSame(earlier[key], payload[key]));
  return isBeginning ? { length: before.length, tokens: inputTokens + outputTokens } : undefined;
}

/**
 * Most entries are shared by all requests of a conversation: then there is nothing to compare. Marks for the cache
 * wander, and change no count.
 */
function isSame(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  return a === b || JSON.stringify(a, withoutMarks) === JSON.stringify(b, withoutMarks);
}

function withoutMarks(key: string, value: unknown): unknown {
  return key === "cache_control" ? undefined : value;
}

interface Size {
  readonly tokens: number;
  /** A mark for the cache asks to keep it for an hour. */
  readonly saysAnHour: boolean;
}

/** What was measured once. A payload's entries are frozen: they never change. */
const sizes = new WeakMap<object, Size>();

function entrySize(entry: JsonValue): Size {
  if (!isJsonObject(entry) || !Object.isFrozen(entry)) return sizeOf(entry);
  let size = sizes.get(entry);
  if (size === undefined) {
    size = sizeOf(entry);
    sizes.set(entry, size);
  }
  return size;
}

/** More than any tag, role or separator that stands for a key. */
const KEY_TOKENS = 16;
/** `\u00e4`: what a character outside ASCII is at most, for each of its code units. */
const ESCAPE_BYTES = 6;
const LAST_ASCII = 0x7e;

function sizeOf(value: JsonValue): Size {
  const json = JSON.stringify(value);
  let tokens = 0;
  for (let place = 0; place < json.length; place++) tokens += json.charCodeAt(place) > LAST_ASCII ? ESCAPE_BYTES : 1;
  const keys = json.split('":').length - 1;
  return { tokens: tokens + keys * KEY_TOKENS, saysAnHour: json.includes('"ttl":"1h"') };
}

function listIn(payload: JsonObject, key: string): readonly JsonValue[] {
  const list = payload[key];
  // A border post: `Array.isArray` gives `any[]` for a read-only list.
  return Array.isArray(list) ? (list as readonly JsonValue[]) : [];
}
