import type { Ruling } from "../../dispatch/decision.ts";
import type { Occurrence } from "../../dispatch/occurrence.ts";
import type { Scope } from "../../dispatch/scope.ts";
import { told } from "../../dispatch/told.ts";
import { describe, lookable } from "../../errors.ts";
import { EVENTS } from "../../events/callback-event.ts";
import type { Facts } from "../../events/facts.ts";
import { NO_FACTS } from "../../events/facts.ts";
import type { ToolResult } from "../../events/tool-result.ts";
import { ToolAnswer, ToolArgsReplacement } from "../../events/verdict.ts";
import type { JsonObject } from "../../json.ts";
import { deepCopy, deepFreeze } from "../../json.ts";
import type { ToolCall } from "../contract/model.ts";
import { RunEnd } from "../contract/run-end.ts";
import type { CheckedArgs, Tool } from "../contract/tool.ts";
import type { OpenTurn } from "../state/open-turn.ts";
import { OpenCall } from "../state/open-turn.ts";
import { isTooDeep, TOO_DEEP } from "../talk/bounded-reply.ts";
import { errorResult, INTERRUPTED, thrownMessage, toToolResult } from "../talk/tool-result.ts";
import { endEarlierChildren } from "../tree/make-child.ts";
import { executeTool } from "./tool-execution.ts";

/** A call with its arguments checked. */
export interface CheckedCall {
  readonly call: ToolCall;
  readonly tool: Tool | undefined;
  readonly checked: CheckedArgs;
}

/** Checks the arguments of a call. Never rejects; undefined if the run is aborted first. */
export function checkCall(turn: OpenTurn, call: ToolCall): CheckedCall | Promise<CheckedCall | undefined> {
  const tool = turn.process.tools.byName.get(call.name);
  const checked = checkArgs(turn, tool, call);
  if (!(checked instanceof Promise)) return { call, tool, checked };
  return turn.run.interruptible(checked).then(
    (done) => ({ call, tool, checked: done }),
    () => undefined,
  );
}

/**
 * Runs a call, from its `tool_start`, which is raised at once, to its one end: at once as well, if neither a guard nor
 * the tool takes time. Never throws, and never rejects.
 */
export function runCall(turn: OpenTurn, { call, tool, checked }: CheckedCall): ToolResult | Promise<ToolResult> {
  return new CallUnderWay(turn, call, checked).finish(tool);
}

/** A call whose `tool_start` is about to be raised, and whose `tool_end` is owed. */
class CallUnderWay {
  readonly #turn: OpenTurn;
  readonly #open: OpenCall;
  readonly #checked: CheckedArgs;
  readonly #scope: Scope;
  /** What the end says beyond the start. */
  #endFacts: Facts = NO_FACTS;
  /** When nobody had to be waited for any more, on the monotonic clock. */
  #decidedMs: number;
  #called = false;
  #result = INTERRUPTED;

