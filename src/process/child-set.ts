import type { ProcessState } from "./process-state.ts";

/** Children that are not closed. Most processes have none, so that the set is made for the first. */
export class Children implements Iterable<ProcessState> {
  #set: Set<ProcessState> | undefined;

  get size(): number {
    return this.#set?.size ?? 0;
  }

  add(child: ProcessState): void {
    this.#set ??= new Set();
    this.#set.add(child);
  }

  delete(child: ProcessState): void {
    this.#set?.delete(child);
  }

  [Symbol.iterator](): Iterator<ProcessState> {
    return (this.#set ?? []).values();
  }
}
