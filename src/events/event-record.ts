import { errorMessage } from "../errors.ts";
import { toJson } from "../json.ts";
import type { ArgumentNames, CallbackEvents, EventName, EventSpec } from "./callback-event.ts";
import type { CallbackFault } from "./callback-fault.ts";
import type { EventInfo, Metadata } from "./event-info.ts";
import type { Facts } from "./facts.ts";
import { FACT_NAMES } from "./facts.ts";
import type { ProcessView } from "./process-view.ts";
import type { ToolResult } from "./tool-result.ts";

/** Which process a record is of. */
export interface RecordedProcess {
  readonly id: string;
  readonly parentId: string | undefined;
  readonly rootId: string;
  readonly depth: number;
  readonly name: string;
}

/** An error as a record keeps it. */
export interface RecordedError {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly status?: number;
}

interface RecordHead<E extends EventName> extends Facts {
  readonly event: E;
  readonly seq: number;
  readonly timeMs: number;
  readonly process: RecordedProcess;
  readonly runId?: string;
  readonly turn?: number;
  readonly callId?: string;
  readonly attempt?: number;
  readonly durationMs?: number;
  readonly metadata?: Metadata;
}

/** What the record of `tool_result` says of a result that may be withheld yet. */
export interface ResultSize {
  readonly characters: number;
  readonly isError: boolean;
}

type Recorded<E extends EventName, V> = E extends "tool_result"
  ? V extends ToolResult
    ? ResultSize
    : V
  : RecordedValue<V>;

type RecordedValue<V> = V extends ProcessView
  ? RecordedProcess
  : V extends Error
    ? RecordedError
    : V extends CallbackFault
      ? Omit<CallbackFault, "error"> & { readonly error: RecordedError }
      : V;

type RecordArguments<E extends EventName> = {
  readonly [I in keyof ArgumentNames<E> & `${number}` as ArgumentNames<E>[I] &
    string]: I extends keyof CallbackEvents[E] ? Recorded<E, CallbackEvents[E][I]> : never;
};

/** One event as plain JSON-safe data, its arguments by name. */
export type RecordOf<E extends EventName> = RecordHead<E> & RecordArguments<E>;

/** Any event as a record; narrows on `event`. */
export type EventRecord = { [E in EventName]: RecordOf<E> }[EventName];

/** The record of an event, frozen. `args` are the event's arguments in order. */
export function toRecord(spec: EventSpec, args: readonly unknown[], info: EventInfo): EventRecord {
  const { id, parentId, rootId, depth, name } = info.process;
  const record: Record<string, unknown> = {
    event: spec.event,
    seq: info.seq,
    timeMs: rounded(info.timeMs),
    process: Object.freeze({ id, parentId, rootId, depth, name }),
  };
  for (const key of PLACES) if (info[key] !== undefined) record[key] = info[key];
  if (info.metadata !== undefined) record.metadata = toJson(info.metadata);
  if (info.durationMs !== undefined) record.durationMs = rounded(info.durationMs);
  for (const fact of FACT_NAMES) {
    const value = info[fact];
    if (value !== undefined) record[fact] = TIMES.has(fact) ? rounded(value as number) : toJson(value);
  }
  spec.args.forEach((key, index) => {
    const value = args[index];
    if (key === "process" || value === undefined) return;
    record[key] = spec.event === "tool_result" && key === "result" ? sizeOf(value as ToolResult) : recorded(key, value);
  });
  return Object.freeze(record) as unknown as EventRecord;
}

const PLACES = ["runId", "turn", "callId", "attempt"] as const satisfies readonly (keyof EventInfo)[];
const TIMES: ReadonlySet<string> = new Set<keyof Facts>(["execMs", "firstTextMs"]);

/** To the microsecond. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

function sizeOf({ content, isError }: ToolResult): ResultSize {
  return Object.freeze({ characters: content.length, isError });
}

/** Of all arguments only these three may hold what is not frozen JSON data already. */
function recorded(key: string, value: unknown): unknown {
  if (key === "toolArgs") return toJson(value);
  if (key === "error") return recordError(value as Error);
  if (key === "fault") {
    const fault = value as CallbackFault;
    return Object.freeze({ ...fault, error: recordError(fault.error) });
  }
  return value;
}

function recordError(error: Error): RecordedError {
  const name = fieldOf(error, "name");
  const code = fieldOf(error, "code");
  const status = fieldOf(error, "status");
  return Object.freeze({
    name: typeof name === "string" ? name : "Error",
    message: errorMessage(error),
    ...(typeof code === "string" && { code }),
    ...(typeof status === "number" && { status }),
  });
}

/** An error's class may make a field when it is read, and fail. */
function fieldOf(error: Error, key: "name" | "code" | "status"): unknown {
  try {
    return Reflect.get(error, key);
  } catch {
    return undefined;
  }
}
