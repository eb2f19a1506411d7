import { inspect } from "node:util";
import type { JsonValue } from "../../json.ts";
import { deepFreeze, isRawNumber } from "../../json.ts";
import { ModelError } from "../../process/contract/model.ts";
import { factsOf } from "../error-facts.ts";
import { longForms, shortForms } from "./secret-forms.ts";
import { SecretSearch } from "./secret-search.ts";
import type { Doors } from "./secret-values.ts";
import { secretValues } from "./secret-values.ts";

/**
 * What of a model's requests opens doors, so that nobody hears it when a server repeats it. `[secret]` stands in its
 * place, in whatever spelling it comes back.
 */
export class Secrets {
  #configured: readonly string[] = [];
  /** Of requests, the latest last: tokens are renewed now and then, and old ones open nothing. */
  #seen: readonly string[] = [];
  #search = new SecretSearch([]);
  /** With those that are too short to be told from ordinary words. */
  #searchAll = this.#search;

  constructor(configured: Doors = {}) {
    this.add(configured);
  }

  /** What turns out later of the configuration. */
  add(doors: Doors): void {
    this.#configured = [...new Set([...this.#configured, ...secretValues(doors)])];
    this.#prepare();
  }

  /** What a request has beside what was configured. */
  note(doors: Doors): void {
    this.noteValues(secretValues(doors));
  }

  noteValues(values: readonly string[]): void {
    const now = new Set(values.filter((value) => !this.#configured.includes(value)));
    const isKnown = [...now].every((value) => this.#seen.includes(value));
    this.#seen = [...this.#seen.filter((value) => !now.has(value)), ...now].slice(-MOST_SEEN);
    if (!isKnown) this.#prepare();
  }

  #prepare(): void {
    const values = [...this.#configured, ...this.#seen];
    const long = longForms(values);
    const short = shortForms(values);
    this.#search = new SecretSearch(long);
    this.#searchAll = short.length === 0 ? this.#search : new SecretSearch([...long, ...short]);
  }

  /** A text of an error, a short password hidden in it, too. */
  inError(text: string): string {
    return clean(text, this.#searchAll);
  }

  /** The same value, frozen, as deep as it goes, its keys as well; the value itself where nothing is secret. */
  inReply<Value>(value: Value): Value {
    // A border post: what is put in the place of texts are texts.
    return deepFreeze(cleanJson(value as JsonValue, this.#search)) as Value;
  }

  /** What can be shown of the beginning of a text that goes on, and what may be the beginning of a secret. */
  inPiece(text: string): { readonly shown: string; readonly held: string } {
    let shown = "";
    let done = 0;
    for (;;) {
      const found = this.#search.next(text, done);
      if (found === undefined) return { shown: done === 0 ? text : shown + text.slice(done), held: "" };
      shown += text.slice(done, found.start);
      if (found.isPart) return { shown, held: text.slice(found.start) };
      shown += HIDDEN;
      done = found.end;
    }
  }

  /** What was held back at the end of a text. */
  inEnd(text: string): string {
    return clean(text, this.#search);
  }

  /** The same error; where its text or anything behind it has a secret, without that, and without its cause. */
  cleanError(error: ModelError): ModelError {
    const message = this.inError(error.message);
    if (message === error.message && !this.isIn(error.cause)) return error;
    return new ModelError(message, factsOf(error));
  }

  /** Whether anything of a value, as deep as it can be shown, is secret. */
  isIn(value: unknown): boolean {
    const shown = shownDeep(value);
    return this.inError(shown) !== shown;
  }
}

/** A value as deep as it matters. */
export function shownDeep(value: unknown): string {
  return inspect(value, { depth: 8, maxStringLength: null, maxArrayLength: null, breakLength: Infinity });
}

const HIDDEN = "[secret]";

const MOST_SEEN = 100;

function clean(text: string, search: SecretSearch): string {
  const rest = search.restAtStart(text);
  let cleaned = rest === undefined ? "" : HIDDEN;
  let done = rest?.end ?? 0;
  for (let from = done; ; ) {
    const found = search.next(text, from);
    if (found === undefined) return done === 0 ? text : cleaned + text.slice(done);
    from = found.start + 1;
    // The beginning of one that was cut short opens nothing, but tells much of it.
    if (!found.tells) continue;
    cleaned += text.slice(done, found.start) + HIDDEN;
    done = found.end;
    from = done;
  }
}

function cleanJson(value: JsonValue, search: SecretSearch): JsonValue {
  if (typeof value === "string") return clean(value, search);
  if (typeof value !== "object" || value === null) return value;
  if (isRawNumber(value)) return clean(value.rawJSON, search) === value.rawJSON ? value : HIDDEN;
  const entries: [string, JsonValue | undefined][] = [];
  let isSame = true;
  for (const [key, item] of Object.entries(value)) {
    const entry: (typeof entries)[number] = [clean(key, search), item === undefined ? item : cleanJson(item, search)];
    isSame &&= entry[0] === key && entry[1] === item;
    entries.push(entry);
  }
  if (isSame) return value;
  return Array.isArray(value) ? entries.map(([, item]) => item ?? null) : Object.fromEntries(entries);
}
