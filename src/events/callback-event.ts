import type { JsonObject, JsonValue } from "../json.ts";
import type { CallbackFault } from "./callback-fault.ts";
import type { ContextChange } from "./context-change.ts";
import type { Prompt } from "./message.ts";
import type { ProcessView } from "./process-view.ts";
import type { RunResult } from "./run-result.ts";
import type { ToolResult } from "./tool-result.ts";

/**
 * The one list of what can happen: every event with its arguments, in order. The first eight are the
 * specification's ("Callback Arguments"). The lists are closed: whatever is new goes into `EventInfo`.
 */
export interface CallbackEvents {
  tool_start: [toolName: string, toolArgs: JsonObject];
  tool_end: [toolName: string, result: ToolResult];
  response: [text: string];
  api_request: [payload: JsonObject];
  api_response: [response: JsonValue];
  turn_start: [process: ProcessView, runResult: RunResult];
  turn_end: [process: ProcessView, response: JsonValue | undefined, toolResults: readonly ToolResult[]];
  stderr_write: [text: string];
  run_start: [process: ProcessView, prompt: Prompt];
  run_end: [process: ProcessView, runResult: RunResult];
  response_delta: [text: string];
  api_error: [error: Error, retry: Retry | undefined];
  process_start: [process: ProcessView];
  process_end: [process: ProcessView];
  callback_error: [fault: CallbackFault];
  tool_result: [toolName: string, result: ToolResult];
  context_change: [process: ProcessView, change: ContextChange];
}

export type EventName = keyof CallbackEvents;

/** The attempt that follows a failed one. */
export interface Retry {
  /** Its number: the first attempt of a reply is 1, so the first retry is 2. */
  readonly attempt: number;
  /** How many attempts the program allows for a reply. */
  readonly maxAttempts: number;
  /** How long the process waits before it. */
  readonly delayMs: number;
}

type Names<Arguments extends readonly unknown[]> = { readonly [I in keyof Arguments]: string };

/** When each event comes, what its arguments are called in a record, and which start it ends. */
const LIST = {
  tool_start: { when: "before", args: ["toolName", "toolArgs"] },
  tool_end: { when: "after", args: ["toolName", "result"], ends: "tool_start" },
  response: { when: "after", args: ["text"] },
  api_request: { when: "before", args: ["payload"] },
  api_response: { when: "after", args: ["response"], ends: "api_request" },
  turn_start: { when: "before", args: ["process", "runResult"] },
  turn_end: { when: "after", args: ["process", "response", "toolResults"], ends: "turn_start" },
  stderr_write: { when: "after", args: ["text"] },
  run_start: { when: "before", args: ["process", "prompt"] },
  run_end: { when: "after", args: ["process", "runResult"], ends: "run_start" },
  response_delta: { when: "after", args: ["text"] },
  api_error: { when: "after", args: ["error", "retry"], ends: "api_request" },
  process_start: { when: "before", args: ["process"] },
  process_end: { when: "after", args: ["process"], ends: "process_start" },
  callback_error: { when: "after", args: ["fault"] },
  tool_result: { when: "before", args: ["toolName", "result"] },
  context_change: { when: "after", args: ["process", "change"] },
} as const satisfies {
  [E in EventName]: {
    when: "before" | "after";
    args: Names<CallbackEvents[E]>;
    ends?: EventName;
  };
};

/** The names of an event's arguments in a record, as a tuple. */
export type ArgumentNames<E extends EventName> = (typeof LIST)[E]["args"];

/** One event of the list, as the code that raises it refers to it. `index` is its place in the list. */
export interface EventSpec<E extends EventName = EventName> {
  readonly event: E;
  readonly index: number;
  /** Comes before something happens: it is waited for, and can prevent it. */
  readonly before: boolean;
  /** The start that this event ends, if it is an end. */
  readonly ends: EventName | undefined;
  readonly args: readonly string[];
}

export const EVENT_NAMES: readonly EventName[] = Object.freeze(Object.keys(LIST) as EventName[]);

export const EVENTS = Object.fromEntries(
  EVENT_NAMES.map((event, index) => {
    const line: { when: string; args: readonly string[]; ends?: EventName } = LIST[event];
    return [event, Object.freeze({ event, index, before: line.when === "before", ends: line.ends, args: line.args })];
  }),
) as { readonly [E in EventName]: EventSpec<E> };

/**
 * The event names as constants: `CallbackEvent.TOOL_START === "tool_start"`.
 * (Specification, "Event Types".)
 */
export const CallbackEvent = Object.freeze(
  Object.fromEntries(EVENT_NAMES.map((event) => [event.toUpperCase(), event])),
) as { readonly [E in EventName as Uppercase<E>]: E };

/** Any event's name. */
export type CallbackEvent = EventName;
