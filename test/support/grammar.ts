import { afterEach, expect } from "vitest";
import { checkEvents } from "../../src/events/check-events.ts";
import { foldProblems } from "./fold-law.ts";
import { takeHeard } from "./recorder.ts";

/*
 * After each test the two laws are checked over all that was heard: the grammar, and the fold. Processes may be left open by a test; runs may not.
 */
afterEach(() => {
  const heard = takeHeard();
  const breaches = checkEvents(heard.map(({ record }) => record)).filter(({ rule }) => rule !== "process_end_missing");
  expect(breaches.map(({ message }) => message)).toEqual([]);
  expect(foldProblems(heard).map(({ message }) => message)).toEqual([]);
});
