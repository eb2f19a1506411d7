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
export function sayTo(process: ProcessState, prompt: Prompt): Promise<boolean> {
  let own: Prompt;
  try {
    own = checkPrompt(prompt);
  } catch (thrown) {
    return Promise.reject(thrown);
  }
  const saying = said(process, own);
  // Who says something in passing need not know that it came too late: that is no reason for Node to end.
  saying.catch(() => {});
  return saying;
}

async function said(process: ProcessState, prompt: Prompt): Promise<boolean> {
  if (process.closed) throw closedError(process);
  if (process.run !== undefined) return await process.run.say(blocksOf(prompt));
  throw new LLMProcError("not_running", `Process ${process.id} is not running: give it to run().`);
}

/**
 * Puts what was said into the conversation, behind a turn that is over, and tells of it; `end` is why the run ends there,
 * if it does. Returns whether there was something, so that the run goes on.
 */
export function takeSaid(process: ProcessState, run: Run, end: RunEnd | undefined): boolean {
  const { history } = process;
  if (run.said?.isWaiting !== true || run.aborted || run.stopping || run.turn >= run.maxTurns) return false;
  // A reply that the provider only paused is to go back as it is, and nothing behind it.
  if (end === undefined ? history.last?.role !== "tool" : end.stopReason !== "end") return false;
  history.append({ role: "user", content: run.said.take() });
  tellSaid(process, run, history.length - 1, 0);
  return true;
}

/** The run is over: what was said and has no answer leaves the conversation again. */
export function endSaid(process: ProcessState, run: Run): void {
  const { history } = process;
  if (run.said?.isUnanswered === true && history.last?.role === "user") {
    history.truncate(history.length - 1);
    tellSaid(process, run, history.length, 1);
  }
  run.said?.end();
}

function tellSaid({ dispatcher, history, view }: ProcessState, run: Run, from: number, removed: number): void {
  dispatcher.emitTold(EVENTS.context_change, performance.now(), run, ({ scope }) => {
    const change = deepFreeze({ kind: "said" as const, from, removed, added: history.from(from) });
    return told(EVENTS.context_change, scope, undefined, view, change);
  });
}
