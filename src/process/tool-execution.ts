import type { Timed } from "../dispatch/deadlines.ts";
import type { Scope } from "../dispatch/scope.ts";
import { LLMProcError } from "../errors.ts";
import type { ToolResult } from "../events/tool-result.ts";
import type { ToolCall } from "./model.ts";
import type { OpenTurn } from "./open-turn.ts";
import type { Tool, ToolContext, ToolProcess } from "./tool.ts";
import { thrownResult, toToolResult } from "./tool-result.ts";
import { ToolSide } from "./tool-side.ts";

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
    if (!(returned instanceof Promise) && !isThenable(returned)) return toToolResult(returned);
  } catch (thrown) {
    return thrownResult(thrown);
  }
  return settle(Promise.resolve(returned), tool.timeoutMs ?? turn.process.program.toolTimeoutMs, turn, context, tool);
}

async function settle(
  returned: Promise<unknown>,
  timeoutMs: number,
  turn: OpenTurn,
  context: CallContext,
  tool: Tool,
): Promise<ToolResult> {
  const { deadlines } = turn.process.dispatcher;
  const nowMs = performance.now();
  let timed: Timed | undefined;
  const timedOut = new Promise<never>((_resolve, reject) => {
    const expire = () => {
      const error = new LLMProcError("tool_timeout", `The tool ${tool.name} did not return within ${timeoutMs} ms.`);
      context.abort(error);
      reject(error);
    };
    timed = { dueMs: nowMs + timeoutMs, expire };
    deadlines.watch(timed, nowMs);
  });
  try {
    return toToolResult(await turn.run.interruptible(Promise.race([returned, timedOut])));
  } catch (thrown) {
    if (turn.run.aborted) throw turn.run.abortEnd();
    return thrownResult(thrown);
  } finally {
    if (timed !== undefined) deadlines.forget(timed);
    context.release();
  }
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
