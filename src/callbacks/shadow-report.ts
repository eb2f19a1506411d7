import { errorMessage, LLMProcError } from "../errors.ts";
import type { EventName } from "../events/callback-event.ts";
import { CallbackTimeoutError } from "../events/callback-timeout-error.ts";
import type { EventInfo } from "../events/event-info.ts";
import type { ToolVerdict } from "../events/verdict.ts";
import { ToolAnswer, ToolArgsReplacement, Veto } from "../events/verdict.ts";
import type { JsonObject } from "../json.ts";

/** What a guard would have done, where it is not in shadow mode. */
export type ShadowVerdict =
  | { readonly would: "deny"; readonly reason: string }
  | { readonly would: "answer"; readonly content: unknown }
  | { readonly would: "replace_args"; readonly args: JsonObject };

/**
 * Something that a guard in shadow mode would have done. An error only so that a `callback_error` can carry it: nothing
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
  /** The tool, where the event is `tool_start`. */
  readonly toolName: string | undefined;

  constructor(guard: string, info: EventInfo, verdict: ShadowVerdict, toolName?: string, cause?: unknown) {
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
}

/** A guard's throw as a verdict. A `Veto` has a reason; a bug in a guard denies as well, and so does one that takes too long. */
export function deniedBy(thrown: unknown): ShadowVerdict {
  if (thrown instanceof CallbackTimeoutError) {
    return { would: "deny", reason: `did not settle within ${thrown.timeoutMs} ms` };
  }
  return { would: "deny", reason: thrown instanceof Veto ? thrown.reason : errorMessage(thrown) };
}

/** What a guard of `tool_start` returned as a verdict. */
export function verdictOf(returned: ToolVerdict): ShadowVerdict | undefined {
  if (returned instanceof ToolAnswer) return { would: "answer", content: returned.content };
  return returned instanceof ToolArgsReplacement ? { would: "replace_args", args: returned.args } : undefined;
}

const WOULD_DENY: Partial<Record<EventName, string>> = {
  run_start: "would have refused the run",
  turn_start: "would have ended the run before this turn",
  api_request: "would have ended the run before this request",
  process_start: "would have kept this process from starting",
};

function textOf({ event }: EventInfo, verdict: ShadowVerdict, toolName = ""): string {
  switch (verdict.would) {
    case "deny":
      return `${WOULD_DENY[event] ?? `would have denied ${toolName}`}: ${verdict.reason}`;
    case "answer":
      return `would have answered in place of ${toolName}`;
    case "replace_args":
      return `would have replaced the arguments of ${toolName}`;
  }
}
