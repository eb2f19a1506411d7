import type { EventName, StopReason } from "llmproc";

/*
 * What must follow when a handler misbehaves. Written by hand from the contract (docs/callbacks.md, docs/reliability.md);
 * never to be filled in from what a run did. The page shows the first table as it stands here.
 */

/** What a handler does the first time that it hears the event. */
export const BEHAVIOURS = {
  throw_sync: "throws",
  throw_async: "throws after an `await`",
  reject_undefined: "rejects with `undefined`",
  veto: "throws a `Veto`",
  never: "never settles",
  slow: "settles after a while",
  slow_infinite: "settles after a while, `timeoutMs: Infinity`",
  run: "calls `run()`",
  fork: "calls `forkProcess()`",
  stop: "calls `stop()`",
  close: "calls `close()`",
  close_awaited: "awaits `close()`",
  add: "calls `addCallback()`",
  remove: "calls `removeCallback()` on itself",
  nested: "raises another event",
} as const;

export type Behaviour = keyof typeof BEHAVIOURS;

/** What the place of a handler makes of a fault. */
export const KINDS = {
  ends_run: "guard of `run_start`, `turn_start`, `api_request`",
  denies_tool: "guard of `tool_start`",
  withholds_result: "guard of `tool_result`",
  denies_start: "guard of `process_start`",
  watches: "any other event, or `observe: true`",
  hears_faults: "`callback_error`",
} as const;

export type Kind = keyof typeof KINDS;

export type Role = "guard" | "observer";

const GUARDED: Partial<Record<EventName, Kind>> = {
  run_start: "ends_run",
  turn_start: "ends_run",
  api_request: "ends_run",
  tool_start: "denies_tool",
  tool_result: "withholds_result",
  process_start: "denies_start",
};

export function kindOf(event: EventName, role: Role): Kind {
  if (event === "callback_error") return "hears_faults";
  return (role === "guard" ? GUARDED[event] : undefined) ?? "watches";
}

/** What follows. */
export interface Expected {
  /**
   * `on`: nothing happens to the run. `refused`: it rejects with `callback`, or the process does not start. `ends` and
   * `aborts`: as `stop()` and `close()` end it, where it is not over (`ENDS`, `CLOSES`).
   */
  readonly run: "on" | "refused" | "ends" | "aborts";
  /** What the model reads of the tool call, where the handler decides about it. */
  readonly tool?:
    | "denied by callback NAME"
    | "the reason"
    | "withheld by callback NAME"
    | "the reason of what is withheld";
  /** What the other callbacks hear of it, as `callback_error`; `warning`: they hear nothing, Node warns once. */
  readonly fault: "none" | "throw" | "timeout" | "warning";
  /** What the handler hears of the process from then on. */
  readonly hears: "all" | "nothing";
}

const unharmed: Expected = { run: "on", fault: "none", hears: "all" };
const refused: Expected = { run: "refused", fault: "none", hears: "all" };
const refusedLate: Expected = { run: "refused", fault: "timeout", hears: "nothing" };
const toolDenied: Expected = { run: "on", tool: "denied by callback NAME", fault: "throw", hears: "all" };
const withheld: Expected = { run: "on", tool: "withheld by callback NAME", fault: "throw", hears: "all" };
const reported: Expected = { run: "on", fault: "throw", hears: "all" };
const warned: Expected = { run: "on", fault: "warning", hears: "all" };

/** Re-entry: the same wherever it comes from. */
const REENTRY = {
  slow: unharmed,
  slow_infinite: unharmed,
  run: unharmed,
  fork: unharmed,
  stop: { run: "ends", fault: "none", hears: "all" },
  close: { run: "aborts", fault: "none", hears: "all" },
  // It waits for the end of the process, which waits for it: until its time is up.
  close_awaited: { run: "aborts", fault: "timeout", hears: "nothing" },
  add: unharmed,
  remove: { run: "on", fault: "none", hears: "nothing" },
  nested: unharmed,
} as const satisfies Partial<Record<Behaviour, Expected>>;

export const EXPECTED: Readonly<Record<Kind, Readonly<Record<Behaviour, Expected>>>> = {
  ends_run: {
    ...REENTRY,
    throw_sync: refused,
    throw_async: refused,
    reject_undefined: refused,
    veto: refused,
    never: refusedLate,
  },
  denies_tool: {
    ...REENTRY,
    throw_sync: toolDenied,
    throw_async: toolDenied,
    reject_undefined: toolDenied,
    veto: { run: "on", tool: "the reason", fault: "none", hears: "all" },
    never: { run: "on", tool: "denied by callback NAME", fault: "timeout", hears: "nothing" },
  },
  withholds_result: {
    ...REENTRY,
    throw_sync: withheld,
    throw_async: withheld,
    reject_undefined: withheld,
    veto: { run: "on", tool: "the reason of what is withheld", fault: "none", hears: "all" },
    never: { run: "on", tool: "withheld by callback NAME", fault: "timeout", hears: "nothing" },
  },
  denies_start: {
    ...REENTRY,
    throw_sync: refused,
    throw_async: refused,
    reject_undefined: refused,
    veto: refused,
    never: refusedLate,
  },
  watches: {
    ...REENTRY,
    throw_sync: reported,
    throw_async: reported,
    reject_undefined: reported,
    veto: reported,
    never: { run: "on", fault: "timeout", hears: "nothing" },
  },
  hears_faults: {
    ...REENTRY,
    throw_sync: warned,
    throw_async: warned,
    reject_undefined: warned,
    veto: warned,
    never: { run: "on", fault: "warning", hears: "nothing" },
    close_awaited: { run: "aborts", fault: "warning", hears: "nothing" },
  },
};

