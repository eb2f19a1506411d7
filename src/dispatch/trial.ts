import { errorMessage } from "../errors.ts";
import { EVENTS } from "../events/callback-event.ts";
import { CallbackTimeoutError } from "../events/callback-timeout-error.ts";
import type { ShadowVerdict } from "../events/shadow-report.ts";
import { ShadowReport } from "../events/shadow-report.ts";
import type { ToolResult } from "../events/tool-result.ts";
import type { Verdict } from "../events/verdict.ts";
import { ToolAnswer, ToolArgsReplacement, ToolResultReplacement } from "../events/verdict.ts";
import { toJson } from "../json.ts";
import type { Denial, Ruling } from "./decision.ts";
import type { Delivery } from "./delivery.ts";
import { isTried } from "./delivery.ts";
import type { Occurrence } from "./occurrence.ts";

/** What a handler on trial would have done to the event, by what its answer came to; undefined where it is nothing. */
export function reportOf({ listener, occurrence }: Delivery, outcome: Ruling): ShadowReport | undefined {
  const { trial } = listener.registration;
  const { spec, scope, a } = occurrence;
  const { process, runId, turn, callId, facts } = scope;
  // Nobody could have denied a call that cannot run.
  if (trial === undefined || outcome === undefined || facts.invalid !== undefined) return undefined;
  const toolName = spec === EVENTS.tool_start || spec === EVENTS.tool_result ? String(a) : undefined;
  const where = { event: spec.event, process, runId, turn, callId };
  if (outcome.kind === "deny") {
    if (outcome.thrown instanceof CallbackTimeoutError && isAborted(occurrence)) return undefined;
    return new ShadowReport(trial.guard, where, refusalOf(outcome), toolName, outcome.thrown);
  }
  const verdict = verdictOf(outcome.verdict, occurrence.b);
  return verdict && new ShadowReport(trial.guard, where, verdict, toolName);
}

/** Whether that a handler ran out of time is told by its report. */
export function ranOutOnTrial(delivery: Delivery): boolean {
  const { occurrence } = delivery;
  return isTried(delivery) && occurrence.scope.facts.invalid === undefined && !isAborted(occurrence);
}

/** Nobody waits for the guards of a run that is aborted: their time says nothing about them. */
function isAborted({ scope }: Occurrence): boolean {
  return scope.signal?.aborted === true;
}

/** What the model would have read, had nobody else replaced it. A border post: the event's second argument is the result. */
function replacementOf({ content }: ToolResultReplacement, result: unknown): unknown {
  if (typeof content !== "function") return toJson(content);
  try {
    return toJson(content((result as ToolResult).content));
  } catch (thrown) {
    return `It cannot be told: ${errorMessage(thrown)}`;
  }
}

/** A `Veto` has a reason; a bug in a guard denies as well, and so does one that takes too long. */
function refusalOf({ thrown, veto }: Denial): ShadowVerdict {
  const isLate = thrown instanceof CallbackTimeoutError;
  const reason = isLate ? `did not settle within ${thrown.timeoutMs} ms` : (veto ?? errorMessage(thrown));
  return { would: "deny", reason };
}

function verdictOf(verdict: Verdict, result: unknown): ShadowVerdict | undefined {
  if (verdict instanceof ToolAnswer) return { would: "answer", content: toJson(verdict.content) };
  if (verdict instanceof ToolArgsReplacement) return { would: "replace_args", args: verdict.args };
  if (verdict instanceof ToolResultReplacement)
    return { would: "replace_result", content: replacementOf(verdict, result) };
  return undefined;
}
