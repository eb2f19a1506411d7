import type { EventRecord } from "../../events/event-record.ts";
import type { RunResult } from "../../events/run-result.ts";
import type { RunWatcher } from "../state/run.ts";

/** At so many records that nobody has pulled, the run waits for the loop that pulls them. */
const FULL = 1024;

/**
 * A run as a stream of its records, its children's among them. The run starts at once; it waits for a loop that falls
 * behind, for as long as that takes, but not for one that never started. No record is lost.
 */
export class RecordStream implements AsyncIterable<EventRecord> {
  /** What came of the run. */
  readonly result: Promise<RunResult>;
  readonly #aborter = new AbortController();
  #records: EventRecord[] = [];
  /** Those that nobody has pulled yet. */
  #waiting = 0;
  #pulling = false;
  #left = false;
  #over = false;
  #wakeReader: (() => void) | undefined;
  /** One for each process that waits. */
  #held: (() => void)[] = [];

  constructor(run: (watcher: RunWatcher) => Promise<RunResult>) {
    const watcher: RunWatcher = {
      signal: this.#aborter.signal,
      hear: (record) => this.#keep(record),
      room: () => this.#room(),
    };
    this.result = run(watcher).finally(() => this.#end());
    this.result.catch(() => {});
  }

  #keep(record: EventRecord): void {
    if (this.#left) return;
    this.#records.push(record);
    this.#waiting++;
    this.#wakeReader?.();
  }

  #room(): Promise<void> | undefined {
    if (!this.#pulling || this.#left || this.#waiting < FULL) return undefined;
    return new Promise((resolve) => this.#held.push(resolve));
  }

  #letGo(): void {
    const held = this.#held;
    this.#held = [];
    for (const wake of held) wake();
  }

  #end(): void {
    this.#over = true;
    this.#wakeReader?.();
    this.#letGo();
  }

  /**
   * The records in order; ends with the run, and throws what the run rejects with.
   * @throws RunError
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<EventRecord, void, undefined> {
    this.#pulling = true;
    try {
      for (;;) {
        const records = this.#records;
        this.#records = [];
        for (const record of records) {
          this.#waiting--;
          yield record;
        }
        if (this.#records.length > 0) continue;
        this.#letGo();
        if (this.#over) break;
        await new Promise<void>((resolve) => {
          this.#wakeReader = resolve;
        });
      }
      await this.result;
    } finally {
      if (!this.#over) {
        this.#left = true;
        this.#aborter.abort(new Error("The loop over the stream was left."));
        this.#letGo();
        // Who leaves the loop finds the process ready for the next run.
        await this.result.catch(() => undefined);
      }
    }
  }
}