  constructor(turn: OpenTurn, call: ToolCall, checked: CheckedArgs) {
    this.#turn = turn;
    this.#checked = checked;
    const invalid = checked.ok ? undefined : checked.problem;
    this.#scope = turn.scope.within(
      performance.now(),
      { callId: call.id },
      invalid === undefined ? NO_FACTS : { invalid },
    );
    this.#open = new OpenCall(turn, call, this.#scope);
    this.#decidedMs = this.#scope.startMs;
  }

  finish(tool: Tool | undefined): ToolResult | Promise<ToolResult> {
    const { process } = this.#turn;
    if (this.#turn.begun?.has(this.#open.call.id) !== true) process.countToolCall();
    const asked = process.dispatcher.askTold(EVENTS.tool_start, this.#scope.startMs, this, CallUnderWay.#tellStart);
    return asked instanceof Promise ? this.#decideLater(tool, asked) : this.#decided(tool, asked);
  }

  async #decideLater(tool: Tool | undefined, asked: Promise<Ruling>): Promise<ToolResult> {
    let outcome: Ruling;
    try {
      outcome = await this.#turn.run.interruptible(asked);
    } catch (thrown) {
      return this.#end(resultOfThrown(thrown));
    }
    this.#decidedMs = performance.now();
    return this.#decided(tool, outcome);
  }

  #decided(tool: Tool | undefined, outcome: Ruling): ToolResult | Promise<ToolResult> {
    let result: ToolResult | Promise<ToolResult>;
    try {
      result = this.#start(tool, outcome);
    } catch (thrown) {
      result = resultOfThrown(thrown);
    }
    return result instanceof Promise ? this.#endLater(result) : this.#end(result);
  }

  async #endLater(result: Promise<ToolResult>): Promise<ToolResult> {
    return this.#end(await result.catch(resultOfThrown));
  }

  /** @throws RunEnd if the run was aborted */
  #start(tool: Tool | undefined, outcome: Ruling): ToolResult | Promise<ToolResult> {
    const { run } = this.#turn;
    // A handler may have closed the process: nothing starts any more.
    if (run.aborted) throw run.abortEnd();
    if (tool === undefined || !this.#checked.ok) return errorResult(this.#scope.facts.invalid ?? "");
    return outcome === undefined ? this.#execute(tool, this.#checked.args) : this.#obey(tool, outcome);
  }

  #end(result: ToolResult): ToolResult | Promise<ToolResult> {
    this.#open.over = true;
    const closesChildren = result.isError && this.#open.hasChildren;
    const hasEarlier = this.#turn.process.earlier.hasChildren(this.#open.call.id);
    return closesChildren || hasEarlier ? this.#endBehindChildren(result) : this.#tell(result);
  }

  async #endBehindChildren(result: ToolResult): Promise<ToolResult> {
    await endEarlierChildren(this.#turn.process, this.#open);
    if (result.isError) await this.#closeChildren();
    return this.#tell(result);
  }

  #tell(result: ToolResult): ToolResult {
    this.#result = result;
    this.#turn.process.dispatcher.emitTold(EVENTS.tool_end, performance.now(), this, CallUnderWay.#tellEnd);
    return result;
  }

  static #tellStart(call: CallUnderWay): Occurrence {
    const { name, args } = call.#open.call;
    // The values that `execute` gets; the model's own where the check refused them. A border post: they fit the schema.
    const passed = (call.#checked.ok ? call.#checked.args : args) as JsonObject;
    return told(EVENTS.tool_start, call.#scope, undefined, name, deepFreeze(passed));
  }

  static #tellEnd(call: CallUnderWay, atMs: number): Occurrence {
    return told(EVENTS.tool_end, call.#scope, call.#allFacts(atMs), call.#open.call.name, call.#result);
  }

  /** Children at work end before the call that made them, where it fails, or its run is ended. */
  async #closeChildren(): Promise<void> {
    const { closeDueMs } = this.#turn.process;
    await Promise.all([...this.#open.children].map((child) => child.close(closeDueMs)));
  }

  #allFacts(nowMs: number): Facts {
    const { facts } = this.#scope;
    const execMs = nowMs - this.#decidedMs;
    // Of most calls there is no more to say.
    if (this.#called && facts === NO_FACTS && this.#endFacts === NO_FACTS) return { execMs };
    return { ...facts, ...this.#endFacts, ...(this.#called && { execMs }) };
  }

  /** What the guards decided. */
  #obey(tool: Tool, outcome: NonNullable<Ruling>): ToolResult | Promise<ToolResult> {
    if (outcome.kind === "deny") return this.#denied(outcome.by, outcome.veto);
    const { verdict, by } = outcome;
    if (verdict instanceof ToolAnswer) {
      this.#endFacts = { answeredBy: by };
      return toToolResult(verdict.content, tool, this.#turn.process, verdict.isError);
    }
    if (verdict instanceof ToolArgsReplacement) return this.#replaced(tool, by, verdict.args);
    throw new TypeError(`Unknown verdict ${describe(verdict)}.`);
  }

  #denied(by: string, veto: string | undefined): ToolResult {
    const { process } = this.#turn;
    const { id: callId, name: toolName } = this.#open.call;
    const reason = veto ?? `denied by callback ${by}`;
    const denied = { processId: process.id, event: "tool_start", callback: by, reason, toolName, callId } as const;
    this.#endFacts = { deniedBy: by, veto: process.noteVeto(denied) };
    return errorResult(veto ?? `denied by callback ${by}`);
  }

  async #replaced(tool: Tool, by: string, args: JsonObject): Promise<ToolResult> {
    const unfit = (problem: string) =>
      errorResult(`callback ${by} replaced the arguments with some that do not fit: ${problem}`);
    if (isTooDeep(args)) return unfit(TOO_DEEP);
    this.#endFacts = { replacedBy: by, replacedArgs: args };
    const checked = await this.#turn.run.interruptible(Promise.resolve(safeCheck(tool, args)));
    if (checked.ok) return this.#execute(tool, checked.args);
    return unfit(checked.problem);
  }

  #execute(tool: Tool, args: unknown): ToolResult | Promise<ToolResult> {
    this.#called = true;
    return executeTool(tool, deepCopy(args), this.#open);
  }
}

function resultOfThrown(given: unknown): ToolResult {
  const thrown = lookable(given);
  return thrown instanceof RunEnd ? INTERRUPTED : errorResult(thrownMessage(thrown));
}

function checkArgs(
  { process, notRun }: OpenTurn,
  tool: Tool | undefined,
  call: ToolCall,
): CheckedArgs | Promise<CheckedArgs> {
  if (notRun !== undefined) return { ok: false, problem: notRun };
  if (tool === undefined) {
    const known = [...process.tools.byName.keys()].join(", ") || "none";
    return { ok: false, problem: `There is no tool ${describe(call.name)}. Tools: ${known}.` };
  }
  if (call.invalid !== undefined) return { ok: false, problem: call.invalid };
  return safeCheck(tool, call.args);
}

/** What a schema comes to may be anything: it is looked at once, here, and copied. */
function safeCheck(tool: Tool, args: JsonObject): CheckedArgs | Promise<CheckedArgs> {
  const problem = (thrown: unknown): CheckedArgs => ({ ok: false, problem: thrownMessage(thrown) });
  const own = (checked: CheckedArgs): CheckedArgs => {
    if (!checked.ok) return { ok: false, problem: String(checked.problem) };
    const { args: fit } = checked;
    return { ok: true, args: fit === args ? args : deepFreeze(deepCopy(fit)) };
  };
  try {
    const checked = tool.check(args);
    return checked instanceof Promise ? checked.then(own).catch(problem) : own(checked);
  } catch (thrown) {
    return problem(thrown);
  }
}
