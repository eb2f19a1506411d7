import { isRawNumber } from "../json.ts";
import { counted, cutNote, seeAlso } from "./cut-note.ts";
import { startOf } from "./cut-text.ts";
import type { JsonView } from "./json-view.ts";
import { viewOf } from "./json-view.ts";
import { MAX_DEPTH, plainJson } from "./plain-json.ts";

const PARTS_IN_CHUNK = 4096;

/** Of what is written at once, so that there is never a second copy of a long value. */
const PIECE_CHARACTERS = 65_536;

/** How much of a value is written; the rest becomes marks that say how much it was. */
export interface JsonLimits {
  /** Items of a list, and keys of an object. */
  readonly items: number;
  /** Characters of a text, and of a key. */
  readonly characters: number;
  /** Levels, the whole value being the first. */
  readonly depth: number;
}

export interface JsonWriterOptions {
  /** Of the JSON text: one that would be longer is given up as soon as that shows. */
  readonly maxCharacters: number;
  /** @default all of it, to a depth of 100 */
  readonly limits?: JsonLimits;
  /** Where the whole value can be read. */
  readonly reference?: string | undefined;
  /** Of the objects inside that were seen already, so that no `toJSON` is called twice. */
  readonly views?: Map<object, JsonView>;
}

const NO_LIMITS: JsonLimits = { items: Infinity, characters: Infinity, depth: MAX_DEPTH };

/**
 * An object as JSON text; undefined if that would be too long. Like `JSON.stringify`, but nothing in the value can
 * make it throw: a circle, a getter that throws, a level too deep are marks in the text.
 */
export function writeJson(value: object, view: JsonView, options: JsonWriterOptions): string | undefined {
  return new JsonWriter(options).write(value, view);
}

class JsonWriter {
  readonly #maxCharacters: number;
  readonly #limits: JsonLimits;
  readonly #reference: string | undefined;
  readonly #views: Map<object, JsonView> | undefined;
  /** The objects that the one being written is in, from the outside in, and the way to each. */
  readonly #path: object[] = [];
  readonly #keys: (string | number)[] = ["$"];
  /** In long pieces that are not copied together: that would make a second copy of a long text. */
  #written = "";
  #parts: string[] = [];
  #length = 0;

  constructor({ maxCharacters, limits = NO_LIMITS, reference, views }: JsonWriterOptions) {
    this.#maxCharacters = maxCharacters;
    this.#limits = limits;
    this.#reference = reference;
    this.#views = views;
  }

  write(value: object, view: JsonView): string | undefined {
    this.#object(value, view);
    if (this.#full) return undefined;
    return this.#written + this.#parts.join("");
  }

  get #full(): boolean {
    return this.#length > this.#maxCharacters;
  }

