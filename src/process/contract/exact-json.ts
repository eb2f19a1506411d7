import type { JsonValue } from "../../json.ts";
import { define, isRawNumber, rawNumber } from "../../json.ts";

/** Deeper than any real reply or argument; what walks through a value by recursion is safe at this depth. */
const MOST_LEVELS = 256;

/**
 * `JSON.parse`, but a number whose digits JavaScript has no room for is a `rawNumber`, so that it can go back as it came;
 * and what is nested so deep that walking through it would overflow the stack is left out. `lossIn` tells of both.
 * @throws SyntaxError if it is not JSON
 */
export function parseJson(text: string): JsonValue {
  // V8 needs no stack for this, however deep it is.
  const value = JSON.parse(text) as JsonValue;
  if (opens(text, MOST_NESTED)) prune(value);
  if (mayLoseDigits(text)) keepDigits(text, value);
  return value;
}

/**
 * What of a value, as it came from `parseJson`, no JavaScript can read as it was in the text, in words for whoever wrote
 * the text; undefined if nothing is.
 */
export function lossIn(value: JsonValue): string | undefined {
  const open: Nested[] = [{ value, level: 1 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next.value !== "object" || next.value === null) continue;
    if (isRawNumber(next.value)) return numberLoss(next.value.rawJSON);
    const loss = next.level > MOST_LEVELS ? TOO_DEEP : losses.get(next.value);
    if (loss !== undefined) return loss;
    for (const item of Object.values(next.value)) {
      if (typeof item === "object" && item !== null) open.push({ value: item, level: next.level + 1 });
    }
  }
  return undefined;
}

/** The same value, every number in it one that can be reckoned with, as near as it gets. */
export function plainNumbers<T>(value: T): T {
  return hasRaw(value) ? (copyOf(value) as T) : value;
}

/** The numbers in a text that would not come back as they are, as they stand there. */
export function inexactNumbers(text: string): readonly string[] {
  return Array.from(text.matchAll(LONG_NUMBER), ([number]) => number).filter((number) => !isExact(number));
}

/** What is lost of a number, in words for whoever wrote it. */
export function numberLoss(source: string): string {
  const shown = source.length > MOST_SHOWN ? `${source.slice(0, MOST_SHOWN)}…` : source;
  return `the number ${shown} would lose digits and become ${Number(source)}. Put it in quotes, or give fewer digits.`;
}

/** To be said where the values of one object go over to another: what was left out for its depth is told of there. */
export function takeLossOf(from: object, to: object): void {
  const loss = losses.get(from);
  if (loss !== undefined) losses.set(to, loss);
}

interface Nested {
  readonly value: JsonValue;
  readonly level: number;
}

/** What an object or list has lost for its depth, for as long as there is the object. */
const losses = new WeakMap<object, string>();

/** As deep as it goes: what `parseJson` leaves can be walked through. */
function hasRaw(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return isRawNumber(value) || Object.values(value).some(hasRaw);
}

function copyOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (isRawNumber(value)) return Number(value.rawJSON);
  if (Array.isArray(value)) return value.map(copyOf);
  const copy = {};
  for (const [key, item] of Object.entries(value)) define(copy, key, copyOf(item));
  return copy;
}

const TOO_DEEP = `they are nested more than ${MOST_LEVELS} levels deep. Nest them less.`;

/**
 * So that arguments which are not too deep themselves are not cut for the levels of the answer around them. More than a
 * reply or a conversation may have: what was cut here is still too deep for them.
 */
const MOST_NESTED = MOST_LEVELS + 40;

/** Whether a text has so many opening brackets, within its own texts or not. */
function opens(text: string, count: number): boolean {
  if (text.length < count) return false;
  let left = count;
  for (const bracket of ["{", "["]) {
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1)) if (--left === 0) return true;
  }
  return false;
}

function prune(root: JsonValue): void {
  const open: Nested[] = [{ value: root, level: 1 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next.value !== "object" || next.value === null) continue;
    for (const [key, value] of Object.entries(next.value)) {
      if (typeof value !== "object" || value === null) continue;
      if (next.level < MOST_NESTED) open.push({ value, level: next.level + 1 });
      else {
        define(next.value, key, null);
        losses.set(next.value, TOO_DEEP);
      }
    }
  }
}

/**
 * A number of 16 digits or more, or with an exponent of three: all others are certain to come back as they were. It may
 * stand in a text within the JSON; then nothing is lost but time.
 */
const LONG_NUMBER = /(?<=^|[:[,\s])-?(?:[\d.]{16}[\d.eE+-]*|[\d.]+[eE][+-]?\d{3,})/g;

/** What every such number has. Most texts have none: to see that costs a look. */
const MARK = /[\d.]{16}|\d[eE][+-]?\d{3}|\.[eE][+-]?\d{3}/;

function mayLoseDigits(text: string): boolean {
  if (!MARK.test(text)) return false;
  for (const [number] of text.matchAll(LONG_NUMBER)) if (!isExact(number)) return true;
  return false;
}

/** Texts, numbers, and what is between them. `true`, `false` and `null` are of no interest here. */
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[-\d][\d.eE+-]*/g;

/** Walks through a text that is JSON, and through its value beside it. */
function keepDigits(text: string, root: JsonValue): void {
  const above: Place[] = [];
  let place: Place = { holder: undefined, key: undefined };
  for (const [token] of text.matchAll(TOKENS)) {
    switch (token[0]) {
      case "{":
      case "[":
        above.push(place);
        place = { holder: above.length === 1 ? root : within(place), key: token === "[" ? 0 : undefined };
        break;
      case "}":
      case "]":
        place = above.pop() ?? place;
        break;
      case ",":
        place.key = typeof place.key === "number" ? place.key + 1 : undefined;
        break;
      case ":":
        break;
      case '"':
        place.key ??= JSON.parse(token) as string;
        break;
      default:
        keepNumber(token, place);
    }
  }
}

/** Where the walk is: in which object or list, and at which of its keys. */
interface Place {
  readonly holder: JsonValue | undefined;
  key: string | number | undefined;
}

/** Undefined below what was left out. */
function within({ holder, key }: Place): JsonValue | undefined {
  if (typeof holder !== "object" || holder === null || key === undefined) return undefined;
  return Object.getOwnPropertyDescriptor(holder, key)?.value as JsonValue | undefined;
}

/** Of a key that is there twice, the last is what was parsed. */
function keepNumber(source: string, place: Place): void {
  const { holder, key } = place;
  const parsed = within(place);
  if (typeof holder !== "object" || holder === null || key === undefined) return;
  const number = Number(source);
  if (parsed !== number && !isRawNumber(parsed)) return;
  const kept = isExact(source) ? number : rawNumber(source);
  if (kept !== parsed) define(holder, String(key), kept);
}

const MOST_SHOWN = 60;

function isExact(source: string): boolean {
  return decimal(source) === decimal(String(Number(source)));
}

/** The same text for the same number, however it is written; undefined for what cannot come back as it was. */
function decimal(text: string): string | undefined {
  const [, whole = "", fraction = "", exponent = "0"] =
    /^-?(\d{1,400})(?:\.(\d{1,400}))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  if (whole === "") return text;
  const digits = `${whole}${fraction}`.replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  if (significant === "") return "0";
  return `${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}
