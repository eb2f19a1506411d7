import { afterEach, expect } from "vitest";
import type { EventName } from "../../src/events/callback-event.ts";
import { EVENTS } from "../../src/events/callback-event.ts";
import { checkEvents } from "../../src/events/check-events.ts";
import type { EventInfo } from "../../src/events/event-info.ts";
import type { EventRecord } from "../../src/events/event-record.ts";
import { toRecord } from "../../src/events/event-record.ts";
import { LLMProgram } from "../../src/program/llm-program.ts";

/*
 * Every process that any test starts is recorded, and after each test the grammar is checked over all that was heard.
 * The recorder is a function callback that observes: it changes nothing, and it does not count as one that hears of
 * faults. Processes may be left open by a test; runs may not. What one of those says later is no business of the next.
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

afterEach(() => {
  const heard = records.filter(({ process }) => !earlier.has(process.rootId));
  records = [];
  for (const { process } of heard) earlier.add(process.rootId);
  const problems = checkEvents(heard).filter(({ rule }) => rule !== "process_end_missing");
  expect(problems.map(({ message }) => message)).toEqual([]);
});