  #value(value: unknown): void {
    if (typeof value === "string") this.#text(value);
    else if (typeof value === "number") this.#put(Number.isFinite(value) ? String(value) : `"${value}"`);
    else if (typeof value === "boolean") this.#put(String(value));
    else if (typeof value === "bigint") this.#text(String(value));
    else if (isRawNumber(value)) this.#raw(value.rawJSON);
    else if (typeof value === "object" && value !== null) this.#object(value, this.#view(value));
    else this.#put("null");
  }

  #object(value: object, view: JsonView): void {
    const place = this.#path.indexOf(value);
    if (place >= 0) this.#text(`[circle: the same as ${this.#keys.slice(0, place + 1).join(".")}]`);
    else if (view.kind === "plain") this.#value(view.value);
    else if (view.kind === "unreadable") this.#text(`[${view.what}]`);
    else if (this.#path.length >= this.#limits.depth) this.#put(JSON.stringify(this.#note(sizeOf(view))));
    else if (!this.#isWrittenPlain(value)) {
      this.#path.push(value);
      if (view.kind === "list") this.#list(view);
      else this.#table(view);
      this.#path.pop();
    }
  }

  /** A small part that needs no care, in one go. */
  #isWrittenPlain(value: object): boolean {
    if (this.#limits !== NO_LIMITS) return false;
    const text = plainJson(value, PIECE_CHARACTERS, MAX_DEPTH - this.#path.length);
    if (text !== undefined) this.#put(text);
    return text !== undefined;
  }

  #view(value: object): JsonView {
    let view = this.#views?.get(value);
    if (view === undefined) {
      view = viewOf(value);
      this.#views?.set(value, view);
    }
    return view;
  }

  #list({ size, read }: JsonView & { kind: "list" }): void {
    const shown = Math.min(size, this.#limits.items);
    // An item has a character at least, and a comma: what cannot fit is not tried.
    if (this.#length + 2 * shown > this.#maxCharacters) this.#length = Infinity;
    this.#put("[");
    for (let place = 0; place < shown && !this.#full; place++) {
      if (place > 0) this.#put(",");
      this.#keys.push(place);
      this.#value(read(place));
      this.#keys.pop();
    }
    if (shown < size)
      this.#put(`${shown > 0 ? "," : ""}${JSON.stringify(this.#note(counted(size - shown, "more item")))}`);
    this.#put("]");
  }

  #table({ keys, read }: JsonView & { kind: "table" }): void {
    let shown = 0;
    let place = 0;
    this.#put("{");
    for (; place < keys.length && shown < this.#limits.items && !this.#full; place++) {
      const key = keys[place] ?? "";
      const item = read(key);
      if (item === undefined || typeof item === "function" || typeof item === "symbol") continue;
      if (shown > 0) this.#put(",");
      this.#text(key);
      this.#put(":");
      this.#keys.push(key);
      this.#value(item);
      this.#keys.pop();
      shown++;
    }
    if (place < keys.length) {
      const missing = counted(keys.length - place, "more key") + seeAlso(this.#reference);
      const mark = JSON.stringify(markBeside(keys.slice(0, place)));
      this.#put(`${shown > 0 ? "," : ""}${mark}:${JSON.stringify(missing)}`);
    }
    this.#put("}");
  }

  /** Nobody needs all digits of a very long number. */
  #raw(digits: string): void {
    if (digits.length > this.#limits.characters) this.#text(digits);
    else this.#put(digits);
  }

  #text(text: string): void {
    const { characters } = this.#limits;
    // Too long as it stands: not even a copy of it is made.
    if (this.#length + Math.min(text.length, characters) > this.#maxCharacters) this.#length = Infinity;
    else if (text.length > characters) {
      const start = startOf(text, characters);
      this.#put(quoted(start + this.#note(counted(text.length - start.length, "more character"))));
    } else if (text.length <= PIECE_CHARACTERS) this.#put(quoted(text));
    else this.#longText(text);
  }

  #longText(text: string): void {
    this.#put('"');
    for (let place = 0; place < text.length; ) {
      const piece = startOf(text.slice(place, place + PIECE_CHARACTERS + 1), PIECE_CHARACTERS);
      this.#put(quoted(piece).slice(1, -1));
      place += piece.length;
    }
    this.#put('"');
  }

  #note(missing: string): string {
    return cutNote(missing, this.#reference);
  }

  #put(text: string): void {
    this.#length += text.length;
    if (this.#parts.push(text) < PARTS_IN_CHUNK && text.length < PIECE_CHARACTERS / 2) return;
    this.#written += this.#parts.join("");
    this.#parts = [];
  }
}

/** Half of a surrogate pair is no text that a model could be sent. */
function quoted(text: string): string {
  return JSON.stringify(text.toWellFormed());
}

/** The key of what is cut from an object; not one that the object itself shows, for of two the reader would lose one. */
function markBeside(shown: readonly string[]): string {
  let mark = "[Cut]";
  for (let another = 2; shown.includes(mark); another++) mark = `[Cut ${another}]`;
  return mark;
}

function sizeOf(view: JsonView & { kind: "list" | "table" }): string {
  return view.kind === "list"
    ? `a list of ${counted(view.size, "item")}`
    : `an object with ${counted(view.keys.length, "key")}`;
}
