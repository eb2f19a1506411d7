import type { Occurrence } from "../../dispatch/occurrence.ts";
import { registerCallback } from "../../dispatch/register.ts";
import { Scope } from "../../dispatch/scope.ts";
import { told } from "../../dispatch/told.ts";
import { errorMessage, LLMProcError } from "../../errors.ts";
import { EVENTS } from "../../events/callback-event.ts";
import type { Share } from "../../events/process-view.ts";
import type { VetoRecord } from "../../events/run-result.ts";
import type { ProcessProgram } from "../contract/process-program.ts";
import { RunEnd } from "../contract/run-end.ts";
import type { ChildProcess } from "../contract/tool.ts";
import { Tools } from "../contract/toolbox.ts";
import { checkAccount } from "../money/run-limits.ts";
import type { OpenCall } from "../state/open-turn.ts";
import type { ProcessState } from "../state/process-state.ts";
import type { StartSeed } from "../state/seed.ts";
import type { KeptResults } from "../talk/kept-results.ts";
import { ProcessPromise } from "./process-promise.ts";

interface ChildMade {
  readonly program: ProcessProgram | Promise<ProcessProgram>;
  readonly seed: Omit<StartSeed, "id">;
  /** Of a fork: the results that its parent keeps. */
  readonly kept?: KeptResults | undefined;
  /** What it and its descendants may come to, beside all other limits. */
  readonly share: Share;
  /** The tool call that makes it: it belongs to its run, and `process_start` and `process_end` carry it. */
  readonly call?: OpenCall;
}

/** A child of `parent`. Its id is given at once, so that ids follow the order of the calls. */
export function makeChild(parent: ProcessState, made: ChildMade): ProcessPromise<ChildProcess> {
  const { call } = made;
  // One that was made where the seed of its parent was taken has a place already.
  const earlier = parent.earlier.takeChild(call?.call.id);
  const id = earlier?.id ?? parent.nextChildId();
  const above = call === undefined ? parent.hostSide : call.turn.run;
  return new ProcessPromise(async (adopt) => {
    if (earlier?.denial !== undefined) throw deniedError(id, earlier.denial);
    const program = made.program instanceof Promise ? await made.program : made.program;
    const callbacks = above.runs(program.key) ? [] : await program.loadCallbacks();
    const brought = callbacks.map((callback) => registerCallback(callback));
    // Who runs what its parent runs uses the same tools.
    const ownsTools = program.key !== parent.program.key;
    const tools = ownsTools ? await Tools.open(program.tools, program.toolboxes, call?.turn.run.signal) : parent.tools;
    let child: ProcessState | undefined;
    try {
      refuseIfOver(parent, call);
      child = parent.make({ ...(earlier ?? made.seed), id }, { ...made, program, tools, ownsTools, above });
      checkAccount(child.account, program);
      if (earlier === undefined) above.admit({ id, depth: child.depth, isOfRun: call !== undefined });
    } catch (thrown) {
      if (ownsTools) await tools.close();
      throw thrown;
    }
    for (const registration of brought) child.dispatcher.add(registration);
    adopt(child.dispatcher);
    above.adopt(child);
    call?.addChild(child);
    if (earlier?.isStarted) {
      child.scope = Scope.of(child.view, performance.now(), { callId: call?.call.id });
      return child.view;
    }
    try {
      await raiseProcessStart(child, call?.call.id);
    } catch (thrown) {
      await child.close();
      throw thrown instanceof RunEnd ? thrown.toError() : thrown;
    }
    return child.view;
  });
}

/** Ends the children that a call had made where the seed was taken, and that it has not asked for again. */
export async function endEarlierChildren(parent: ProcessState, { call, turn }: OpenCall): Promise<void> {
  const { program, tools } = parent;
  const closing: Promise<void>[] = [];
  for (let seed = parent.earlier.takeChild(call.id); seed !== undefined; seed = parent.earlier.takeChild(call.id)) {
    if (seed.isEnded) continue;
    const child = parent.make(seed, { program, tools, ownsTools: false, above: turn.run });
    child.started = true;
    child.scope = Scope.of(child.view, performance.now(), { callId: call.id });
    turn.run.adopt(child);
    closing.push(child.close(parent.closeDueMs));
  }
  await Promise.all(closing);
}

/** @throws LLMProcError `process_closed`, `call_over`; what the run that makes it was aborted with */
function refuseIfOver(parent: ProcessState, call: OpenCall | undefined): void {
  if (parent.closed) throw closedError(parent);
  if (call?.over) throw callOverError(parent);
  if (call?.turn.run.aborted) throw call.turn.run.abortEnd().toError();
}

/**
 * Raises `process_start`. Who asked for the process closes it if this throws: it must never run.
 * @throws LLMProcError `child_denied` if a callback refuses; RunEnd if the run that waits for it is aborted first
 */
export async function raiseProcessStart(process: ProcessState, callId?: string): Promise<void> {
  process.started = true;
  process.starting = true;
  process.scope = Scope.of(process.view, performance.now(), { callId });
  const run = process.above?.run ?? process.run;
  const { startMs } = process.scope;
  const asked = process.dispatcher.askTold(EVENTS.process_start, startMs, process, tellStart);
  const waited = asked instanceof Promise && run !== undefined ? run.interruptible(asked) : asked;
  const outcome = waited instanceof Promise ? await waited : waited;
  process.starting = false;
  if (outcome?.kind !== "deny") return;
  const { by, thrown } = outcome;
  const reason = errorMessage(thrown);
  const veto = process.noteVeto({ processId: process.id, event: "process_start", callback: by, reason });
  process.scope = process.scope.saying({ veto });
  throw deniedError(process.id, veto, { cause: thrown });
}

function deniedError(id: string, { callback, reason }: VetoRecord, options?: { cause: unknown }): LLMProcError {
  const message = `Callback ${callback} refused to let process ${id} start: ${reason}`;
  return new LLMProcError("child_denied", message, options);
}

function tellStart(process: ProcessState): Occurrence {
  const { scope, view } = process;
  const signal = (process.above?.run ?? process.run)?.signal;
  return told(EVENTS.process_start, scope.within(scope.startMs, { signal }), process.startFacts(), view);
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
