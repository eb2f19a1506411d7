import { errorMessage } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import { toJson } from "../json.ts";
import type { ArgumentNames, CallbackEvents, EventName, EventSpec } from "./callback-event.ts";
import type { CallbackFault } from "./callback-fault.ts";
import type { EventInfo, Metadata } from "./event-info.ts";
import type { ProcessView } from "./process-view.ts";

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

interface RecordHead<E extends EventName> {
  readonly event: E;
  readonly seq: number;
  readonly timeMs: number;
  readonly process: RecordedProcess;
  readonly runId?: string;
  readonly turn?: number;
  readonly callId?: string;
  readonly attempt?: number;
  readonly durationMs?: number;
  readonly execMs?: number;
  readonly metadata?: Metadata;
  readonly invalid?: string;
  readonly deniedBy?: string;
  readonly answeredBy?: string;
  readonly replacedArgs?: JsonObject;
}

type Recorded<V> = V extends ProcessView
  ? RecordedProcess
  : V extends Error
    ? RecordedError
    : V extends CallbackFault
      ? Omit<CallbackFault, "error"> & { readonly error: RecordedError }
      : V;

type RecordArguments<E extends EventName> = {
  readonly [I in keyof ArgumentNames<E> & `${number}` as ArgumentNames<E>[I] &
    string]: I extends keyof CallbackEvents[E] ? Recorded<CallbackEvents[E][I]> : never;
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
    timeMs: Math.round(info.timeMs * 1000) / 1000,
    process: Object.freeze({ id, parentId, rootId, depth, name }),
  };
  const facts = [
    "runId",
    "turn",
    "callId",
    "attempt",
    "metadata",
    "invalid",
    "deniedBy",
    "answeredBy",
    "replacedArgs",
  ] as const;
  for (const fact of facts) {
    if (info[fact] !== undefined) record[fact] = toJson(info[fact]);
  }
  for (const time of ["durationMs", "execMs"] as const) {
    const value = info[time];
    if (value !== undefined) record[time] = Math.round(value * 1000) / 1000;
  }
  spec.args.forEach((key, index) => {
    if (key !== "process" && args[index] !== undefined) record[key] = recorded(key, args[index]);
  });
  return Object.freeze(record) as unknown as EventRecord;
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
