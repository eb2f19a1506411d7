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

/** Runs a call, from its `tool_start`, which is raised at once, to its one end. Never rejects. */
export function runCall(turn: OpenTurn, { call, tool, checked }: CheckedCall): Promise<ToolResult> {
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

  async finish(tool: Tool | undefined): Promise<ToolResult> {
    const { process, run } = this.#turn;
    const { dispatcher } = process;
    if (this.#turn.begun?.has(this.#open.call.id) !== true) process.countToolCall();
    const asked = dispatcher.askTold(EVENTS.tool_start, this.#scope.startMs, this, CallUnderWay.#tellStart);
    let result: ToolResult;
    try {
      const outcome = asked instanceof Promise ? await run.interruptible(asked) : asked;
      if (asked instanceof Promise) this.#decidedMs = performance.now();
      // A handler may have closed the process: nothing starts any more.
      if (run.aborted) throw run.abortEnd();
      if (tool === undefined || !this.#checked.ok) result = errorResult(this.#scope.facts.invalid ?? "");
      else {
        const answered = outcome === undefined ? this.#execute(tool, this.#checked.args) : this.#obey(tool, outcome);
        result = answered instanceof Promise ? await answered : answered;
      }
    } catch (given) {
      const thrown = lookable(given);
      result = thrown instanceof RunEnd ? INTERRUPTED : errorResult(thrownMessage(thrown));
    }
    this.#open.over = true;
    if (result.isError && this.#open.hasChildren) await this.#closeChildren();
    const nowMs = performance.now();
    this.#result = result;
    dispatcher.emitTold(EVENTS.tool_end, nowMs, this, CallUnderWay.#tellEnd);
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
