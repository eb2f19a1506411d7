import { isDeepStrictEqual } from "node:util";
import type {
  EventName,
  EventRecord,
  LifeUsage,
  Message,
  ProcessUsage,
  ProcessView,
  RunResult,
  Usage,
} from "../../src/index.ts";
import { Fold } from "../../src/index.ts";

/*
 * The second law: the records of a process are enough to rebuild it. What the fold of the records comes to must be what
 * the live process said of itself when the last of them was raised.
 */

/** How folded and live can differ, by name. */
export const FOLD_RULES = {
  fold_conversation: "The messages differ.",
  fold_tokens: "The counts of tokens, requests or calls differ.",
  fold_cost: "The cost differs.",
  fold_context: "The length of the conversation in tokens differs.",
  fold_flags: "What is doubtful about the figures differs.",
  fold_breakdown: "The usage by process differs.",
  fold_vetoes: "What was denied in the run differs.",
  fold_answer: "The last message differs.",
  fold_tree: "Parent, origin or open children differ.",
  fold_program: "A start does not say what the process runs.",
  fold_under_way: "What is under way differs.",
  fold_missing: "The fold knows nothing of the process, or not all.",
} as const;

export type FoldRule = keyof typeof FOLD_RULES;

export interface FoldProblem {
  readonly rule: FoldRule;
  readonly processId: string;
  readonly seq: number;
  readonly message: string;
}

/** A record, and what its process said of itself when it was raised. */
export interface Witnessed {
  readonly record: EventRecord;
  readonly live?: Live | undefined;
}

export interface Live {
  readonly messages: readonly Message[];
  readonly usage: LifeUsage;
  readonly stderrLog: readonly string[];
}

const SEEN_AT: ReadonlySet<EventName> = new Set(["process_start", "turn_start", "turn_end", "run_end", "process_end"]);

const BORDERS: ReadonlySet<EventName> = new Set(["process_start", "run_end", "process_end"]);

/** To be called when the event is raised. */
export function witness(record: EventRecord, process: ProcessView): Witnessed {
  if (!SEEN_AT.has(record.event)) return { record };
  const { messages, usage, stderrLog } = process;
  return { record, live: { messages, usage, stderrLog } };
}

/** Where the fold of these records differs from what their processes said. */
export function foldProblems(heard: Iterable<Witnessed>): FoldProblem[] {
  return new Law().judge(heard);
}

class Law {
  readonly #fold = new Fold();
  readonly #problems: FoldProblem[] = [];
  /** Attempts and calls under way, and children that are open, as the records have them. */
  readonly #attempts = new Map<string, number>();
  readonly #attemptsOfRoots = new Map<string, number>();
  /** Processes whose end told of no veto: one that came later is in no record until the next snapshot. */
  readonly #endedUnrefused = new Set<string>();
  readonly #calls = new Map<string, string[]>();
  readonly #open = new Map<string, string[]>();

  judge(given: Iterable<Witnessed>): FoldProblem[] {
    const heard = [...given];
    // In a large recording, processes are looked at where they and their runs begin and end: the sums of many turns take long.
    const isSmall = heard.length <= 2000;
    for (const { record, live } of heard) {
      const before = record.event === "run_end" ? this.#fold.process(record.process.id)?.run : undefined;
      this.#fold.take(record);
      this.#note(record);
      if (!isSmall && !BORDERS.has(record.event)) continue;
      const run = before ?? this.#fold.process(record.process.id)?.run;
      if ((record.event === "turn_start" || record.event === "run_end") && run !== undefined) {
        const { runResult } = record;
        this.#compareUsage(record, run.usage, runResult);
        this.#compareBreakdown(record, run.processes, runResult.processes);
        this.#require(run.lastMessage === runResult.lastMessage, "fold_answer", record);
        if (record.event === "run_end") this.#compareVetoes(record, run.vetoes);
      }
      if (live !== undefined) this.#compare(record, live);
      this.#checkUnderWay(record);
    }
    return this.#problems;
  }

