import type { Path } from "./path.ts";
import { MOST_LEVELS } from "./source-document.ts";

/** Finds where each key and list item of a TOML text stands. The text must be valid TOML: nothing is checked here. */
export function tomlPositions(text: string, decodeKey: (quoted: string) => string): ReadonlyMap<string, number> {
  const scanner = new Scanner(text, decodeKey);
  scanner.scan();
  return scanner.offsets;
}

/** The key under which `tomlPositions` files a path. */
export function pathKey(path: Path): string {
  return JSON.stringify(path);
}

interface KeyPart {
  readonly name: string;
  readonly offset: number;
}

class Scanner {
  readonly offsets = new Map<string, number>();
  readonly #text: string;
  readonly #decodeKey: (quoted: string) => string;
  /** Arrays of tables, by path: how many tables there are so far. */
  readonly #counts = new Map<string, number>();
  #at = 0;

  constructor(text: string, decodeKey: (quoted: string) => string) {
    this.#text = text;
    this.#decodeKey = decodeKey;
  }

  scan(): void {
    let table: Path = [];
    for (this.#skipVoid(); this.#at < this.#text.length; this.#skipVoid()) {
      if (this.#text[this.#at] === "[") table = this.#header();
      else this.#keyValue(table);
    }
  }

  #header(): Path {
    const isArray = this.#text[this.#at + 1] === "[";
    this.#at += isArray ? 2 : 1;
    const parts = this.#key("]");
    this.#at += isArray ? 2 : 1;
    const path: (string | number)[] = [];
    for (const [index, { name, offset }] of parts.entries()) {
      path.push(name);
      this.#record(path, offset);
      if (path.length > MOST_LEVELS) continue;
      const key = pathKey(path);
      const count = this.#counts.get(key);
      if (isArray && index === parts.length - 1) {
        this.#counts.set(key, (count ?? 0) + 1);
        path.push(count ?? 0);
        this.#record(path, offset);
      } else if (count !== undefined) path.push(count - 1);
    }
    return path;
  }

  #keyValue(table: Path): void {
    const path = [...table];
    for (const { name, offset } of this.#key("=")) {
      path.push(name);
      this.#record(path, offset);
    }
    this.#at++;
    this.#skipSpace();
    this.#value(path);
  }

  #value(path: Path): void {
    const first = this.#text[this.#at];
    if (first === '"' || first === "'") this.#skipString();
    else if (first === "[") this.#array(path);
    else if (first === "{") this.#inlineTable(path);
    else while (this.#at < this.#text.length && !/[,\]}#\r\n]/.test(this.#text[this.#at] ?? "")) this.#at++;
  }

  #array(path: Path): void {
    this.#at++;
    for (let index = 0; ; index++) {
      this.#skipVoid();
      if (this.#closes("]")) return;
      const item = [...path, index];
      this.#record(item, this.#at);
      this.#value(item);
      this.#skipVoid();
      if (this.#text[this.#at] === ",") this.#at++;
    }
  }

  #inlineTable(path: Path): void {
    this.#at++;
    for (;;) {
      this.#skipVoid();
      if (this.#closes("}")) return;
      this.#keyValue(path);
      this.#skipVoid();
      if (this.#text[this.#at] === ",") this.#at++;
    }
  }

  /** True at the closing bracket, which is passed, or at the end of the text. */
  #closes(bracket: string): boolean {
    if (this.#at < this.#text.length && this.#text[this.#at] !== bracket) return false;
    this.#at++;
    return true;
  }

  /** The parts of a dotted key; stops at `end`. */
  #key(end: string): readonly KeyPart[] {
    const parts: KeyPart[] = [];
    for (;;) {
      this.#skipSpace();
      const offset = this.#at;
      const first = this.#text[offset];
      if (first === undefined || first === end) return parts;
      if (first === ".") {
        this.#at++;
      } else if (first === '"' || first === "'") {
        this.#skipString();
        const quoted = this.#text.slice(offset, this.#at);
        parts.push({ name: quoted.includes("\\") ? this.#decodeKey(quoted) : quoted.slice(1, -1), offset });
      } else {
        while (/[\w-]/.test(this.#text[this.#at] ?? "")) this.#at++;
        // Never stands still, even on a text that is not valid.
        if (this.#at === offset) this.#at++;
        parts.push({ name: this.#text.slice(offset, this.#at), offset });
      }
    }
  }

  #skipString(): void {
    const quote = this.#text[this.#at] ?? "";
    const triple = quote.repeat(3);
    const end = this.#text.startsWith(triple, this.#at) ? triple : quote;
    this.#at += end.length;
    while (this.#at < this.#text.length && !this.#text.startsWith(end, this.#at)) {
      this.#at += quote === '"' && this.#text[this.#at] === "\\" ? 2 : 1;
    }
    this.#at += end.length;
    // A multi-line string may end in quotes of its own, right before its closing ones.
    if (end === triple) while (this.#text[this.#at] === quote) this.#at++;
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

  /** The first mention of a path is where it stands. */
  #record(path: Path, offset: number): void {
    if (path.length > MOST_LEVELS) return;
    const key = pathKey(path);
    if (!this.offsets.has(key)) this.offsets.set(key, offset);
  }
}
