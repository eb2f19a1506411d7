import type { EventRecord, RecordOf } from "./event-record.ts";
import { FoldedConversation } from "./folded-conversation.ts";
import type { FoldedCall, FoldedProcess, FoldedRun } from "./folded-process.ts";
import { LifeTally } from "./life-tally.ts";
import type { Message } from "./message.ts";
import { RunTally } from "./run-tally.ts";
import type { TreeCall, TreeProcess, TreeRun } from "./run-tree.ts";
import type { Tally } from "./tally.ts";

/** What one process's records come to. */
export class FoldedLife {
  #parent: FoldedLife | undefined;
  readonly #start: EventRecord;
  /** The run of its parent that it works for. */
  readonly #owner: RunFigures | undefined;
  readonly #conversation: FoldedConversation;
  readonly #tally = new LifeTally();
  readonly #stderrLog: string[] = [];
  readonly #openChildren = new Set<FoldedLife>();
  readonly #isWhole: boolean;
  #childCount = 0;
  #runCount = 0;
  #seq = 0;
  #run: RunFigures | undefined;
  #isEnded = false;

  constructor(first: EventRecord, parent: FoldedLife | undefined, owner: RunFigures | undefined) {
    this.#start = first;
    this.#parent = parent;
    this.#owner = owner;
    const origin = first.event === "process_start" ? first.origin : undefined;
    const inherited = (parent === undefined ? [] : parent.messages).slice(0, origin?.inheritedMessages ?? 0);
    this.#isWhole = origin !== undefined && inherited.length === origin.inheritedMessages;
    this.#conversation = new FoldedConversation(Object.freeze([...inherited, ...(origin?.messages ?? [])]));
    if (origin?.kind === "fork") this.#tally.inherit(origin.inheritedTokens);
    if (parent !== undefined) parent.#link(this);
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
  }

  /** Of one whose parent is not known. */
  get parentId(): string | undefined {
    return this.#parent === undefined ? this.#start.process.parentId : undefined;
  }

  get messages(): readonly Message[] {
    return this.#conversation.messages;
  }

  /** Of the run under way. */
  get run(): RunFigures | undefined {
    return this.#run;
  }

  take(record: EventRecord): void {
    this.#seq = record.seq;
    switch (record.event) {
      case "process_end":
        this.#isEnded = true;
        if (this.#parent !== undefined) this.#parent.#openChildren.delete(this);
        return;
      case "stderr_write":
        this.#stderrLog.push(record.text);
        return;
      case "run_start":
        this.#runCount++;
        this.#run = new RunFigures(record);
        this.#conversation.begin(record.prompt);
        return;
      case "run_end":
        this.#conversation.end();
        this.#run = undefined;
        return;
      default:
        if (this.#run !== undefined) this.#takeInRun(record, this.#run);
    }
  }

  #takeInRun(record: EventRecord, run: RunFigures): void {
    switch (record.event) {
      case "turn_start":
        this.#conversation.beginTurn();
        return;
      case "api_request":
        run.retry = undefined;
        return;
      case "api_response":
      case "api_error":
        this.#endAttempt(record, run);
        return;
      case "response":
        run.say(record.text);
        return;
      case "tool_start":
        for (const tally of this.#tallies(run)) tally.countToolCall();
        return;
      case "turn_end":
        run.texts = [];
        this.#conversation.endTurn(record);
    }
  }

  #endAttempt(record: RecordOf<"api_response"> | RecordOf<"api_error">, run: RunFigures): void {
    if (record.event === "api_error") run.retry = record.retry;
    if (record.message !== undefined) this.#conversation.message = record.message;
    const { bill, model } = record;
    if (bill === undefined || model === undefined) return;
    for (const tally of this.#tallies(run)) {
      tally.countRequest(model);
      tally.countBill(model, bill);
    }
    if (record.event === "api_response") {
      this.#tally.countedTokens = bill.isCounted ? bill.inputTokens + bill.outputTokens : undefined;
    }
  }

  /** Where what it uses counts: for itself, for those above it, and for the runs that it works for. */
  #tallies(run: RunFigures): readonly Tally[] {
    const { process } = this.#start;
    const tallies = [this.#tally.own, run.tally.of(process)];
    let owner = this.#owner;
    for (let above = this.#parent; above !== undefined; above = above.#parent) {
      tallies.push(above.#tally.below);
      if (owner === undefined) continue;
      tallies.push(owner.tally.of(process));
      owner = above.#owner;
    }
    return tallies;
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

  #runState({ start, tally, retry, lastMessage }: RunFigures, run: TreeRun<EventRecord>): FoldedRun {
    const { turn, isInTurn, attempt, calls } = run;
    const { runId = "", prompt, metadata } = start;
    return Object.freeze({
      ...{ runId, prompt, metadata, turn, isInTurn, attempt, retry, lastMessage },
      message: this.#conversation.message,
      calls: Object.freeze(Array.from(calls.values(), (call) => callState(call, run.of.children))),
      usage: tally.usage(),
      processes: tally.processes(),
    });
  }
}

/** What a run under way has come to. */
class RunFigures {
  readonly start: RecordOf<"run_start">;
  readonly tally: RunTally;
  retry: RecordOf<"api_error">["retry"];
  /** Of the reply of this turn. */
  texts: readonly string[] = [];
  lastMessage = "";

  constructor(start: RecordOf<"run_start">) {
    this.start = start;
    this.tally = new RunTally(start.process);
  }

  say(text: string): void {
    this.texts = [...this.texts, text];
    this.lastMessage = this.texts.join("\n");
  }
}

function callState(call: TreeCall<EventRecord>, children: Iterable<TreeProcess<EventRecord>>): FoldedCall {
  // A border post: the tree keeps the event that started the call.
  const { callId = "", toolName, toolArgs } = call.start as RecordOf<"tool_start">;
  const made = [...children].filter(({ maker }) => maker === call).map(({ start }) => start.process.id);
  return Object.freeze({ callId, toolName, toolArgs, children: Object.freeze(made) });
}
