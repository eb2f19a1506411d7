import { errorMessage } from "../errors.ts";
import { EVENTS } from "../events/callback-event.ts";
import type { Metadata } from "../events/event-info.ts";
import type { Prompt, PromptBlock } from "../events/message.ts";
import { RunError } from "../events/run-error.ts";
import type { RunResult } from "../events/run-result.ts";
import { checkPrompt } from "./check-prompt.ts";
import { startProcess } from "./children.ts";
import { closeProcess } from "./close.ts";
import type { ProcessState } from "./process-state.ts";
import { refusal } from "./refusal.ts";
import { Run } from "./run.ts";
import { RunEnd } from "./run-end.ts";
import type { RunLimits } from "./run-limits.ts";
import { checkAccount, runLimits } from "./run-limits.ts";
import { Turn } from "./turn.ts";

/** What `run()` takes besides the prompt. */
export interface RunOptions {
  /** Turns of this run; the program's limit holds where it is lower. Same as `limits.turns`. */
  readonly maxIterations?: number;
  /** What this run and its children may come to. */
  readonly limits?: RunLimits;
  /** Goes with every event of the run, as `info.metadata`. */
  readonly metadata?: Metadata;
  /** Aborts the run, wherever it is. */
  readonly signal?: AbortSignal;
}

/**
 * One run: turns until the model is done, or something ends it.
 * @throws RunError
 */
export async function runProcess(process: ProcessState, prompt: Prompt, options: RunOptions): Promise<RunResult> {
  const own = checkPrompt(prompt);
  const { wallMs, ...limits } = runLimits(process.program, options.limits ?? {}, options.maxIterations);
  const metadata = options.metadata === undefined ? undefined : Object.freeze({ ...options.metadata });
  const run = new Run(process, process.nextRunId(), limits, metadata);
  if (run.account !== process.account) checkAccount(run.account, process.program);
  process.run = run;
  run.limitTime(wallMs);
  const unlink = linkSignal(run, options.signal);
  followOwner(run, process.ownerRun);
  let mayRun = process.started;
  let end: RunEnd;
  try {
    if (!mayRun) await startProcess(process);
    mayRun = true;
    end = await startRun(process, run, own);
  } catch (thrown) {
    end = thrown instanceof RunEnd ? thrown : new RunEnd("callback", errorMessage(thrown), thrown);
  } finally {
    unlink();
  }
  try {
    return await conclude(process, run, end);
  } finally {
    if (!mayRun) await closeProcess(process);
  }
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
  } catch (thrown) {
    end = thrown instanceof RunEnd ? thrown : new RunEnd("api_error", errorMessage(thrown), thrown);
  }
  if (history.length === before + 1) history.truncate(before);
  await settleChildren(run);
  const nowMs = performance.now();
  if (!dispatcher.hears(EVENTS.run_end)) dispatcher.skip();
  else dispatcher.emit(EVENTS.run_end, run.scope, nowMs, process.view, run.snapshot(nowMs, end.stopReason));
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

/** Children that tools left behind end with the run. */
async function settleChildren(run: Run): Promise<void> {
  run.over = true;
  if (run.children.size === 0) return;
  await Promise.all([...run.children].map((child) => closeProcess(child)));
}

/** Waits until everybody has heard everything, and says what came of the run. */
async function conclude(process: ProcessState, run: Run, end: RunEnd): Promise<RunResult> {
  run.stopClock();
  const result = run.snapshot(performance.now(), end.stopReason);
  const limitMs = process.closeDueMs === undefined ? undefined : Math.max(process.closeDueMs - performance.now(), 0);
  await process.dispatcher.drain({ aborted: run.aborted, ...(limitMs !== undefined && { limitMs }) });
  process.run = undefined;
  run.finish();
  if (end.good) return result;
  throw new RunError(end.stopReason, end.message || `The run ended: ${end.stopReason}.`, result, end.cause);
}

function blocksOf(prompt: Prompt): readonly PromptBlock[] {
  return typeof prompt === "string" ? [{ type: "text", text: prompt }] : prompt;
}

function linkSignal(run: Run, signal: AbortSignal | undefined): () => void {
  if (signal === undefined) return () => {};
  const onAbort = () => run.abort(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  return () => signal.removeEventListener("abort", onAbort);
}

/** A child that begins a run late, when that of its parent is already being ended, ends like it. */
function followOwner(run: Run, owner: Run | undefined): void {
  if (owner?.aborted) run.abort(owner.signal.reason);
  else if (owner?.stopping) run.stop("The run of its parent was stopped.");
}
