import type { EventRecord } from "./event-record.ts";
import { FoldedLife } from "./folded-life.ts";
import type { FoldedProcess } from "./folded-process.ts";
import { RunTree } from "./run-tree.ts";
import type { ProcessSeed } from "./seed.ts";

/**
 * Rebuilds processes from their records: each one's conversation, what it used, and what of it is under way. The records
 * of `on("*")`, of `stream()`, or of a log, of any number of processes, from their starts on; pieces of streaming text are
 * not needed. They may have been JSON in between.
 *
 * @example
 * const records: EventRecord[] = [];
 * const proc = await program.start();
 * proc.on("*", (record) => records.push(record));
 * await proc.run("Hello");
 * const folded = fold(records).process(proc.id);
 * console.log(folded?.messages, folded?.usage.usdCost);
 */
export function fold(records: Iterable<EventRecord>): Fold {
  const folded = new Fold();
  for (const record of records) folded.take(record);
  return folded;
}

/** Processes as their records tell them, up to the last one taken. */
export class Fold {
  readonly #tree = new RunTree<EventRecord>();
  readonly #lives = new Map<string, FoldedLife>();
  /** Those that began before their parents. */
  readonly #orphans = new Set<FoldedLife>();

  /** Goes on with the next record. */
  take(record: EventRecord): void {
    const { id, parentId } = record.process;
    let life = this.#lives.get(id);
    // A log may hold one twice, as where parts of it overlap.
    if (life?.has(record)) return;
    const { process } = this.#tree.hear(record);
    if (life === undefined) {
      const parent = parentId === undefined ? undefined : this.#lives.get(parentId);
      const owner = process.owner && parent?.run;
      life = new FoldedLife(record, parent, owner);
      this.#lives.set(id, life);
      if (parentId !== undefined && parent === undefined) this.#orphans.add(life);
      this.#adoptOrphans(id, life);
    }
    life.take(record);
  }

  #adoptOrphans(id: string, parent: FoldedLife): void {
    for (const orphan of this.#orphans) {
      if (orphan.parentId !== id) continue;
      parent.adopt(orphan);
      this.#orphans.delete(orphan);
    }
  }

  /** As it stands after the last record; undefined where none was of it. */
  process(id: string): FoldedProcess | undefined {
    return this.#lives.get(id)?.state(this.#tree.get(id));
  }

  /**
   * What another process can start from to go on where this one stood: its conversation, counters, usage, what its limits
   * have spent, the run and turn under way, and the children that calls under way have made. Undefined where none was of it,
   * and where it has ended.
   */
  seed(id: string): ProcessSeed | undefined {
    const life = this.#lives.get(id);
    return life === undefined || life.isEnded ? undefined : this.#seedOf(id);
  }

  #seedOf(id: string): ProcessSeed | undefined {
    return this.#lives.get(id)?.seed(this.#tree.get(id), (child) => this.#seedOf(child));
  }

  /** In the order in which they began. */
  get processIds(): readonly string[] {
    return [...this.#lives.keys()];
  }
}
