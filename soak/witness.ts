import type { CallbackFault, EventName, EventRecord, LLMProcess } from "llmproc";
import { checkEvents } from "llmproc/testing";
import type { Witnessed } from "../test/support/fold-law.ts";
import { foldProblems, witness } from "../test/support/fold-law.ts";
import type { Subject } from "./subject.ts";

/** Hears everything first, and says in the end whether the others' accounts add up. */
export class Witness {
  readonly #records: EventRecord[] = [];
  readonly #heard: Witnessed[] = [];
  /** What `callback_error` said that a callback missed, by callback and process. */
  readonly #missed = new Map<string, number>();
  /** How often what happened, in words for people. */
  readonly tally = new Map<string, number>();

  register(process: LLMProcess): void {
    process.on("*", (record, { process: speaker }) => {
      this.#records.push(record);
      this.#heard.push(witness(record, speaker));
      this.#add("events", 1);
      if (record.event === "turn_start") this.#add("turns", 1);
      if (record.event === "run_end") this.#add(`runs ${record.runResult.stopReason}`, 1);
      if (record.event === "tool_end" && record.result.isError) this.#add("failed calls", 1);
      if (record.event === "callback_error") this.#addMissed(record.fault, speaker.id);
    });
  }

  #add(what: string, count: number): void {
    this.tally.set(what, (this.tally.get(what) ?? 0) + count);
  }

  #addMissed({ callback, missed, reason }: Omit<CallbackFault, "error">, processId: string): void {
    this.#add(`faults ${reason}`, 1);
    this.#add("events missed", missed);
    const key = `${callback} ${processId}`;
    this.#missed.set(key, (this.#missed.get(key) ?? 0) + missed);
  }

  count(event: EventName): number {
    return this.#records.filter((record) => record.event === event).length;
  }

  /** Breaches of the two laws, and accounts that do not add up: emitted = delivered + faults by reason. */
  problems(subjects: readonly Subject[]): string[] {
    const breaches = [...checkEvents(this.#records), ...foldProblems(this.#heard)].map(({ message }) => message);
    const raised = new Map<string, EventRecord[]>();
    for (const record of this.#records) {
      const { id } = record.process;
      const list = raised.get(id) ?? [];
      raised.set(id, list);
      list.push(record);
    }
    return [...breaches, ...subjects.flatMap((subject) => this.#judge(subject, raised))];
  }

  #judge(subject: Subject, raised: ReadonlyMap<string, readonly EventRecord[]>): string[] {
    const problems: string[] = [];
    for (const [id, records] of raised) {
      const mine = records.filter((record) => subject.events.has(record.event) && !isFaultOf(subject, record));
      const heard = subject.heard.get(id) ?? [];
      const inOrder = heard.every((seq, place) => place === 0 || seq > (heard[place - 1] ?? 0));
      if (!inOrder) problems.push(`${subject.name} heard ${id} out of order: ${heard.join(" ")}`);
      if (!subject.counts) continue;
      const missed = this.#missed.get(`${subject.name} ${id}`) ?? 0;
      const texts = mine.flatMap((record) => (record.event === "response_delta" ? [record.text] : []));
      const pieces = new Set(mine.flatMap(({ event, seq }) => (event === "response_delta" ? [seq] : [])));
      const emitted = mine.length - texts.length;
      const delivered = heard.filter((seq) => !pieces.has(seq)).length;
      if (emitted !== delivered + missed) {
        problems.push(`${subject.name} of ${id}: ${emitted} emitted, ${delivered} delivered, ${missed} missed`);
      }
      if ((subject.texts.get(id) ?? "") !== texts.join("")) problems.push(`${subject.name} of ${id} lost text`);
    }
    return problems;
  }
}

function isFaultOf({ name }: Subject, record: EventRecord): boolean {
  return record.event === "callback_error" && record.fault.callback === name;
}
