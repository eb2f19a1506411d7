import { Scope } from "../dispatch/scope.ts";
import { LLMProcError, toError } from "../errors.ts";
import { EVENTS } from "../events/callback-event.ts";
import { closeProcess } from "./close.ts";
import type { History } from "./history.ts";
import type { ProcessProgram } from "./process-program.ts";
import { ProcessPromise } from "./process-promise.ts";
import type { ProcessState } from "./process-state.ts";
import type { Run } from "./run.ts";
import type { ChildProcess } from "./tool.ts";

interface ChildMade {
  readonly program: ProcessProgram | Promise<ProcessProgram>;
  readonly history: History;
  readonly ownerRun?: Run;
  readonly name?: string;
  /** The tool call that makes it: `process_start` and `process_end` carry it. */
  readonly callId?: string;
}

/** A child of `parent`. Its id is given at once, so that ids follow the order of the calls. */
export function makeChild(
  parent: ProcessState,
  { program, history, ownerRun, name, callId }: ChildMade,
): ProcessPromise<ChildProcess> {
  const id = parent.nextChildId();
  return new ProcessPromise(async (adopt) => {
    const ready = program instanceof Promise ? await program : program;
    if (parent.closed) throw closedError(parent);
    if (ownerRun?.aborted) throw ownerRun.abortEnd().toError();
    const child = parent.make({ program: ready, history, parent, ownerRun, name, id, ledger: parent.ledger });
    adopt({
      adopt: (one) => child.dispatcher.add(one),
      disown: (one) => child.dispatcher.remove((other) => other === one),
    });
    parent.children.add(child);
    ownerRun?.children.add(child);
    await startProcess(child, callId);
    return child.view;
  });
}

/**
 * Raises `process_start`.
 * @throws LLMProcError `child_denied` if a callback refuses; the process is closed then
 */
export async function startProcess(process: ProcessState, callId?: string): Promise<void> {
  process.started = true;
  process.scope = new Scope(performance.now(), undefined, { callId });
  const asked = process.dispatcher.ask(EVENTS.process_start, process.scope, process.scope.startMs, process.view);
  const owner = process.ownerRun;
  let outcome: Awaited<typeof asked>;
  try {
    if (asked instanceof Promise) outcome = await (owner === undefined ? asked : owner.interruptible(asked));
    else outcome = asked;
  } catch (end) {
    await closeProcess(process);
    throw end;
  }
  if (outcome?.kind !== "deny") return;
  const { by, thrown } = outcome;
  const reason = toError(thrown).message;
  process.countVeto({ processId: process.id, event: "process_start", callback: by, reason });
  await closeProcess(process);
  throw new LLMProcError("child_denied", `Callback ${by} refused to let process ${process.id} start: ${reason}`, {
    cause: thrown,
  });
}

export function closedError(process: ProcessState): LLMProcError {
  return new LLMProcError("process_closed", `Process ${process.id} is closed. Start another from its program.`);
}
