import type { ObjectCallback } from "../events/callback.ts";
import type { Retry } from "../events/callback-event.ts";
import { callbackFactory } from "../events/callback-factory.ts";
import type { EventInfo } from "../events/event-info.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import { checkFactoryOptions, checkKept } from "./factory-options.ts";

/** One attempt to reach a model: the request, and what came of it. */
export interface ApiCall {
  readonly processId: string;
  readonly runId: string | undefined;
  /** From 1, within the run. */
  readonly turn: number | undefined;
  /** From 1, within the turn. */
  readonly attempt: number | undefined;
  /** The body, exactly as it was sent. */
  readonly request: JsonObject;
  /** The reply as received. */
  readonly response?: JsonValue;
  /** Why there is no reply; also where a callback refused the request, so that nothing was sent. */
  readonly error?: Error;
  /** The attempt that follows a failed one; none if it was the last. */
  readonly retry?: Retry;
  /** Not there while the request is under way. */
  readonly durationMs?: number;
}

export interface ApiLoggerOptions {
  /** How many calls are kept; the oldest go first. `Infinity` keeps all. @default 1000 */
  readonly limit?: number;
}

export type ApiLoggerCallback = ObjectCallback & {
  /** Oldest first, those under way among them. A copy: it does not change. */
  readonly calls: readonly ApiCall[];
  /** How many calls were let go to stay within `limit`. */
  readonly dropped: number;
};

const OPTIONS = ["limit"] as const satisfies (keyof ApiLoggerOptions)[];

/**
 * Keeps request and response of every API call, of the process and all its children, retries too.
 * A call whose request it did not hear, because it joined later, is not kept.
 * (Specification, "Example: API Logging Callback".)
 *
 * @example
 * const log = apiLogger();
 * const proc = await program.start().addCallback(log);
 * await proc.run("Hello");
 * console.log(log.calls[0]?.request, log.calls[0]?.response);
 */
export function apiLogger(options: ApiLoggerOptions = {}): ApiLoggerCallback {
  checkFactoryOptions(options, OPTIONS, "apiLogger()");
  const { limit = 1000 } = options;
  checkKept(limit, "calls", "apiLogger()");
  const kept = new Map<number, ApiCall>();
  // A process sends one request at a time, so its id is enough to find the request that a reply belongs to.
  const underWay = new Map<string, number>();
  let count = 0;

  function ended(info: EventInfo, outcome: Pick<ApiCall, "response" | "error" | "retry">): void {
    const number = underWay.get(info.process.id);
    underWay.delete(info.process.id);
    const call = number === undefined ? undefined : kept.get(number);
    if (number === undefined || call === undefined || !isSameAttempt(call, info)) return;
    kept.set(number, {
      ...call,
      ...outcome,
      ...(info.durationMs !== undefined && { durationMs: info.durationMs }),
    });
  }

  return {
    callbackOptions: { observe: true, name: "apiLogger" },
    get calls() {
      return [...kept.values()];
    },
    get dropped() {
      return count - kept.size;
    },
    api_request(payload, info) {
      count += 1;
      const { runId, turn, attempt } = info;
      kept.set(count, { processId: info.process.id, runId, turn, attempt, request: payload });
      underWay.set(info.process.id, count);
      for (const oldest of kept.keys()) {
        if (kept.size <= limit) break;
        kept.delete(oldest);
      }
    },
    api_response(response, info) {
      ended(info, { response });
    },
    api_error(error, retry, info) {
      ended(info, { error, ...(retry !== undefined && { retry }) });
    },
    process_end(process) {
      underWay.delete(process.id);
    },
  };
}

callbackFactory(apiLogger);

function isSameAttempt(call: ApiCall, info: EventInfo): boolean {
  return call.runId === info.runId && call.turn === info.turn && call.attempt === info.attempt;
}
