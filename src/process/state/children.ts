import type { Below } from "./above.ts";

/** Children that are not closed. Most processes have none, so that the set is made for the first. */
export class Children implements Iterable<Below> {
  #set: Set<Below> | undefined;

  get size(): number {
    return this.#set?.size ?? 0;
  }

  add(child: Below): void {
    this.#set ??= new Set();
    this.#set.add(child);
  }

  delete(child: Below): void {
    this.#set?.delete(child);
  }

  [Symbol.iterator](): Iterator<Below> {
    return (this.#set ?? []).values();
  }
}
