/** How many levels of a value are ever shown: nobody reads further down, and no value can overflow the stack. */
export const MAX_DEPTH = 100;

/** Is larger than any limit. */
const NOT_PLAIN = Infinity;

/**
 * Plain data as JSON text, by `JSON.stringify`: that is quick. Undefined if it is too long, has more levels, or has more in
 * it than lists, objects and simple values; nothing of it is written out then.
 */
export function plainJson(value: object, maxCharacters: number, levels = MAX_DEPTH): string | undefined {
  try {
    if (leastLength(value, maxCharacters, levels) > maxCharacters) return undefined;
    const text: unknown = JSON.stringify(value);
    return typeof text === "string" && text.length <= maxCharacters ? withWholePairs(text) : undefined;
  } catch {
    return undefined;
  }
}

/** JSON text with U+FFFD for half of a surrogate pair, which `JSON.stringify` writes as an escape. */
function withWholePairs(json: string): string {
  if (!json.includes("\\ud")) return json;
  return json.replace(/\\\\|\\ud[89a-f][0-9a-f]{2}/g, (found) => (found === "\\\\" ? found : "\ufffd"));
}

/** How long plain data is as JSON at least; more than `most` also where it is not plain, or nested too deep. */
function leastLength(value: unknown, most: number, levels: number): number {
  if (typeof value === "string") return value.length + 2;
  if (typeof value === "number") return Number.isFinite(value) ? 1 : NOT_PLAIN;
  if (typeof value === "bigint") return NOT_PLAIN;
  if (typeof value !== "object" || value === null) return 0;
  if (levels === 0) return NOT_PLAIN;
  return Array.isArray(value) ? listLength(value, most, levels) : tableLength(value, most, levels);
}

function listLength(list: readonly unknown[], most: number, levels: number): number {
  let length = 2 + list.length;
  for (let place = 0; place < list.length && length <= most; place++) {
    length += leastLength(list[place], most - length, levels - 1);
  }
  return length;
}

function tableLength(table: object, most: number, levels: number): number {
  const prototype: unknown = Object.getPrototypeOf(table);
  if (prototype !== Object.prototype && prototype !== null) return NOT_PLAIN;
  if (typeof Reflect.get(table, "toJSON") === "function") return NOT_PLAIN;
  let length = 2;
  for (const key in table) {
    // Of a function or `undefined`, JSON has not even the key.
    const item = (table as { readonly [key: string]: unknown })[key];
    const own = leastLength(item, most - length, levels - 1);
    length += own === 0 ? 0 : own + key.length + 4;
    if (length > most) return length;
  }
  return length;
}
