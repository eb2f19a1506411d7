import { describe, LLMProcError } from "../../errors.ts";

/** Of all the results that one process keeps. Beyond it, the oldest are dropped. */
export const MAX_KEPT_CHARACTERS = 64 * 1024 * 1024;

interface KeptResult {
  readonly reference: string;
  readonly text: string;
}

/**
 * The whole of results that were cut, for tools that read on. A fork sees what its parent kept until then: both
 * share the texts, and the list is swapped whole.
 */
export class KeptResults {
  #results: readonly KeptResult[] = [];
  #characters = 0;
  #count = 0;

  /** What it can be read by from now on; undefined if it is too long to be kept. */
  keep(text: string | undefined): string | undefined {
    if (text === undefined || text.length > MAX_KEPT_CHARACTERS) return undefined;
    this.#count++;
    const reference = `fd:${this.#count}`;
    const results = [...this.#results, { reference, text }];
    this.#characters += text.length;
    while (this.#characters > MAX_KEPT_CHARACTERS) this.#characters -= results.shift()?.text.length ?? 0;
    this.#results = results;
    return reference;
  }

  /** @throws LLMProcError `result_missing` if it was never kept, or dropped for later ones */
  read(reference: string): string {
    const found = this.#results.find((result) => result.reference === reference);
    if (found !== undefined) return found.text;
    const number = /^fd:([1-9]\d*)$/.exec(reference)?.[1];
    const dropped = number !== undefined && Number(number) <= this.#count;
    const why = dropped
      ? `${reference} was dropped to make room for later results.`
      : `There is no ${describe(reference)}.`;
    const known = this.#results.map((result) => result.reference).join(", ") || "nothing";
    throw new LLMProcError("result_missing", `${why} Kept: ${known}.`);
  }

  fork(): KeptResults {
    const copy = new KeptResults();
    copy.#results = this.#results;
    copy.#characters = this.#characters;
    copy.#count = this.#count;
    return copy;
  }
}
