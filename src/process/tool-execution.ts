import type { Timed } from "../dispatch/deadlines.ts";
import type { Scope } from "../dispatch/scope.ts";
import { LLMProcError } from "../errors.ts";
import type { ToolResult } from "../events/tool-result.ts";
import type { ToolCall } from "./model.ts";
import type { OpenTurn } from "./open-turn.ts";
import type { Tool, ToolContext, ToolProcess } from "./tool.ts";
import { thrownResult, toToolResult } from "./tool-result.ts";
import { ToolSide } from "./tool-side.ts";
import { lateNote, ToolWait } from "./tool-wait.ts";

/**
 * Runs a tool. What it returns or throws becomes a result; a result that comes after its time is dropped.
 * @throws RunEnd if the run is aborted first
 */
export function executeTool(
  tool: Tool,
  args: unknown,
  turn: OpenTurn,
  call: ToolCall,
  scope: Scope,
): ToolResult | Promise<ToolResult> {
  const context = new CallContext(turn, call, scope);
  let returned: unknown;
  try {
    returned = tool.execute(args, context);
    if (returned instanceof Promise || isThenable(returned)) returned = Promise.resolve(returned);
  } catch (thrown) {
    return thrownResult(thrown, tool, turn.process);
  }
  if (returned instanceof Promise) return settle(returned, turn, call, context, tool);
  return toToolResult(returned, tool, turn.process);
}

async function settle(
  returned: Promise<unknown>,
  turn: OpenTurn,
  call: ToolCall,
  context: CallContext,
  tool: Tool,
): Promise<ToolResult> {
  const { process, run } = turn;
  const { deadlines } = process.dispatcher;
  const timeoutMs = tool.timeoutMs ?? process.program.toolTimeoutMs;
  const wait = new ToolWait(returned);
  const expire = () => {
    const error = timeoutError(tool, timeoutMs);
    wait.expire(error, lateNote(turn, call, "its time limit", error));
    context.abort(error);
  };
  const nowMs = performance.now();
  const timed: Timed = { dueMs: nowMs + timeoutMs, expire };
  deadlines.watch(timed, nowMs);
  try {
    return toToolResult(await run.interruptible(wait.outcome), tool, process);
  } catch (thrown) {
    if (!run.aborted) return thrownResult(thrown, tool, process);
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
  readonly #turn: OpenTurn;
  readonly #call: ToolCall;
  readonly #scope: Scope;
  #controller: AbortController | undefined;
  #aborted: Error | undefined;
  #unlink: (() => void) | undefined;

  constructor(turn: OpenTurn, call: ToolCall, scope: Scope) {
    this.callId = call.id;
    this.#turn = turn;
    this.#call = call;
    this.#scope = scope;
  }

  get process(): ToolProcess {
    return new ToolSide(this.#turn, this.#call, this.#scope);
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      const controller = new AbortController();
      this.#controller = controller;
      const { signal } = this.#turn.run;
      if (this.#aborted !== undefined || signal.aborted) {
        controller.abort(this.#aborted ?? signal.reason);
      } else {
        const onAbort = () => controller.abort(signal.reason);
        signal.addEventListener("abort", onAbort, { once: true });
        this.#unlink = () => signal.removeEventListener("abort", onAbort);
      }
    }
    return this.#controller.signal;
  }

  abort(reason: Error): void {
    this.#aborted = reason;
    this.#controller?.abort(reason);
  }

  release(): void {
    this.#unlink?.();
  }
}

function isThenable(value: unknown): boolean {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return false;
  return typeof Reflect.get(value, "then") === "function";
}
