import { describe } from "../errors.ts";
import { inexactNumbers } from "../process/contract/exact-json.ts";
import type { Form, Problem } from "./check-value.ts";
import type { Path } from "./path.ts";
import { showPath } from "./path.ts";
import { MOST_LEVELS } from "./source-document.ts";

/** A file of 1 MB cannot write down more; YAML aliases can multiply into more. */
const MOST_VALUES = 600_000;

/**
 * A copy of parsed data that is certainly JSON: no dates, no `NaN`, no integer that would lose digits, no key
 * that could reach a prototype, no circles. The first offence ends it.
 */
export function plainData(
  value: unknown,
  path: Path = [],
  form: Form = "file",
): { readonly data: unknown } | { readonly problem: Problem } {
  try {
    return { data: new Copier(form, path).copy(value) };
  } catch (error) {
    if (error instanceof NotPlain) return { problem: error.problem };
    throw error;
  }
}

class NotPlain extends Error {
  readonly problem: Problem;

  constructor(path: Path, form: Form, what: string) {
    super(what);
    this.problem = { path, message: `${showPath(path, form)} ${what}` };
  }
}

class Copier {
  readonly #form: Form;
  /** Of what is being copied. */
  readonly #path: (string | number)[];
  #values = 0;

  constructor(form: Form, path: Path) {
    this.#form = form;
    this.#path = [...path];
  }

  copy(value: unknown): unknown {
    if (++this.#values > MOST_VALUES) this.#refuse("holds too much: aliases multiply it without end.");
    if (value === null || typeof value === "string" || typeof value === "boolean") return value;
    if (typeof value === "number") return this.#number(value);
    if (typeof value === "bigint") return this.#integer(value);
    if (value instanceof Date) this.#refuse(`is the date ${showDate(value)}, not JSON. Put it in quotes.`);
    if (typeof value !== "object") this.#refuse(`is ${describe(value)}, which is not JSON.`);
    if (this.#path.length >= MOST_LEVELS) this.#refuse(`is nested more than ${MOST_LEVELS} levels deep.`, 3);
    if (Array.isArray(value)) return value.map((item, index) => this.#copyBelow(index, item));
    const copy: Record<string, unknown> = {};
    for (const [key, item] of Object.entries(value)) {
      if (key === "__proto__") {
        this.#path.push(key);
        this.#refuse("is not allowed as a key: name it otherwise.");
      }
      if (item !== undefined) copy[key] = this.#copyBelow(key, item);
    }
    return copy;
  }

  #copyBelow(step: string | number, item: unknown): unknown {
    this.#path.push(step);
    const copy = this.copy(item);
    this.#path.pop();
    return copy;
  }

  #number(value: number): number {
    return Number.isFinite(value) ? value : this.#refuse(`is ${value}, which JSON has no number for.`);
  }

  #integer(value: bigint): number {
    const number = Number(value);
    // Of some that it has room for, such as 2^60, JavaScript writes other digits: those would reach the wire.
    const isExact = Number.isFinite(number) && inexactNumbers(String(value)).length === 0;
    if (Number.isSafeInteger(number) || isExact) return number;
    const shown = String(value).slice(0, 40);
    return this.#refuse(`is ${shown}, which would lose digits and become ${number}. Put it in quotes.`);
  }

  /** `steps` is how much of the path is shown: all of a very deep one says nothing. */
  #refuse(what: string, steps = this.#path.length): never {
    throw new NotPlain(this.#path.slice(0, steps), this.#form, what);
  }
}

function showDate(date: Date): string {
  return Number.isNaN(date.getTime()) ? "that is none" : date.toISOString();
}
