import type { Problem } from "./check-value.ts";
import type { Path } from "./path.ts";
import { showPath } from "./path.ts";
import { MOST_LEVELS } from "./source-document.ts";

/** A file of 1 MB cannot write down more; YAML aliases can multiply into more. */
const MOST_VALUES = 600_000;

/**
 * A copy of parsed data that is certainly JSON: no dates, no `NaN`, no integer that would lose digits, no key
 * that could reach a prototype, no circles. The first offence ends it.
 */
export function plainData(value: unknown): { readonly data: unknown } | { readonly problem: Problem } {
  try {
    return { data: new Copier().copy(value, []) };
  } catch (error) {
    if (error instanceof NotPlain) return { problem: error.problem };
    throw error;
  }
}

class NotPlain extends Error {
  readonly problem: Problem;

  constructor(path: Path, what: string) {
    super(what);
    this.problem = { path, message: `${showPath(path, "file")} ${what}` };
  }
}

class Copier {
  #values = 0;

  copy(value: unknown, path: Path): unknown {
    if (++this.#values > MOST_VALUES) throw new NotPlain(path, "holds too much: aliases multiply it without end.");
    if (value === null || typeof value === "string" || typeof value === "boolean") return value;
    if (typeof value === "number") return this.#number(value, path);
    if (typeof value === "bigint") return this.#integer(value, path);
    if (value instanceof Date) {
      throw new NotPlain(path, `is the date ${value.toISOString()}, which JSON has no type for. Put it in quotes.`);
    }
    if (path.length >= MOST_LEVELS)
      throw new NotPlain(path.slice(0, 3), `is nested more than ${MOST_LEVELS} levels deep.`);
    if (Array.isArray(value)) return value.map((item, index) => this.copy(item, [...path, index]));
    const copy: Record<string, unknown> = {};
    for (const [key, item] of Object.entries(value as object)) {
      if (key === "__proto__") throw new NotPlain([...path, key], "is not allowed as a key: name it otherwise.");
      copy[key] = this.copy(item, [...path, key]);
    }
    return copy;
  }

  #number(value: number, path: Path): number {
    if (!Number.isFinite(value)) throw new NotPlain(path, `is ${value}, which JSON has no number for.`);
    return value;
  }

  #integer(value: bigint, path: Path): number {
    const number = Number(value);
    if (Number.isSafeInteger(number)) return number;
    const shown = String(value).slice(0, 40);
    throw new NotPlain(path, `is ${shown}, which would lose digits: integers go up to 2^53 - 1. Put it in quotes.`);
  }
}