/** How a run ends, and whether its one tool call ran: not at all, denied, to its end, or for nobody to read. */
export interface Ending {
  readonly stopReason: StopReason | "none";
  readonly tool: "not asked" | "denied" | "ran" | "withheld";
}

const whole: Ending = { stopReason: "end", tool: "ran" };
export const WHOLE = whole;

/** A guard ended the run, by itself: all of these come before the tool. A process that was refused has no run. */
export const REFUSED: Ending = { stopReason: "callback", tool: "not asked" };

/** `stop()` at the first of each event. Calls that the model has asked for are answered, no request follows. */
export const ENDS: Readonly<Record<EventName, Ending>> = {
  process_start: { stopReason: "stopped", tool: "not asked" },
  run_start: { stopReason: "stopped", tool: "not asked" },
  turn_start: { stopReason: "stopped", tool: "not asked" },
  api_request: { stopReason: "stopped", tool: "not asked" },
  api_error: { stopReason: "stopped", tool: "not asked" },
  response_delta: { stopReason: "stopped", tool: "ran" },
  api_response: { stopReason: "stopped", tool: "ran" },
  response: { stopReason: "stopped", tool: "ran" },
  callback_error: { stopReason: "stopped", tool: "ran" },
  tool_start: { stopReason: "stopped", tool: "ran" },
  stderr_write: { stopReason: "stopped", tool: "ran" },
  tool_result: { stopReason: "stopped", tool: "ran" },
  tool_end: { stopReason: "stopped", tool: "ran" },
  turn_end: { stopReason: "stopped", tool: "ran" },
  context_change: { stopReason: "stopped", tool: "ran" },
  run_end: whole,
  process_end: whole,
};

/** `close()` at the first of each event. Nothing starts that has not started: no request, no tool. */
export const CLOSES: Readonly<Record<EventName, Ending>> = {
  process_start: { stopReason: "aborted", tool: "not asked" },
  run_start: { stopReason: "aborted", tool: "not asked" },
  turn_start: { stopReason: "aborted", tool: "not asked" },
  api_request: { stopReason: "aborted", tool: "not asked" },
  api_error: { stopReason: "aborted", tool: "not asked" },
  response_delta: { stopReason: "aborted", tool: "not asked" },
  api_response: { stopReason: "aborted", tool: "not asked" },
  response: { stopReason: "aborted", tool: "not asked" },
  callback_error: { stopReason: "aborted", tool: "not asked" },
  tool_start: { stopReason: "aborted", tool: "denied" },
  stderr_write: { stopReason: "aborted", tool: "ran" },
  tool_result: { stopReason: "aborted", tool: "ran" },
  tool_end: { stopReason: "aborted", tool: "ran" },
  turn_end: { stopReason: "aborted", tool: "ran" },
  context_change: { stopReason: "aborted", tool: "ran" },
  run_end: whole,
  process_end: whole,
};

/**
 * A guard that hears every event never settles at the first of each: what it would have been asked next is denied,
 * and the run ends at the first of those that can end it. Guards fail closed.
 */
export const STALLS: Readonly<Record<EventName, Ending>> = {
  process_start: REFUSED,
  run_start: REFUSED,
  turn_start: REFUSED,
  api_request: REFUSED,
  api_error: REFUSED,
  response_delta: { stopReason: "callback", tool: "denied" },
  api_response: { stopReason: "callback", tool: "denied" },
  response: { stopReason: "callback", tool: "denied" },
  callback_error: { stopReason: "callback", tool: "denied" },
  tool_start: { stopReason: "callback", tool: "denied" },
  stderr_write: { stopReason: "callback", tool: "withheld" },
  tool_result: { stopReason: "callback", tool: "withheld" },
  tool_end: { stopReason: "callback", tool: "ran" },
  turn_end: { stopReason: "callback", tool: "ran" },
  context_change: { stopReason: "callback", tool: "ran" },
  run_end: whole,
  process_end: whole,
};

/** What `run()` and `forkProcess()` answer to a handler of each event: an error code, or that it works. */
export const CALLED_BACK: Readonly<Record<EventName, { readonly run: string; readonly fork: string }>> = {
  process_start: { run: "process_busy", fork: "works" },
  run_start: { run: "process_busy", fork: "works" },
  turn_start: { run: "process_busy", fork: "works" },
  api_request: { run: "process_busy", fork: "works" },
  api_error: { run: "process_busy", fork: "works" },
  response_delta: { run: "process_busy", fork: "works" },
  api_response: { run: "process_busy", fork: "works" },
  response: { run: "process_busy", fork: "works" },
  callback_error: { run: "process_busy", fork: "works" },
  tool_start: { run: "process_busy", fork: "works" },
  stderr_write: { run: "process_busy", fork: "works" },
  tool_result: { run: "process_busy", fork: "works" },
  tool_end: { run: "process_busy", fork: "works" },
  turn_end: { run: "process_busy", fork: "works" },
  context_change: { run: "process_busy", fork: "works" },
  run_end: { run: "process_busy", fork: "works" },
  process_end: { run: "process_closed", fork: "process_closed" },
};
