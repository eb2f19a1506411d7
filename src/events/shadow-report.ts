import { LLMProcError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import type { EventName } from "./callback-event.ts";
import type { EventInfo } from "./event-info.ts";

/** What a guard would have done, were it not on trial. */
export type ShadowVerdict =
  | { readonly would: "deny"; readonly reason: string }
  | { readonly would: "answer"; readonly content: unknown }
  | { readonly would: "replace_args"; readonly args: JsonObject }
  | { readonly would: "replace_result"; readonly content: unknown };

type Where = Pick<EventInfo, "event" | "process" | "runId" | "turn" | "callId">;

/**
 * Something that a guard on trial would have done. An error only so that a `callback_error` can carry it: nothing
 * went wrong. `cause` is what the guard threw.
 */
export class ShadowReport extends LLMProcError {
  /** The name of the guard. */
  readonly guard: string;
  readonly event: EventName;
  readonly verdict: ShadowVerdict;
  readonly processId: string;
  readonly runId: string | undefined;
  readonly turn: number | undefined;
  readonly callId: string | undefined;
  /** The tool, where the event is `tool_start` or `tool_result`. */
  readonly toolName: string | undefined;

  constructor(guard: string, info: Where, verdict: ShadowVerdict, toolName?: string, cause?: unknown) {
    super("shadow_report", textOf(info, verdict, toolName), cause === undefined ? undefined : { cause });
    this.guard = guard;
    this.event = info.event;
    this.verdict = Object.freeze(verdict);
    this.processId = info.process.id;
    this.runId = info.runId;
    this.turn = info.turn;
    this.callId = info.callId;
    this.toolName = toolName;
  }

  /** With its message, which errors keep to themselves. */
  toJSON(): object {
    const { name, code, message, guard, event, verdict, processId, runId, turn, callId, toolName } = this;
    return { name, code, message, guard, event, verdict, processId, runId, turn, callId, toolName };
  }
}

const WOULD_DENY: Partial<Record<EventName, (toolName: string) => string>> = {
  run_start: () => "would have refused the run",
  turn_start: () => "would have ended the run before this turn",
  api_request: () => "would have ended the run before this request",
  process_start: () => "would have kept this process from starting",
  tool_start: (toolName) => `would have denied ${toolName}`,
  tool_result: (toolName) => `would have withheld the result of ${toolName}`,
};

function textOf({ event }: Where, verdict: ShadowVerdict, toolName = ""): string {
  switch (verdict.would) {
    case "deny":
      return `${WOULD_DENY[event]?.(toolName) ?? "would have denied this"}: ${verdict.reason}`;
    case "answer":
      return `would have answered in place of ${toolName}`;
    case "replace_args":
      return `would have replaced the arguments of ${toolName}`;
    case "replace_result":
      return `would have replaced the result of ${toolName}`;
  }
}
