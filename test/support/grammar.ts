import { afterEach, expect } from "vitest";
import { checkEvents } from "../../src/events/check-events.ts";
import { takeHeard } from "./recorder.ts";

/*
 * After each test the grammar is checked over all that was heard. Processes may be left open by a test; runs may not.
 */
afterEach(() => {
  const problems = checkEvents(takeHeard()).filter(({ rule }) => rule !== "process_end_missing");
  expect(problems.map(({ message }) => message)).toEqual([]);
});
