import type { EventRecord } from "../events/event-record.ts";
import type { ProcessView } from "../events/process-view.ts";
import type { RunResult } from "../events/run-result.ts";

/** At so many records that nobody has pulled, the run waits for the loop that pulls them. */
const FULL = 1024;

/**
 * A run as a stream of its records, its children's among them. The run starts at once; it waits for a loop that falls
 * behind, but not for one that never started.
 */
export class RecordStream implements AsyncIterable<EventRecord> {
  /** What came of the run. */
  readonly result: Promise<RunResult>;
  readonly #records: EventRecord[] = [];
  readonly #aborter = new AbortController();
  #pulling = false;
  #over = false;
  #wakeReader: (() => void) | undefined;
  /** One for each process whose next event waits. */
  #held: (() => void)[] = [];
  #off: () => void;

  constructor(process: ProcessView, run: (signal: AbortSignal) => Promise<RunResult>, signal?: AbortSignal) {
    const keep = (record: EventRecord) => this.#keep(record);
    this.#off = process.on("*", keep, { observe: true, timeoutMs: Number.POSITIVE_INFINITY, name: "stream" });
    const both = signal === undefined ? this.#aborter.signal : AbortSignal.any([signal, this.#aborter.signal]);
    this.result = run(both).finally(() => this.#end());
    this.result.catch(() => {});
  }

  #keep(record: EventRecord): void | Promise<void> {
    this.#records.push(record);
    this.#wakeReader?.();
    if (!this.#pulling || this.#records.length < FULL) return undefined;
    return new Promise((resolve) => this.#held.push(resolve));
  }

  #letGo(): void {
    const held = this.#held;
    this.#held = [];
    for (const wake of held) wake();
  }

  #end(): void {
    this.#over = true;
    this.#off();
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
        const record = this.#records.shift();
        if (record !== undefined) {
          yield record;
          continue;
        }
        this.#letGo();
        if (this.#over) break;
        await new Promise<void>((resolve) => {
          this.#wakeReader = resolve;
        });
      }
      await this.result;
    } finally {
      if (!this.#over) {
        this.#off();
        this.#aborter.abort(new Error("The loop over the stream was left."));
        this.#letGo();
        // Who leaves the loop finds the process ready for the next run.
        await this.result.catch(() => undefined);
      }
    }
  }
}
