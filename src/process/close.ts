import { LLMProcError } from "../errors.ts";
import { EVENTS } from "../events/callback-event.ts";
import { releaseChild } from "./child-limits.ts";
import type { ProcessState } from "./process-state.ts";

/** How long closing takes at most. (Design, 2.3.4.) */
const CLOSE_MS = 2000;

/** Ends a process: its run is aborted, its descendants are closed, and everybody hears of it. Once. */
export function closeProcess(process: ProcessState, dueMs: number = performance.now() + CLOSE_MS): Promise<void> {
  process.closing ??= close(process, dueMs);
  return process.closing;
}

async function close(process: ProcessState, dueMs: number): Promise<void> {
  process.closeDueMs = dueMs;
  const { run, dispatcher } = process;
  run?.abort(new LLMProcError("process_closed", `Process ${process.id} was closed.`));
  const children = [...process.children].map((child) => closeProcess(child, dueMs));
  // A run that is over already may be waiting for slow callbacks: its time is cut, too.
  const ending = run === undefined ? [] : [run.settled, dispatcher.drain({ limitMs: dueMs - performance.now() })];
  await Promise.all([...children, ...ending]);
  process.ended = true;
  if (process.started) dispatcher.emit(EVENTS.process_end, process.scope, performance.now(), process.view);
  await dispatcher.drain({ limitMs: Math.max(dueMs - performance.now(), 0) });
  dispatcher.end();
  process.parent?.children.delete(process);
  process.ownerRun?.children.delete(process);
  releaseChild(process);
}
