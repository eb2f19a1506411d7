import type { Path } from "./path.ts";
import { MOST_LEVELS, MOST_TOKENS } from "./source-document.ts";

export interface TomlPositions {
  /** Where the key or item at `path` stands; where it is absent, the nearest thing around it. */
  offsetOf(path: Path): number;
  /** Where there began to be too many keys and values, and whether those are the parts of one key. */
  readonly tooMany: { readonly offset: number; readonly inOneKey: boolean } | undefined;
}

/**
 * Finds where each key and list item of a TOML text stands, before anything parses it. Nothing is checked: what is not
 * valid ends the search, and it is for the parser to say why.
 */
export function tomlPositions(text: string, decodeKey: (quoted: string) => string): TomlPositions {
  const scanner = new Scanner(text, decodeKey);
  const tooMany = scanner.scan();
  const offsetOf = (path: Path): number => {
    let place = scanner.root;
    for (const step of path) {
      const below = place.below?.get(step);
      if (below === undefined) break;
      place = below;
    }
    return place.offset;
  };
  return { tooMany, offsetOf };
}

/** A key or an item of a list. A tree of them: what has the same beginning shares it, and no path is ever copied. */
interface KeyPlace {
  /** Of the first mention. */
  readonly offset: number;
  /** How many tables an array of tables has so far. */
  tables: number;
  below: Map<string | number, KeyPlace> | undefined;
}

interface KeyPart {
  readonly name: string;
  readonly offset: number;
}

/** Thrown where the search ends early. */
class Stop {
  readonly tooMany: TomlPositions["tooMany"];

  constructor(tooMany?: TomlPositions["tooMany"]) {
    this.tooMany = tooMany;
  }
}

class Scanner {
  readonly root: KeyPlace = { offset: 0, tables: 0, below: undefined };
  readonly #text: string;
  readonly #decodeKey: (quoted: string) => string;
  #tokens = 0;
  #at = 0;

  constructor(text: string, decodeKey: (quoted: string) => string) {
    this.#text = text;
    this.#decodeKey = decodeKey;
  }

  scan(): TomlPositions["tooMany"] {
    try {
      let table = this.root;
      for (this.#skipVoid(); this.#at < this.#text.length; this.#skipVoid()) {
        if (this.#text[this.#at] === "[") table = this.#header();
        else this.#keyValue(table, 0);
        this.#skipSpace();
        if (!/[#\r\n]/.test(this.#text[this.#at] ?? "\n")) return undefined;
      }
      return undefined;
    } catch (stop) {
      if (stop instanceof Stop) return stop.tooMany;
      throw stop;
    }
  }

  #header(): KeyPlace {
    const isArray = this.#text[this.#at + 1] === "[";
    this.#at += isArray ? 2 : 1;
    const parts = this.#key("]");
    if (isArray) this.#pass("]");
    let place = this.root;
    for (const [index, { name, offset }] of parts.entries()) {
      place = placeBelow(place, name, offset);
      if (isArray && index === parts.length - 1) place.tables++;
      // What stands below an array of tables belongs to its last.
      if (place.tables > 0) place = placeBelow(place, place.tables - 1, offset);
    }
    return place;
  }

  #keyValue(table: KeyPlace, depth: number): void {
    let place = table;
    for (const { name, offset } of this.#key("=")) place = placeBelow(place, name, offset);
    this.#skipSpace();
    this.#value(place, depth);
  }

  #value(place: KeyPlace, depth: number): void {
    const first = this.#text[this.#at];
    // The parser refuses such depths; this must not recurse into them before it does.
    if (depth > MOST_LEVELS) throw new Stop();
    this.#count(this.#at);
    if (first === '"' || first === "'") this.#skipString();
    else if (first === "[") this.#array(place, depth);
    else if (first === "{") this.#inlineTable(place, depth);
    else while (this.#at < this.#text.length && !/[,\]}#\r\n]/.test(this.#text[this.#at] ?? "")) this.#at++;
  }

  #array(place: KeyPlace, depth: number): void {
    this.#at++;
    for (let index = 0; !this.#closes("]"); index++) {
      this.#value(placeBelow(place, index, this.#at), depth + 1);
      this.#endItem("]");
    }
  }

  #inlineTable(place: KeyPlace, depth: number): void {
    this.#at++;
    while (!this.#closes("}")) {
      this.#keyValue(place, depth + 1);
      this.#endItem("}");
    }
  }

  /** True at the closing bracket, which is passed. */
  #closes(bracket: string): boolean {
    this.#skipVoid();
    if (this.#text[this.#at] !== bracket) return false;
    this.#at++;
    return true;
  }

  /** Passes the comma behind an item. */
  #endItem(bracket: string): void {
    this.#skipVoid();
    if (this.#text[this.#at] !== bracket) this.#pass(",");
  }

  /** The parts of a dotted key, and past its `end`. */
  #key(end: string): readonly KeyPart[] {
    const parts: KeyPart[] = [];
    for (;;) {
      this.#skipSpace();
      const offset = this.#at;
      this.#count(parts[0]?.offset ?? offset, parts.length > MOST_LEVELS);
      parts.push({ name: this.#keyPart(), offset });
      this.#skipSpace();
      if (this.#text[this.#at] !== ".") break;
      this.#at++;
    }
    this.#pass(end);
    return parts;
  }

  #keyPart(): string {
    const start = this.#at;
    const first = this.#text[start];
    if (first === '"' || first === "'") {
      this.#skipString();
      const quoted = this.#text.slice(start, this.#at);
      return quoted.includes("\\") ? this.#decodeKey(quoted) : quoted.slice(1, -1);
    }
    while (/[\w-]/.test(this.#text[this.#at] ?? "")) this.#at++;
    if (this.#at === start) throw new Stop();
    return this.#text.slice(start, this.#at);
  }

  #skipString(): void {
    const quote = this.#text[this.#at] ?? "";
    const triple = quote.repeat(3);
    const end = this.#text.startsWith(triple, this.#at) ? triple : quote;
    this.#at += end.length;
    while (!this.#text.startsWith(end, this.#at)) {
      if (this.#at >= this.#text.length || (end === quote && this.#text[this.#at] === "\n")) throw new Stop();
      this.#at += quote === '"' && this.#text[this.#at] === "\\" ? 2 : 1;
    }
    this.#at += end.length;
    // A multi-line string may end in quotes of its own, right before its closing ones.
    if (end === triple) while (this.#text[this.#at] === quote) this.#at++;
  }

  #pass(expected: string): void {
    if (this.#text[this.#at] !== expected) throw new Stop();
    this.#at++;
  }

  #skipVoid(): void {
    for (;;) {
      while (/[ \t\r\n]/.test(this.#text[this.#at] ?? "")) this.#at++;
      if (this.#text[this.#at] !== "#") return;
      const lineEnd = this.#text.indexOf("\n", this.#at);
      this.#at = lineEnd === -1 ? this.#text.length : lineEnd;
    }
  }

  #skipSpace(): void {
    while (this.#text[this.#at] === " " || this.#text[this.#at] === "\t") this.#at++;
  }

  #count(offset: number, inOneKey = false): void {
    if (++this.#tokens > MOST_TOKENS) throw new Stop({ offset, inOneKey });
  }
}

function placeBelow(place: KeyPlace, step: string | number, offset: number): KeyPlace {
  place.below ??= new Map();
  let below = place.below.get(step);
  if (below === undefined) {
    below = { offset, tables: 0, below: undefined };
    place.below.set(step, below);
  }
  return below;
}
