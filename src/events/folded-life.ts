import type { JsonObject } from "../json.ts";
import type { RequestBill } from "./bill.ts";
import type { EventRecord, RecordOf } from "./event-record.ts";
import { FoldedConversation } from "./folded-conversation.ts";
import type { FoldedCall, FoldedProcess, FoldedRun } from "./folded-process.ts";
import { FoldedFigures } from "./folded-run.ts";
import { LifeTally } from "./life-tally.ts";
import type { Message } from "./message.ts";
import type { VetoRecord } from "./run-result.ts";
import type { TreeCall, TreeProcess, TreeRun } from "./run-tree.ts";
import type { CountedSeed, FinishedRun, ProcessSeed } from "./seed.ts";
import type { Tally } from "./tally.ts";

/** What one process's records come to. */
export class FoldedLife {
  #parent: FoldedLife | undefined;
  readonly #start: EventRecord;
  /** The run of its parent that it works for. */
  readonly #owner: FoldedFigures | undefined;
  readonly #conversation: FoldedConversation;
  readonly #tally = new LifeTally();
  readonly #stderrLog: string[] = [];
  readonly #openChildren = new Set<FoldedLife>();
  readonly #isWhole: boolean;
  /** Of the last request, and of the last one that the provider has counted whole. */
  #payload: JsonObject | undefined;
  #counted: CountedSeed | undefined;
  /** Starts of those that calls under way have made. */
  #made: readonly EventRecord[] = [];
  /** Runs that are over, of one that works for a run. */
  #finished: readonly FinishedRun[] = [];
  #childCount = 0;
  #runCount = 0;
  #seq = 0;
  #run: FoldedFigures | undefined;
  #isStarted: boolean;
  #denial: VetoRecord | undefined;
  #isEnded = false;

