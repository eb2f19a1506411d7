import type { ProcessUsage, Usage } from "./run-result.ts";
import type { TallyFigures } from "./tally.ts";
import { Tally } from "./tally.ts";

/** A process that runs count for. */
export interface Counted {
  readonly id: string;
  readonly name: string;
}

interface ProcessTally extends Counted {
  readonly tally: Tally;
}

/** What one process has used for a run, as plain data. */
export interface RunFigures extends Counted {
  readonly figures: TallyFigures;
}

/** What a run uses, by process: its own first, then the children that it made. */
export class RunTally {
  readonly #own: ProcessTally;
  /** By id: a process that is over need not wait for the end of the run to be garbage. */
  #others: Map<string, ProcessTally> | undefined;

  constructor({ id, name }: Counted, tally = new Tally()) {
    this.#own = { id, name, tally };
  }

  /** One that goes on from what another had counted. */
  static from([own, ...others]: readonly [RunFigures, ...RunFigures[]]): RunTally {
    const tally = new RunTally(own, Tally.from(own.figures));
    for (const { id, name, figures } of others) tally.#add({ id, name, tally: Tally.from(figures) });
    return tally;
  }

  /** Its own first. */
  figures(): readonly [RunFigures, ...RunFigures[]] {
    const figuresOf = ({ id, name, tally }: ProcessTally) => ({ id, name, figures: tally.figures() });
    return [figuresOf(this.#own), ...[...(this.#others?.values() ?? [])].map(figuresOf)];
  }

  of({ id, name }: Counted): Tally {
    if (id === this.#own.id) return this.#own.tally;
    const other = this.#others?.get(id) ?? this.#add({ id, name, tally: new Tally() });
    return other.tally;
  }

  #add(other: ProcessTally): ProcessTally {
    this.#others ??= new Map();
    this.#others.set(other.id, other);
    return other;
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

  #all(): readonly ProcessTally[] {
    return this.#others === undefined ? [this.#own] : [this.#own, ...this.#others.values()];
  }
}
