import { told } from "../../dispatch/told.ts";
import { LLMProcError } from "../../errors.ts";
import { EVENTS } from "../../events/callback-event.ts";
import type { Prompt } from "../../events/message.ts";
import { deepFreeze } from "../../json.ts";
import type { RunEnd } from "../contract/run-end.ts";
import type { ProcessState } from "../state/process-state.ts";
import type { Run } from "../state/run.ts";
import { blocksOf, checkPrompt } from "../talk/check-prompt.ts";
import { closedError } from "../tree/make-child.ts";

/**
 * Says something to the run under way. Taken at once; resolves when the model has answered it, or the run is over.
 * @throws LLMProcError `not_running`, `run_invalid`, `process_closed`
 */
export async function sayTo(process: ProcessState, prompt: Prompt): Promise<boolean> {
  const own = checkPrompt(prompt);
  if (process.closed) throw closedError(process);
  if (process.run !== undefined) return await process.run.say(blocksOf(own));
  throw new LLMProcError("not_running", `Process ${process.id} is not running. Use run() to ask it something.`);
}

/**
 * Puts what was said into the conversation, behind a turn that is over, and tells of it; `end` is why the run ends there,
 * if it does. Returns whether there was something, so that the run goes on.
 */
export function takeSaid(process: ProcessState, run: Run, end: RunEnd | undefined): boolean {
  const { said } = run;
  if (said === undefined) return false;
  const { history, dispatcher, view } = process;
  said.look(history);
  if (!said.isWaiting || run.aborted || run.stopping || run.turn >= run.maxTurns) return false;
  // A reply that the provider only paused is to go back as it is, and nothing behind it.
  if (end === undefined ? history.last?.role !== "tool" : end.stopReason !== "end") return false;
  const from = history.length;
  said.putInto(history);
  dispatcher.emitTold(EVENTS.context_change, performance.now(), run, ({ scope }) => {
    const change = deepFreeze({ kind: "said" as const, from, removed: 0, added: history.from(from) });
    return told(EVENTS.context_change, scope, undefined, view, change);
  });
  return true;
}
