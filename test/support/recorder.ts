import type { EventName } from "../../src/events/callback-event.ts";
import { EVENTS } from "../../src/events/callback-event.ts";
import type { EventInfo } from "../../src/events/event-info.ts";
import type { EventRecord } from "../../src/events/event-record.ts";
import { toRecord } from "../../src/events/event-record.ts";
import { LLMProgram } from "../../src/program/llm-program.ts";

/*
 * Every process that any test starts is recorded. The recorder is a function callback that observes: it changes
 * nothing, and it does not count as one that hears of faults. This module is loaded once in a worker, however many
 * files run there, so that each process is recorded once.
 */
let records: EventRecord[] = [];
const earlier = new Set<string>();

const start = LLMProgram.prototype.start;
LLMProgram.prototype.start = function (...given) {
  const recorder = (event: EventName, ...rest: unknown[]) => {
    const info = rest.pop() as EventInfo;
    records.push(toRecord(EVENTS[event], rest, info));
  };
  return start.apply(this, given).addCallback(recorder, { observe: true, name: "grammar" });
};

/** What was heard since the last call, without processes of the tests before: what one of those says is no business of the next. */
export function takeHeard(): readonly EventRecord[] {
  const heard = records.filter(({ process }) => !earlier.has(process.rootId));
  records = [];
  for (const { process } of heard) earlier.add(process.rootId);
  return heard;
}