  constructor(first: EventRecord, parent: FoldedLife | undefined, owner: FoldedFigures | undefined) {
    this.#start = first;
    this.#isStarted = first.event !== "process_start";
    this.#parent = parent;
    this.#owner = owner;
    const origin = first.event === "process_start" ? first.origin : undefined;
    const inherited = (parent === undefined ? [] : parent.messages).slice(0, origin?.inheritedMessages ?? 0);
    this.#isWhole = origin !== undefined && inherited.length === origin.inheritedMessages;
    this.#conversation = new FoldedConversation(Object.freeze([...inherited, ...(origin?.messages ?? [])]));
    if (origin?.kind === "fork") {
      this.#tally.inherit(origin.inheritedTokens);
      this.#counted = parent === undefined ? undefined : parent.#counted;
    }
    if (parent !== undefined) parent.#link(this);
    for (const run of this.#runs()) run.descendants++;
  }

  /** The parent of one that began before it: a root begins with its first run, and may have children by then. */
  adopt(child: FoldedLife): void {
    child.#parent = this;
    this.#link(child);
    for (let above: FoldedLife | undefined = this; above !== undefined; above = above.#parent) {
      above.#tally.below.merge(child.#tally.own);
      above.#tally.below.merge(child.#tally.below);
    }
  }

  #link(child: FoldedLife): void {
    this.#childCount++;
    if (!child.#isEnded) this.#openChildren.add(child);
    if (child.#owner !== undefined) this.#made = [...this.#made, child.#start];
  }

  /** Of one whose parent is not known. */
  get parentId(): string | undefined {
    return this.#parent === undefined ? this.#start.process.parentId : undefined;
  }

  get messages(): readonly Message[] {
    return this.#conversation.messages;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Of the run under way. */
  get run(): FoldedFigures | undefined {
    return this.#run;
  }

  /** Whether a record has been taken already. */
  has({ seq }: EventRecord): boolean {
    return seq <= this.#seq;
  }

  take(record: EventRecord): void {
    this.#seq = record.seq;
    if (!AROUND_START.has(record.event)) this.#isStarted = true;
    if (this.#run !== undefined) this.#run.lastMs = record.timeMs;
    if (record.veto !== undefined) for (const run of this.#worksFor()) run.vetoes = [...run.vetoes, record.veto];
    switch (record.event) {
      case "process_end":
        this.#isEnded = true;
        this.#denial = record.veto;
        if (this.#parent !== undefined) this.#parent.#openChildren.delete(this);
        return;
      case "stderr_write":
        this.#stderrLog.push(record.text);
        this.#run?.note(record.text);
        return;
      case "context_change":
        this.#conversation.change(record.change);
        return;
      case "run_start":
        // One that was under way may begin again, where it may not have been allowed yet.
        if (this.#run?.start.runId === record.runId) return;
        this.#runCount++;
        this.#run = new FoldedFigures(record);
        this.#conversation.begin(record.prompt);
        return;
      case "run_end":
        this.#conversation.end();
        this.#finish(record);
        this.#run = undefined;
        return;
      default:
        if (this.#run !== undefined) this.#takeInRun(record, this.#run);
    }
  }

  #takeInRun(record: EventRecord, run: FoldedFigures): void {
    switch (record.event) {
      case "turn_start":
        this.#conversation.beginTurn();
        // A child may have been denied when it was closed already: only this tells of it.
        run.vetoes = record.runResult.vetoes;
        return;
      case "api_request":
        run.retry = undefined;
        this.#payload = record.payload;
        return;
      case "api_response":
      case "api_error":
        this.#endAttempt(record, run);
        return;
      case "response":
        run.say(record.text);
        return;
      case "tool_end":
        run.endCall(record);
        this.#made = this.#made.filter(({ callId }) => callId !== record.callId);
        return;
      case "tool_start":
        if (run.startCall(record)) for (const tally of this.#tallies()) tally.countToolCall();
        return;
      case "turn_end":
        run.endTurn(record);
        run.retry = undefined;
        this.#conversation.endTurn(record);
    }
  }

  #finish({ runResult: result, failure }: RecordOf<"run_end">): void {
    const prompt = this.#run?.start.prompt;
    if (prompt !== undefined && this.#owner !== undefined) {
      this.#finished = [...this.#finished, { prompt, result, failure }];
    }
  }

  /** Its own, and those that its tools made it for: children of a host work for none. */
  #worksFor(): readonly FoldedFigures[] {
    const runs = this.#run === undefined ? [] : [this.#run];
    let owner = this.#owner;
    for (let above = this.#parent; above !== undefined && owner !== undefined; above = above.#parent) {
      runs.push(owner);
      owner = above.#owner;
    }
    return runs;
  }

  /** All whose limits it takes from: its own, and those above. */
  #runs(): readonly FoldedFigures[] {
    const runs = this.#run === undefined ? [] : [this.#run];
    for (let life: FoldedLife | undefined = this; life !== undefined; life = life.#parent) {
      if (life.#owner !== undefined) runs.push(life.#owner);
    }
    return runs;
  }

  #endAttempt(record: RecordOf<"api_response"> | RecordOf<"api_error">, run: FoldedFigures): void {
    if (record.event === "api_error") run.fail(record);
    else run.reply(record);
    if (record.message !== undefined) this.#conversation.message = record.message;
    const { bill, model } = record;
    if (bill === undefined || model === undefined) return;
    for (const tally of this.#tallies()) {
      tally.countRequest(model);
      tally.countBill(model, bill);
    }
    const { charged } = bill;
    if (charged !== undefined) for (const each of this.#runs()) each.charge(charged);
    if (record.event === "api_response") this.#noteCounted(bill);
  }

  #noteCounted({ isCounted, inputTokens, outputTokens }: RequestBill): void {
    this.#tally.countedTokens = isCounted ? inputTokens + outputTokens : undefined;
    const payload = this.#payload;
    this.#counted = isCounted && payload !== undefined ? { payload, inputTokens, outputTokens } : undefined;
  }

  /** Where what it uses counts: for itself, for those above it, and for the runs that it works for. */
  #tallies(): readonly Tally[] {
    const tallies = [this.#tally.own, ...this.#worksFor().map(({ tally }) => tally.of(this.#start.process))];
    for (let above = this.#parent; above !== undefined; above = above.#parent) tallies.push(above.#tally.below);
    return tallies;
  }

  /** What another goes on from as this one would have. `node` as for `state`. */
  seed(node: TreeProcess<EventRecord> | undefined, seedOf: (id: string) => ProcessSeed | undefined): ProcessSeed {
    const { process, origin } = this.#start;
    const { kind = "root", inheritedMessages = 0, inheritedTokens } = origin ?? {};
    const under = node?.run;
    return {
      id: process.id,
      name: process.name,
      origin: { kind, inheritedMessages, inheritedTokens },
      messages: this.messages,
      counted: this.#counted,
      isStarted: this.#isStarted,
      denial: this.#denial,
      isEnded: this.#isEnded,
      counters: { events: this.#seq, runs: this.#runCount, children: this.#childCount },
      usage: this.#tally.figures(),
      stderrLog: Object.freeze([...this.#stderrLog]),
      run: under && this.#run?.seed(under.turn, under.isInTurn, under.attempt),
      finished: this.#finished,
      children: this.#made.flatMap(({ process: child, callId = "" }) => {
        const seed = seedOf(child.id);
        return seed === undefined ? [] : [{ callId, seed }];
      }),
    };
  }

  /** `node` is where it stands in the tree; undefined where it rests or is over. */
  state(node: TreeProcess<EventRecord> | undefined): FoldedProcess {
    const start = this.#start;
    const { messages } = this;
    return Object.freeze({
      process: start.process,
      origin: start.origin,
      program: start.program,
      messages,
      usage: this.#tally.usage(start.process, messages.length),
      stderrLog: Object.freeze([...this.#stderrLog]),
      seq: this.#seq,
      runCount: this.#runCount,
      childCount: this.#childCount,
      openChildren: Object.freeze(Array.from(this.#openChildren, (child) => child.#start.process.id)),
      run: this.#run && node?.run && this.#runState(this.#run, node.run),
      isEnded: this.#isEnded,
      isWhole: this.#isWhole,
    });
  }

  #runState({ start, tally, retry, lastMessage, vetoes }: FoldedFigures, run: TreeRun<EventRecord>): FoldedRun {
    const { turn, isInTurn, attempt, calls } = run;
    const { runId = "", prompt, metadata } = start;
    return Object.freeze({
      ...{ runId, prompt, metadata, turn, isInTurn, attempt, retry, lastMessage, vetoes },
      message: this.#conversation.message,
      calls: Object.freeze(Array.from(calls.values(), (call) => callState(call, run.of.children))),
      usage: tally.usage(),
      processes: tally.processes(),
    });
  }
}

/** What a process may raise whose start was not allowed yet, or never is. */
const AROUND_START: ReadonlySet<EventRecord["event"]> = new Set([
  "process_start",
  "process_end",
  "callback_error",
  "stderr_write",
]);

function callState(call: TreeCall<EventRecord>, children: Iterable<TreeProcess<EventRecord>>): FoldedCall {
  // A border post: the tree keeps the event that started the call.
  const { callId = "", toolName, toolArgs } = call.start as RecordOf<"tool_start">;
  const made = [...children].filter(({ maker }) => maker === call).map(({ start }) => start.process.id);
  return Object.freeze({ callId, toolName, toolArgs, children: Object.freeze(made) });
}
