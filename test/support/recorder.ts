import type { EventName } from "../../src/events/callback-event.ts";
import { EVENTS } from "../../src/events/callback-event.ts";
import type { EventInfo } from "../../src/events/event-info.ts";
import { toRecord } from "../../src/events/event-record.ts";
import { LLMProgram } from "../../src/program/llm-program.ts";
import type { Witnessed } from "./fold-law.ts";
import { witness } from "./fold-law.ts";

/*
 * Every process that any test starts is recorded. The recorder is a function callback that observes: it changes
 * nothing, and it does not count as one that hears of faults. This module is loaded once in a worker, however many
 * files run there, so that each process is recorded once.
 */
let heard: Witnessed[] = [];
const earlier = new Set<string>();

const start = LLMProgram.prototype.start;
LLMProgram.prototype.start = function (...given) {
  const recorder = (event: EventName, ...rest: unknown[]) => {
    const info = rest.pop() as EventInfo;
    heard.push(witness(toRecord(EVENTS[event], rest, info), info.process));
  };
  return start.apply(this, given).addCallback(recorder, { observe: true, name: "grammar" });
};

/** What was heard since the last call, without processes of the tests before: what one of those says is no business of the next. */
export function takeHeard(): readonly Witnessed[] {
  const fresh = heard.filter(({ record }) => !earlier.has(record.process.rootId));
  heard = [];
  for (const { record } of fresh) earlier.add(record.process.rootId);
  return fresh;
}
