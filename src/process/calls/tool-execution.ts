import type { Timed } from "../../dispatch/deadlines.ts";
import { OwnSignal } from "../../dispatch/own-signal.ts";
import { LLMProcError } from "../../errors.ts";
import type { Then } from "../../events/thenable.ts";
import { thenOf } from "../../events/thenable.ts";
import type { Tool, ToolContext, ToolProcess } from "../contract/tool.ts";
import type { OpenCall } from "../state/open-turn.ts";
import { ToolOutcome } from "../talk/tool-result.ts";
import { ToolSide } from "./tool-side.ts";
import { lateNote, ToolWait } from "./tool-wait.ts";

/**
 * Runs a tool. What it returns or throws becomes a result; what comes after its time is dropped.
 * @throws RunEnd if the run is aborted first
 */
export function executeTool(tool: Tool, args: unknown, open: OpenCall): ToolOutcome | Promise<ToolOutcome> {
  const { process } = open.turn;
  const context = new CallContext(open);
  let returned: unknown;
  let then: Then | undefined;
  try {
    returned = tool.execute(args, context);
    then = thenOf(returned);
  } catch (thrown) {
    context.release();
    return ToolOutcome.threw(thrown, tool, process);
  }
  if (then !== undefined) return settle(new ToolWait(returned, then), open, context, tool);
  context.release();
  return ToolOutcome.returned(returned, tool, process);
}

async function settle(
  wait: ToolWait,
  { turn, call }: OpenCall,
  context: CallContext,
  tool: Tool,
): Promise<ToolOutcome> {
  const { process, run } = turn;
  const { deadlines } = process.dispatcher;
  const timeoutMs = tool.timeoutMs ?? process.program.toolTimeoutMs;
  const expire = () => {
    const error = timeoutError(tool, timeoutMs);
    wait.expire(error, lateNote(turn, call, "its time limit", error));
    context.abort(error);
  };
  const nowMs = performance.now();
  const timed: Timed = { dueMs: nowMs + timeoutMs, expire };
  deadlines.watch(timed, nowMs);
  try {
    return ToolOutcome.returned(await run.interruptible(wait.outcome), tool, process);
  } catch (thrown) {
    if (!run.aborted) return ToolOutcome.threw(thrown, tool, process);
    wait.giveUp(lateNote(turn, call, "its run was aborted", run.signal.reason));
    throw run.abortEnd();
  } finally {
    deadlines.forget(timed);
    context.release();
  }
}

/** The model reads it: it should know that something may have happened, and what to do now. */
function timeoutError({ name }: Tool, timeoutMs: number): LLMProcError {
  return new LLMProcError(
    "tool_timeout",
    `The tool ${name} did not return within its limit of ${timeoutMs} ms, and may have done part of its work. ` +
      "Ask it for less at once, or go on without it. (The limit is the tool's timeoutMs, or [tools] timeout_ms.)",
  );
}

/** What a tool is given. Its signal is made when it is first asked for. */
class CallContext implements ToolContext {
  readonly callId: string;
  readonly #open: OpenCall;
  #own: OwnSignal | undefined;
  #aborted: Error | undefined;
  #released = false;

  constructor(open: OpenCall) {
    this.callId = open.call.id;
    this.#open = open;
  }

  get process(): ToolProcess {
    return new ToolSide(this.#open);
  }

  get signal(): AbortSignal {
    const { signal } = this.#open.turn.run;
    this.#own ??= new OwnSignal(signal, { reason: this.#aborted, released: this.#released });
    return this.#own.signal;
  }

  abort(reason: Error): void {
    this.#aborted = reason;
    this.#own?.abort(reason);
  }

  /** The tool has returned: the run need not know its signal any longer. */
  release(): void {
    this.#released = true;
    this.#own?.release();
  }
}
