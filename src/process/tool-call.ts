import type { Outcome } from "../dispatch/decision.ts";
import { Scope } from "../dispatch/scope.ts";
import { describe } from "../errors.ts";
import { EVENTS } from "../events/callback-event.ts";
import type { ToolResult } from "../events/tool-result.ts";
import { ToolAnswer, ToolArgsReplacement } from "../events/verdict.ts";
import type { JsonObject } from "../json.ts";
import { deepCopy, deepFreeze } from "../json.ts";
import type { ToolCall } from "./model.ts";
import type { OpenTurn } from "./open-turn.ts";
import { RunEnd } from "./run-end.ts";
import type { CheckedArgs, Tool } from "./tool.ts";
import { executeTool } from "./tool-execution.ts";
import { errorResult, thrownMessage, toToolResult } from "./tool-result.ts";

/** The result of a call that the end of its run overtook. */
export const INTERRUPTED = errorResult("interrupted: the run ended before this call returned");

/**
 * One call that a model asks for, from its start to its one end. Never rejects; undefined if the run was aborted
 * before it started.
 */
export function runToolCall(turn: OpenTurn, call: ToolCall): Promise<ToolResult | undefined> {
  const tool = turn.process.tools.get(call.name);
  const room = turn.process.dispatcher.room();
  const checked = checkCall(turn, tool, call);
  if (room !== undefined || checked instanceof Promise) return callLater(turn, call, tool, checked, room);
  return turn.run.aborted ? NEVER_STARTED : new CallUnderWay(turn, call, checked).finish(tool);
}

const NEVER_STARTED = Promise.resolve(undefined);

async function callLater(
  turn: OpenTurn,
  call: ToolCall,
  tool: Tool | undefined,
  checking: CheckedArgs | Promise<CheckedArgs>,
  room: Promise<void> | undefined,
): Promise<ToolResult | undefined> {
  const { run } = turn;
  let checked: CheckedArgs;
  try {
    checked = checking instanceof Promise ? await run.interruptible(checking) : checking;
    if (room !== undefined) await run.interruptible(room);
  } catch {
    return undefined;
  }
  return run.aborted ? undefined : new CallUnderWay(turn, call, checked).finish(tool);
}

/** A call whose `tool_start` is about to be raised, and whose `tool_end` is owed. */
class CallUnderWay {
  readonly #turn: OpenTurn;
  readonly #call: ToolCall;
  readonly #checked: CheckedArgs;
  readonly #scope: Scope;
  /** The scope of the end, where a callback had its hand in it. */
  #endScope: Scope;

  constructor(turn: OpenTurn, call: ToolCall, checked: CheckedArgs) {
    this.#turn = turn;
    this.#call = call;
    this.#checked = checked;
    const invalid = checked.ok ? undefined : checked.problem;
    this.#scope = new Scope(performance.now(), turn.scope, { callId: call.id, invalid });
    this.#endScope = this.#scope;
  }

  async finish(tool: Tool | undefined): Promise<ToolResult> {
    const { process, run } = this.#turn;
    const { dispatcher } = process;
    const { name, args } = this.#call;
    process.countToolCall();
    const passed = this.#checked.ok ? this.#checked.args : args;
    const shown = dispatcher.hears(EVENTS.tool_start) ? showArgs(passed, args) : args;
    const asked = dispatcher.ask(EVENTS.tool_start, this.#scope, this.#scope.startMs, name, shown);
    let result: ToolResult;
    try {
      const outcome = asked instanceof Promise ? await run.interruptible(asked) : asked;
      // A handler may have closed the process: nothing starts any more.
      if (run.aborted) throw run.abortEnd();
      if (tool === undefined || !this.#checked.ok) result = errorResult(this.#scope.invalid ?? "");
      else {
        const answered = outcome === undefined ? this.#execute(tool, this.#checked.args) : this.#obey(tool, outcome);
        result = answered instanceof Promise ? await answered : answered;
      }
    } catch (thrown) {
      result = thrown instanceof RunEnd ? INTERRUPTED : errorResult(thrownMessage(thrown));
    }
    dispatcher.emit(EVENTS.tool_end, this.#endScope, performance.now(), name, result);
    return result;
  }

  /** What the guards decided. */
  #obey(tool: Tool, outcome: NonNullable<Outcome>): ToolResult | Promise<ToolResult> {
    if (outcome.kind === "deny") return this.#denied(outcome.by, outcome.veto);
    const { verdict, by } = outcome;
    if (verdict instanceof ToolAnswer) {
      this.#endScope = new Scope(this.#scope.startMs, this.#scope, { answeredBy: by });
      return toToolResult(verdict.content, tool, this.#turn.process, verdict.isError);
    }
    if (verdict instanceof ToolArgsReplacement) return this.#replaced(tool, by, verdict.args);
    throw new TypeError(`Unknown verdict ${describe(verdict)}.`);
  }

  #denied(by: string, veto: string | undefined): ToolResult {
    const { process } = this.#turn;
    const { id: callId, name: toolName } = this.#call;
    const reason = veto ?? `denied by callback ${by}`;
    process.countVeto({ processId: process.id, event: "tool_start", callback: by, reason, toolName, callId });
    this.#endScope = new Scope(this.#scope.startMs, this.#scope, { deniedBy: by });
    return errorResult(veto ?? `denied by callback ${by}`);
  }

  async #replaced(tool: Tool, by: string, args: JsonObject): Promise<ToolResult> {
    this.#endScope = new Scope(this.#scope.startMs, this.#scope, { replacedArgs: args });
    const checked = await this.#turn.run.interruptible(Promise.resolve(safeCheck(tool, args)));
    if (checked.ok) return this.#execute(tool, checked.args);
    return errorResult(`callback ${by} replaced the arguments with some that do not fit: ${checked.problem}`);
  }

  #execute(tool: Tool, args: unknown): ToolResult | Promise<ToolResult> {
    return executeTool(tool, deepCopy(args), this.#turn, this.#call, this.#scope);
  }
}

function checkCall({ process }: OpenTurn, tool: Tool | undefined, call: ToolCall): CheckedArgs | Promise<CheckedArgs> {
  if (tool === undefined) {
    const known = [...process.tools.keys()].join(", ") || "none";
    return { ok: false, problem: `There is no tool ${describe(call.name)}. Tools: ${known}.` };
  }
  if (call.invalid !== undefined) return { ok: false, problem: call.invalid };
  return safeCheck(tool, call.args);
}

function safeCheck(tool: Tool, args: JsonObject): CheckedArgs | Promise<CheckedArgs> {
  const problem = (thrown: unknown): CheckedArgs => ({ ok: false, problem: thrownMessage(thrown) });
  try {
    const checked = tool.check(args);
    return checked instanceof Promise ? checked.catch(problem) : checked;
  } catch (thrown) {
    return problem(thrown);
  }
}

/** The values that `execute` gets, frozen; the model's own where the check changed nothing, or refused them. */
function showArgs(checked: unknown, given: JsonObject): JsonObject {
  return checked === given ? deepFreeze(given) : (deepFreeze(deepCopy(checked)) as JsonObject);
}
