import { errorMessage, LLMProcError, lookable } from "../../errors.ts";
import { EVENTS } from "../../events/callback-event.ts";
import type { Prompt, PromptBlock } from "../../events/message.ts";
import { RunError } from "../../events/run-error.ts";
import type { RunResult } from "../../events/run-result.ts";
import { readable } from "../contract/read-options.ts";
import { RunEnd } from "../contract/run-end.ts";
import { checkAccount } from "../money/run-limits.ts";
import type { RunAbove } from "../state/above.ts";
import type { ProcessState } from "../state/process-state.ts";
import type { RunWatcher } from "../state/run.ts";
import { Run } from "../state/run.ts";
import type { RunOptions } from "../state/run-options.ts";
import { checkRunOptions } from "../state/run-options.ts";
import { checkPrompt } from "../talk/check-prompt.ts";
import { closedError, startProcess } from "../tree/make-child.ts";
import { refusal } from "./refusal.ts";
import { Turn } from "./turn.ts";
import { watchRun } from "./watch-run.ts";

/**
 * One run: turns until the model is done, or something ends it. Whatever cannot work is refused before anything starts.
 * @throws RunError; LLMProcError `run_invalid`, `process_busy`, `process_closed`, `limit_unholdable`
 */
export async function runProcess(
  process: ProcessState,
  prompt: Prompt,
  options: RunOptions,
  watcher?: RunWatcher,
): Promise<RunResult> {
  refuseIfTaken(process);
  const own = checkPrompt(prompt);
  const { metadata, signal, limits } = checkRunOptions(process.program, options);
  // Reading what was given may have run something of the caller's.
  refuseIfTaken(process);
  const run = new Run(process, process.nextRunId(), { limits, metadata, watcher });
  if (run.account !== process.account) checkAccount(run.account, process.program);
  const unlinks = [signal, watcher?.signal].map((one) => linkSignal(run, one));
  process.run = run;
  let mayRun = process.started;
  let end: RunEnd;
  try {
    if (watcher !== undefined) unlinks.push(watchRun(run, watcher));
    run.limitTime(limits.wallMs);
    followOwner(run, process.above?.run);
    if (!mayRun) await startProcess(process);
    mayRun = true;
    end = await startRun(process, run, own);
  } catch (given) {
    const thrown = lookable(given);
    end = thrown instanceof RunEnd ? thrown : new RunEnd("callback", errorMessage(thrown), thrown);
  }
  try {
    return await conclude(process, run, end);
  } finally {
    if (!mayRun) await process.close();
    for (const unlink of unlinks) unlink();
  }
}

function refuseIfTaken(process: ProcessState): void {
  if (process.closed) throw closedError(process);
  if (process.run === undefined && !process.starting) return;
  const message = `Process ${process.id} is running. Await its run() first, or run a fork of it.`;
  throw new LLMProcError("process_busy", message);
}

/** Asks the guards, runs the turns, and raises the end of what it started. */
async function startRun(process: ProcessState, run: Run, prompt: Prompt): Promise<RunEnd> {
  const { dispatcher, history } = process;
  const before = history.length;
  let end: RunEnd;
  try {
    const asked = dispatcher.ask(EVENTS.run_start, run.scope, performance.now(), process.view, prompt);
    const outcome = asked instanceof Promise ? await run.interruptible(asked) : asked;
    if (outcome?.kind === "deny") throw refusal(process, "run_start", outcome.by, outcome.thrown);
    history.append({ role: "user", content: blocksOf(prompt) });
    end = await runTurns(process, run);
  } catch (given) {
    const thrown = lookable(given);
    end = thrown instanceof RunEnd ? thrown : new RunEnd("api_error", errorMessage(thrown), thrown);
  }
  if (history.length === before + 1) history.truncate(before);
  await run.closeChildren();
  const nowMs = performance.now();
  run.stopClock();
  run.result = run.snapshot(nowMs, end.stopReason);
  dispatcher.emit(EVENTS.run_end, run.scope, nowMs, process.view, run.result);
  return end;
}

async function runTurns(process: ProcessState, run: Run): Promise<RunEnd> {
  for (;;) {
    if (run.aborted) throw run.abortEnd();
    if (run.stopping) return new RunEnd("stopped");
    if (run.turn >= run.maxTurns) {
      throw new RunEnd(
        "turn_limit",
        `The run reached its limit of ${run.maxTurns} turns before the model was done. Raise [limits] turns, or maxIterations.`,
      );
    }
    run.turn++;
    const end = await new Turn(process, run).run();
    if (end !== undefined) return end;
  }
}

/** Waits until everybody has heard everything, and says what came of the run. */
async function conclude(process: ProcessState, run: Run, end: RunEnd): Promise<RunResult> {
  run.stopClock();
  const result = run.result ?? run.snapshot(performance.now(), end.stopReason);
  const limitMs = process.closeDueMs === undefined ? undefined : Math.max(process.closeDueMs - performance.now(), 0);
  try {
    await process.dispatcher.drain({ aborted: run.aborted, ...(limitMs !== undefined && { limitMs }) });
  } finally {
    process.run = undefined;
    run.finish();
  }
  if (end.good) return result;
  throw new RunError(end.stopReason, end.message || `The run ended: ${end.stopReason}.`, result, end.cause);
}

function blocksOf(prompt: Prompt): readonly PromptBlock[] {
  return typeof prompt === "string" ? [{ type: "text", text: prompt }] : prompt;
}

/** @throws LLMProcError `run_invalid` for a signal that does not take a listener */
function linkSignal(run: Run, signal: AbortSignal | undefined): () => void {
  if (signal === undefined) return () => {};
  const onAbort = () => run.abort(reasonOf(signal));
  readable("signal", () => {
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
  });
  return () => {
    try {
      signal.removeEventListener("abort", onAbort);
    } catch {
      // The run is over, and one more listener does no harm.
    }
  };
}

function reasonOf(signal: AbortSignal): unknown {
  try {
    return signal.reason;
  } catch (thrown) {
    return thrown;
  }
}

/** A child that begins a run late, when that of its parent is already being ended, ends like it. */
function followOwner(run: Run, owner: RunAbove | undefined): void {
  if (owner?.aborted) run.abort(owner.signal.reason);
  else if (owner?.stopping) run.stop("The run of its parent was stopped.");
}
