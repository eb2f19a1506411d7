import { registerHandler } from "../../dispatch/register.ts";
import { told } from "../../dispatch/told.ts";
import { errorMessage, LLMProcError, lookable } from "../../errors.ts";
import { EVENTS } from "../../events/callback-event.ts";
import type { EventRecord } from "../../events/event-record.ts";
import type { Facts } from "../../events/facts.ts";
import { NO_FACTS } from "../../events/facts.ts";
import type { Prompt } from "../../events/message.ts";
import { RunError } from "../../events/run-error.ts";
import type { RunResult } from "../../events/run-result.ts";
import type { FinishedRun, RunSeed } from "../../events/seed.ts";
import { readable } from "../contract/read-options.ts";
import { RunEnd } from "../contract/run-end.ts";
import { checkAccount } from "../money/run-limits.ts";
import type { RunAbove } from "../state/above.ts";
import type { ProcessState } from "../state/process-state.ts";
import type { RunWatcher } from "../state/run.ts";
import { Run } from "../state/run.ts";
import type { RunOptions } from "../state/run-options.ts";
import { checkRunOptions } from "../state/run-options.ts";
import { blocksOf, checkPrompt } from "../talk/check-prompt.ts";
import { closedError, raiseProcessStart } from "../tree/make-child.ts";
import { refusal } from "./refusal.ts";
import { endSaid, takeSaid } from "./steering.ts";
import { endAfterTurn, Turn } from "./turn.ts";

/**
 * One run: turns until the model is done, or something ends it. Whatever cannot work is refused before anything starts.
 * A process that goes on from where another stood gives what its runs came to there, and goes on with the one under way.
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
  const finished = process.earlier.takeFinishedRun(own);
  if (finished !== undefined) return resultOf(finished);
  const seed = process.earlier.takeRun(own);
  if (process.ended) throw closedError(process);
  const parts = seed === undefined ? { limits, metadata, watcher } : { ...partsOf(seed), watcher };
  const run = new Run(process, seed?.runId ?? process.nextRunId(), parts);
  if (run.account !== process.account) checkAccount(run.account, process.program);
  const unlinks = [signal, watcher?.signal].map((one) => linkSignal(run, one));
  process.run = run;
  let mayRun = process.started;
  let end: RunEnd;
  try {
    if (watcher !== undefined) unlinks.push(watchRun(run, watcher));
    run.limitTime(parts.limits.wallMs);
    followOwner(run, process.above?.run);
    if (!mayRun) await raiseProcessStart(process);
    mayRun = true;
    end = await startRun(process, run, { prompt: own, seed });
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

interface Begun {
  readonly prompt: Prompt;
  /** Of a run that was under way. */
  readonly seed: RunSeed | undefined;
}

/** Asks the guards, runs the turns, and raises the end of what it started. */
async function startRun(process: ProcessState, run: Run, { prompt, seed }: Begun): Promise<RunEnd> {
  const { dispatcher, history, view } = process;
  // A prompt that is being answered stands in the conversation already. Before that, its guards may not have answered.
  const isAsked = seed !== undefined && seed.turn > 0;
  const before = isAsked ? history.length - 1 : history.length;
  let end: RunEnd;
  try {
    if (!isAsked) {
      const tell = () => told(EVENTS.run_start, run.scope, { bounds: run.bounds }, view, prompt);
      const asked = dispatcher.askTold(EVENTS.run_start, performance.now(), run, tell);
      const outcome = asked instanceof Promise ? await run.interruptible(asked) : asked;
      if (outcome?.kind === "deny") throw refusal(process, "run_start", outcome.by, outcome.thrown);
      history.append({ role: "user", content: blocksOf(prompt) });
    }
    const earlier = seed && (await goOn(process, run, seed));
    const isSaid = seed !== undefined && takeSaid(process, run, earlier);
    end = earlier !== undefined && !isSaid ? earlier : await runTurns(process, run);
  } catch (given) {
    const thrown = lookable(given);
    end = thrown instanceof RunEnd ? thrown : new RunEnd("api_error", errorMessage(thrown), thrown);
  }
  endSaid(process, run);
  // A prompt without a reply leaves the conversation.
  if (history.length === before + 1 && history.last?.role === "user") history.truncate(before);
  await run.closeChildren();
  const nowMs = performance.now();
  run.stopClock();
  const result = run.snapshot(nowMs, end.stopReason);
  run.result = result;
  dispatcher.emitTold(EVENTS.run_end, nowMs, run, ({ scope }) =>
    told(EVENTS.run_end, scope, endFacts(end), view, result),
  );
  return end;
}

function endFacts(end: RunEnd): Facts {
  const veto = end.veto?.event === "run_start" ? { veto: end.veto } : NO_FACTS;
  return end.good ? veto : { failure: end.failure, ...veto };
}

/** Ends the turn that was under way, or says why the run was over after the last one. */
async function goOn(process: ProcessState, run: Run, seed: RunSeed): Promise<RunEnd | undefined> {
  const { openTurn, lastReply, failure } = seed;
  const end = failure && new RunEnd(failure.stopReason, failure.message);
  if (openTurn !== undefined) return await new Turn(process, run).run({ ...openTurn, end });
  if (end !== undefined) throw end;
  return lastReply && endAfterTurn(run, lastReply);
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
    if (!takeSaid(process, run, end) && end !== undefined) return end;
  }
}

function partsOf(seed: RunSeed) {
  const { turns = Number.POSITIVE_INFINITY, wallMs = Number.POSITIVE_INFINITY, warnAt, ...share } = seed.bounds;
  return { limits: { turns, wallMs, warnAt, share }, metadata: seed.metadata, seed };
}

/** @throws RunError as it did */
function resultOf({ result, failure }: FinishedRun): RunResult {
  if (failure === undefined) return result;
  throw new RunError(failure.stopReason, failure.message, result);
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
  throw new RunError(end.stopReason, end.failure.message, result, end.cause);
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

/**
 * Hands the records of a run to whoever watches it: its own and those of the children that it made, not those of other
 * children of its process. Returns what ends that.
 */
function watchRun(run: Run, watcher: RunWatcher): () => void {
  const { dispatcher, id } = run.process;
  const hear = (record: EventRecord) => {
    const isOwn = record.process.id === id && (record.runId ?? run.id) === run.id;
    if (isOwn || run.made(record.process.id)) watcher.hear(record);
  };
  const options = { observe: true, timeoutMs: Number.POSITIVE_INFINITY, name: "stream" };
  return dispatcher.listen(registerHandler("*", hear, options));
}
