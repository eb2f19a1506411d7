import type { Ruling } from "../../dispatch/decision.ts";
import type { Occurrence } from "../../dispatch/occurrence.ts";
import type { Scope } from "../../dispatch/scope.ts";
import { told } from "../../dispatch/told.ts";
import { describe, lookable } from "../../errors.ts";
import { EVENTS } from "../../events/callback-event.ts";
import type { Facts } from "../../events/facts.ts";
import { NO_FACTS } from "../../events/facts.ts";
import type { VetoRecord } from "../../events/run-result.ts";
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
import { errorResult, INTERRUPTED, ToolOutcome, thrownMessage, UNJUDGED } from "../talk/tool-result.ts";
import { endEarlierChildren } from "../tree/make-child.ts";
import { replaced, unknownVerdict } from "./replace-result.ts";
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

/** What a call comes to: of a tool, or of somebody in its place; or words of ours. */
type Came = ToolOutcome | ToolResult;

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
  /** What the tool took. */
  #execMs: number | undefined;
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
    let ruling: Ruling;
    try {
      ruling = await this.#turn.run.interruptible(asked);
    } catch (thrown) {
      return this.#end(resultOfThrown(thrown), performance.now());
    }
    this.#decidedMs = performance.now();
    return this.#decided(tool, ruling);
  }

  #decided(tool: Tool | undefined, ruling: Ruling): ToolResult | Promise<ToolResult> {
    let came: Came | Promise<Came>;
    try {
      came = this.#start(tool, ruling);
    } catch (thrown) {
      came = resultOfThrown(thrown);
    }
    return came instanceof Promise ? this.#askLater(came) : this.#ask(came);
  }

  async #askLater(came: Promise<Came>): Promise<ToolResult> {
    return this.#ask(await came.catch(resultOfThrown));
  }

  /** @throws RunEnd if the run was aborted */
  #start(tool: Tool | undefined, ruling: Ruling): Came | Promise<Came> {
    const { run } = this.#turn;
    // A handler may have closed the process: nothing starts any more.
    if (run.aborted) throw run.abortEnd();
    if (tool === undefined || !this.#checked.ok) return errorResult(this.#scope.facts.invalid ?? "");
    return ruling === undefined ? this.#execute(tool, this.#checked.args) : this.#obey(tool, ruling);
  }

  /** Whoever guards results sees what a tool, or somebody in its place, came to. The rest is nobody's secret. */
  #ask(came: Came): ToolResult | Promise<ToolResult> {
    const nowMs = performance.now();
    if (this.#called) this.#execMs = nowMs - this.#decidedMs;
    if (!(came instanceof ToolOutcome)) return this.#end(came, nowMs);
    const of = { call: this, outcome: came };
    const asked = this.#turn.process.dispatcher.askTold(EVENTS.tool_result, nowMs, of, CallUnderWay.#tellResult);
    if (asked instanceof Promise) return this.#passLater(came, asked);
    const result = this.#passed(came, asked);
    return this.#end(result, came.isSeen ? performance.now() : nowMs);
  }

  /** An answer that never comes leaves nothing behind: what was to be judged is not shown. */
  async #passLater(came: ToolOutcome, asked: Promise<Ruling>): Promise<ToolResult> {
    let result: ToolResult;
    try {
      result = this.#passed(came, await this.#turn.run.interruptible(asked));
    } catch (thrown) {
      result = thrown instanceof RunEnd ? UNJUDGED : resultOfThrown(thrown);
    }
    return this.#end(result, performance.now());
  }

  #passed(came: ToolOutcome, ruling: Ruling): ToolResult {
    if (ruling === undefined) return came.result;
    if (ruling.kind === "deny") {
      return this.#withhold(came, ruling.by, ruling.veto ?? `withheld by callback ${ruling.by}`);
    }
    const made = replaced(came, ruling.all);
    if (!made.ok) {
      const { name } = this.#open.call;
      this.#turn.process.writeStderr(`The result of ${name} is withheld: ${made.fault}.`, this.#scope);
      return this.#withhold(came, made.by, made.reason);
    }
    const { by, content, isError } = made;
    // Whoever gives back what it was given has replaced nothing.
    if (content === came.whole.content && (isError ?? came.whole.isError) === came.whole.isError) return came.result;
    this.#endFacts = { ...this.#endFacts, resultReplacedBy: by };
    return came.replaced(content, isError);
  }

  #withhold(came: ToolOutcome, by: string, reason: string): ToolResult {
    this.#endFacts = { ...this.#endFacts, withheldBy: by, veto: this.#noteVeto("tool_result", by, reason) };
    return came.replaced(reason, true);
  }

  #end(result: ToolResult, nowMs: number): ToolResult | Promise<ToolResult> {
    this.#open.over = true;
    const closesChildren = result.isError && this.#open.hasChildren;
    const hasEarlier = this.#turn.process.earlier.hasChildren(this.#open.call.id);
    return closesChildren || hasEarlier ? this.#endBehindChildren(result) : this.#tell(result, nowMs);
  }

  async #endBehindChildren(result: ToolResult): Promise<ToolResult> {
    await endEarlierChildren(this.#turn.process, this.#open);
    if (result.isError) await this.#closeChildren();
    return this.#tell(result, performance.now());
  }

  #tell(result: ToolResult, nowMs: number): ToolResult {
    this.#result = result;
    this.#turn.process.dispatcher.emitTold(EVENTS.tool_end, nowMs, this, CallUnderWay.#tellEnd);
    return result;
  }

  static #tellStart(call: CallUnderWay): Occurrence {
    const { name, args } = call.#open.call;
    // The values that `execute` gets; the model's own where the check refused them. A border post: they fit the schema.
    const passed = (call.#checked.ok ? call.#checked.args : args) as JsonObject;
    return told(EVENTS.tool_start, call.#scope, undefined, name, deepFreeze(passed));
  }

  static #tellResult({ call, outcome }: { call: CallUnderWay; outcome: ToolOutcome }): Occurrence {
    return told(EVENTS.tool_result, call.#scope, call.#endFacts, call.#open.call.name, outcome.whole);
  }

  static #tellEnd(call: CallUnderWay): Occurrence {
    return told(EVENTS.tool_end, call.#scope, call.#allFacts(), call.#open.call.name, call.#result);
  }

  /** Children at work end before the call that made them, where it fails, or its run is ended. */
  async #closeChildren(): Promise<void> {
    const { closeDueMs } = this.#turn.process;
    await Promise.all([...this.#open.children].map((child) => child.close(closeDueMs)));
  }

  #allFacts(): Facts {
    const { facts } = this.#scope;
    const execMs = this.#execMs;
    // Of most calls there is no more to say.
    if (execMs !== undefined && facts === NO_FACTS && this.#endFacts === NO_FACTS) return { execMs };
    return { ...facts, ...this.#endFacts, ...(execMs !== undefined && { execMs }) };
  }

  /** What the guards decided. */
  #obey(tool: Tool, ruling: NonNullable<Ruling>): Came | Promise<Came> {
    const { by } = ruling;
    if (ruling.kind === "deny") {
      const reason = ruling.veto ?? `denied by callback ${by}`;
      this.#endFacts = { deniedBy: by, veto: this.#noteVeto("tool_start", by, reason) };
      return errorResult(reason);
    }
    const { verdict } = ruling;
    if (verdict instanceof ToolAnswer) {
      this.#endFacts = { answeredBy: by };
      return ToolOutcome.returned(verdict.content, tool, this.#turn.process, verdict.isError);
    }
    if (verdict instanceof ToolArgsReplacement) return this.#replaced(tool, by, verdict.args);
    throw unknownVerdict(verdict);
  }

  #noteVeto(event: "tool_start" | "tool_result", callback: string, reason: string): VetoRecord {
    const { process } = this.#turn;
    const { id: callId, name: toolName } = this.#open.call;
    return process.noteVeto({ processId: process.id, event, callback, reason, toolName, callId });
  }

  async #replaced(tool: Tool, by: string, args: JsonObject): Promise<Came> {
    const unfit = (problem: string) =>
      errorResult(`callback ${by} replaced the arguments with some that do not fit: ${problem}`);
    if (isTooDeep(args)) return unfit(TOO_DEEP);
    this.#endFacts = { replacedBy: by, replacedArgs: args };
    const checked = await this.#turn.run.interruptible(Promise.resolve(safeCheck(tool, args)));
    if (checked.ok) return this.#execute(tool, checked.args);
    return unfit(checked.problem);
  }

  #execute(tool: Tool, args: unknown): ToolOutcome | Promise<ToolOutcome> {
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
