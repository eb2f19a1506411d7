import { registerCallback } from "../dispatch/register.ts";
import { Scope } from "../dispatch/scope.ts";
import { errorMessage, LLMProcError } from "../errors.ts";
import { EVENTS } from "../events/callback-event.ts";
import type { Share } from "../events/process-view.ts";
import { admitChild } from "./child-limits.ts";
import { closeProcess } from "./close.ts";
import type { History } from "./history.ts";
import type { KeptResults } from "./kept-results.ts";
import type { OpenCall } from "./open-turn.ts";
import type { ProcessProgram } from "./process-program.ts";
import { ProcessPromise } from "./process-promise.ts";
import type { ProcessState } from "./process-state.ts";
import { RunEnd } from "./run-end.ts";
import { checkAccount } from "./run-limits.ts";
import type { ChildProcess } from "./tool.ts";

interface ChildMade {
  readonly program: ProcessProgram | Promise<ProcessProgram>;
  readonly history: History;
  /** Of a fork: the results that its parent keeps. */
  readonly kept?: KeptResults | undefined;
  readonly name: string | undefined;
  /** What it and its descendants may come to, beside all other limits. */
  readonly share: Share;
  /** Whose conversation it goes on with. */
  readonly forkOf?: ProcessState;
  /** So many of its messages are those of its parent, too. */
  readonly inheritedMessages?: number;
  /** The tool call that makes it: it belongs to its run, and `process_start` and `process_end` carry it. */
  readonly call?: OpenCall;
}

/** A child of `parent`. Its id is given at once, so that ids follow the order of the calls. */
export function makeChild(parent: ProcessState, made: ChildMade): ProcessPromise<ChildProcess> {
  const { program, call, ...rest } = made;
  const id = parent.nextChildId();
  const ownerRun = call?.turn.run;
  return new ProcessPromise(async (adopt) => {
    const ready = program instanceof Promise ? await program : program;
    const callbacks = isHeardAbove(ready, parent) ? [] : await ready.loadCallbacks();
    const brought = callbacks.map((callback) => registerCallback(callback));
    if (parent.closed) throw closedError(parent);
    if (call?.over) throw callOverError(parent);
    if (ownerRun?.aborted) throw ownerRun.abortEnd().toError();
    const child = parent.make({ ...rest, program: ready, parent, ownerRun, id });
    checkAccount(child.account, ready);
    admitChild(parent, ownerRun);
    for (const registration of brought) child.dispatcher.add(registration);
    adopt(child.dispatcher);
    parent.children.add(child);
    ownerRun?.children.add(child);
    call?.addChild(child);
    ownerRun?.adopt(id);
    try {
      await startProcess(child, call?.call.id);
    } catch (thrown) {
      await closeProcess(child);
      throw thrown instanceof RunEnd ? thrown.toError() : thrown;
    }
    return child.view;
  });
}

/** A process of the same program is above: what it brings along is inherited. */
function isHeardAbove({ loadCallbacks }: ProcessProgram, parent: ProcessState): boolean {
  for (let above: ProcessState | undefined = parent; above !== undefined; above = above.parent) {
    if (above.program.loadCallbacks === loadCallbacks) return true;
  }
  return false;
}

/**
 * Raises `process_start`. Who asked for the process closes it if this throws: it must never run.
 * @throws LLMProcError `child_denied` if a callback refuses; RunEnd if the run that waits for it is aborted first
 */
export async function startProcess(process: ProcessState, callId?: string): Promise<void> {
  process.started = true;
  process.starting = true;
  process.scope = Scope.of(process.view, performance.now(), { callId });
  const run = process.ownerRun ?? process.run;
  const { startMs } = process.scope;
  const scope = () => process.scope.within(startMs, { signal: run?.signal }, process.startFacts());
  const asked = process.dispatcher.ask(EVENTS.process_start, scope, startMs, process.view);
  const waited = asked instanceof Promise && run !== undefined ? run.interruptible(asked) : asked;
  const outcome = waited instanceof Promise ? await waited : waited;
  process.starting = false;
  if (outcome?.kind !== "deny") return;
  const { by, thrown } = outcome;
  const reason = errorMessage(thrown);
  process.countVeto({ processId: process.id, event: "process_start", callback: by, reason });
  throw new LLMProcError("child_denied", `Callback ${by} refused to let process ${process.id} start: ${reason}`, {
    cause: thrown,
  });
}

export function callOverError(process: ProcessState): LLMProcError {
  return new LLMProcError(
    "call_over",
    `A tool of process ${process.id} asked for a child after its call was over. Await everything in execute().`,
  );
}

export function closedError(process: ProcessState): LLMProcError {
  return new LLMProcError("process_closed", `Process ${process.id} is closed. Start another from its program.`);
}
