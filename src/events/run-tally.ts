import type { ProcessUsage, Usage } from "./run-result.ts";
import { Tally } from "./tally.ts";

interface Counted {
  readonly id: string;
  readonly name: string;
  readonly tally: Tally;
}

/** What a run uses, by process: its own first, then the children that it made. */
export class RunTally {
  readonly #own: Counted;
  /** By id: a process that is over need not wait for the end of the run to be garbage. */
  #others: Map<string, Counted> | undefined;

  constructor({ id, name }: { readonly id: string; readonly name: string }) {
    this.#own = { id, name, tally: new Tally() };
  }

  of({ id, name }: { readonly id: string; readonly name: string }): Tally {
    if (id === this.#own.id) return this.#own.tally;
    this.#others ??= new Map();
    let other = this.#others.get(id);
    if (other === undefined) {
      other = { id, name, tally: new Tally() };
      this.#others.set(id, other);
    }
    return other.tally;
  }

  usage(): Usage {
    return Tally.usage(this.#all().map(({ tally }) => tally));
  }

  processes(): readonly ProcessUsage[] {
    const usages = this.#all().map(({ id, name, tally }) =>
      Object.freeze({ processId: id, name, ...tally.snapshot() }),
    );
    return Object.freeze(usages);
  }

  #all(): readonly Counted[] {
    return this.#others === undefined ? [this.#own] : [this.#own, ...this.#others.values()];
  }
}
