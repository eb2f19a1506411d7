import { mulberry32 } from "../test/support/mulberry32.ts";

/**
 * Chance from a seed. What is drawn `for` something depends on the seed and on that alone, and not on what was drawn
 * before: so a seed plans the same faults however its processes interleave.
 */
export class Chance {
  readonly #name: string;
  /** From 0 to just below 1. */
  readonly next: () => number;

  constructor(name: string) {
    this.#name = name;
    this.next = mulberry32(hash(name));
  }

  for(...what: readonly (string | number)[]): Chance {
    return new Chance([this.#name, ...what].join(" "));
  }

  /** A whole number from 0 to just below `bound`. */
  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  happens(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(list: readonly [T, ...T[]]): T {
    return list[this.below(list.length)] ?? list[0];
  }
}

/** FNV-1a. */
function hash(text: string): number {
  let state = 0x811c9dc5;
  for (let place = 0; place < text.length; place++) {
    state = Math.imul(state ^ text.charCodeAt(place), 0x01000193);
  }
  return state;
}