  #compare(record: EventRecord, live: Live): void {
    const folded = this.#fold.process(record.process.id);
    this.#require(folded?.isWhole === true, "fold_missing", record);
    if (folded === undefined) return;
    this.#require(isDeepStrictEqual(folded.messages, live.messages), "fold_conversation", record);
    this.#compareUsage(record, folded.usage, live.usage);
    this.#compareUsage(record, folded.usage.own, live.usage.own);
    const { contextTokens, inheritedTokens } = folded.usage;
    const isSame = contextTokens === live.usage.contextTokens && inheritedTokens === live.usage.inheritedTokens;
    this.#require(isSame, "fold_context", record);
  }

  /** All that were denied have ended by now, but for the run itself: this is its end. */
  #compareVetoes(record: Extract<EventRecord, { event: "run_end" }>, folded: RunResult["vetoes"]): void {
    const own = record.veto === undefined ? folded : [...folded, record.veto];
    const byPlace = (vetoes: RunResult["vetoes"]) =>
      vetoes
        .filter(({ event, processId }) => event !== "process_start" || !this.#endedUnrefused.has(processId))
        .map((veto) => JSON.stringify(veto))
        .toSorted();
    this.#require(isDeepStrictEqual(byPlace(own), byPlace(record.runResult.vetoes)), "fold_vetoes", record);
  }

  #compareUsage(record: EventRecord, folded: Usage, live: Usage): void {
    this.#require(isDeepStrictEqual(tokensOf(folded), tokensOf(live)), "fold_tokens", record);
    // Requests under way have left, and are in no record of an end.
    const ahead = live.apiCalls - folded.apiCalls;
    this.#require(ahead >= 0 && ahead <= this.#attemptsUnderWay(record.process.rootId), "fold_tokens", record);
    this.#require(isSameCost(folded, live), "fold_cost", record);
    const isAlike = isDeepStrictEqual(folded.flags, live.flags) && isDeepStrictEqual(folded.unpriced, live.unpriced);
    this.#require(isAlike, "fold_flags", record);
  }

  #compareBreakdown(record: EventRecord, folded: readonly ProcessUsage[], live: readonly ProcessUsage[]): void {
    const known = new Map(folded.map((usage) => [usage.processId, usage]));
    for (const usage of live) {
      const same = known.get(usage.processId);
      known.delete(usage.processId);
      // One whose first request is under way has used nothing yet.
      if (same === undefined) this.#require(usage.totalTokens === 0, "fold_breakdown", record);
      else this.#compareUsage(record, same, usage);
    }
    this.#require(known.size === 0, "fold_breakdown", record);
  }

  #attemptsUnderWay(rootId: string): number {
    return this.#attemptsOfRoots.get(rootId) ?? 0;
  }

  /** What is under way, counted by itself. */
  #note(record: EventRecord): void {
    const { id, parentId, rootId } = record.process;
    const underWay = this.#attemptsOfRoots.get(rootId) ?? 0;
    const siblings = this.#open.get(parentId ?? "") ?? [];
    const calls = this.#calls.get(id) ?? [];
    switch (record.event) {
      case "process_start":
        this.#checkStart(record);
        this.#open.set(parentId ?? "", [...siblings, id]);
        return;
      case "process_end":
        if (record.veto === undefined) this.#endedUnrefused.add(id);
        this.#open.set(
          parentId ?? "",
          siblings.filter((one) => one !== id),
        );
        return;
      case "api_request":
        this.#attempts.set(id, record.attempt ?? 0);
        this.#attemptsOfRoots.set(rootId, underWay + 1);
        return;
      case "api_response":
      case "api_error":
        this.#attempts.delete(id);
        this.#attemptsOfRoots.set(rootId, underWay - 1);
        return;
      case "tool_start":
        this.#calls.set(id, [...calls, record.callId ?? ""]);
        return;
      case "tool_end":
        this.#calls.set(
          id,
          calls.filter((call) => call !== record.callId),
        );
    }
  }

  #checkStart(record: Extract<EventRecord, { event: "process_start" }>): void {
    const { origin, program, process, callId } = record;
    const isMade = origin !== undefined && (origin.kind === "root") === (process.parentId === undefined);
    this.#require(isMade && (callId === undefined || origin.kind !== "root"), "fold_tree", record);
    this.#require(/^[0-9a-f]{64}$/.test(program?.hash ?? "") && program?.model !== undefined, "fold_program", record);
  }

  #checkUnderWay(record: EventRecord): void {
    const { id } = record.process;
    const folded = this.#fold.process(id);
    const run = folded?.run;
    const calls = this.#calls.get(id) ?? [];
    const foldedCalls = run?.calls.map(({ callId }) => callId) ?? [];
    const isSame = run?.attempt === this.#attempts.get(id) && isDeepStrictEqual(foldedCalls, calls);
    this.#require(isSame, "fold_under_way", record);
    this.#require(isDeepStrictEqual(folded?.openChildren, this.#open.get(id) ?? []), "fold_tree", record);
  }

  #require(holds: boolean, rule: FoldRule, { process, seq, event }: EventRecord): void {
    if (holds) return;
    const message = `${process.id} #${seq} ${event}: ${FOLD_RULES[rule]}`;
    this.#problems.push({ rule, processId: process.id, seq, message });
  }
}

function tokensOf(usage: Usage) {
  const { toolCalls, inputTokens, outputTokens, reasoningTokens, totalTokens } = usage;
  const { cachedTokens, cacheWriteTokens, cacheWrite1hTokens } = usage;
  const cached = { cachedTokens, cacheWriteTokens, cacheWrite1hTokens };
  return { toolCalls, inputTokens, outputTokens, reasoningTokens, totalTokens, ...cached };
}

function isSameCost(a: Usage, b: Usage): boolean {
  const keys = ["usdCost", "usdUncertain", "usdReported"] as const;
  return keys.every((key) => Math.abs(a[key] - b[key]) <= 1e-9);
}
